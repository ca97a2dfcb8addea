import { Fault } from '#lib/core/fault.ts'

/** A call as it came over HTTP. */
export type HttpCall = {
  method: string
  /** Path and query. */
  url: string
  /** By names in small letters. */
  headers: Readonly<Record<string, string | undefined>>
  body: Buffer
  /** Where the client is, behind proxies that are trusted. */
  address: string
  isSecure: boolean
  requestId: string
}

export type Pair = readonly [name: string, value: string]

/** A call as it is meant, before anything of it is believed. */
export type RpcRequest = {
  /** Version 3 signs headers, version 1 parameters. */
  scheme: 'v1' | 'v3'
  action: string
  version: string
  query: Pair[]
  form: Pair[]
  /** Each name once, of query and form. */
  parameters: ReadonlyMap<string, string>
  format: 'json' | 'xml'
}

/** Whether what comes for `/` is a call of the API and not somebody's browser. */
export function isRpcCall({ method, url, headers }: Pick<HttpCall, 'method' | 'url' | 'headers'>): boolean {
  const [path, query = ''] = url.split('?', 2)
  if (path !== '/') return false
  if (headers['x-acs-action'] !== undefined || isV3(headers)) return true
  if (/(?:^|&)(?:Action|Signature|AccessKeyId)=/.test(query)) return true
  return method === 'POST' && isForm(headers) && headers['next-action'] === undefined
}

/**
 * Takes a call apart. Escapes on the wire differ from client to client, so all is read as it is meant.
 *
 * @throws Fault InvalidAction.NotFound, InvalidParameter
 */
export function readRequest({ method, url, headers, body }: HttpCall): RpcRequest {
  const [path = '', ...rest] = url.split('?')
  const query = pairsOf(rest.join('?'))
  const form = method === 'POST' && isForm(headers) ? pairsOf(body.toString('utf8')) : []
  if (path !== '/') throw new Fault('InvalidAction.NotFound', { given: path.slice(0, 100) })
  if (method !== 'GET' && method !== 'POST') throw new Fault('InvalidAction.NotFound', { given: method })
  const parameters = new Map<string, string>()
  for (const [name, value] of [...query, ...form]) {
    if (`${name}${value}`.includes('\0'))
      throw new Fault('InvalidParameter', {
        field: name,
        given: '',
        rule: 'A parameter holds no null character.',
      })
    // Which of them counts would be for the reader to choose, and the signature would not tell.
    if (parameters.has(name))
      throw new Fault('InvalidParameter', { field: name, given: name, rule: 'Send each parameter once.' })
    parameters.set(name, value)
  }
  const scheme = schemeOf(headers, parameters)
  const said = (header: string, parameter: string) =>
    (scheme === 'v3' ? headers[header] : parameters.get(parameter)) ?? ''
  return {
    ...{ scheme, query, form, parameters },
    action: said('x-acs-action', 'Action'),
    version: said('x-acs-version', 'Version'),
    format: formatOf({ scheme, parameters }),
  }
}

/** Clients of version 1 may send the header with the action too, but never the one that signs. */
function schemeOf(headers: HttpCall['headers'], parameters: RpcRequest['parameters']): RpcRequest['scheme'] {
  if (isV3(headers)) return 'v3'
  return headers['x-acs-action'] === undefined || parameters.has('Signature') ? 'v1' : 'v3'
}

/** A proxy in front may have signed in to something by the same header. */
const isV3 = ({ authorization = '' }: HttpCall['headers']) => authorization.startsWith('ACS3-')

/** Version 1 answers in XML unless it is asked for JSON, version 3 always in JSON. */
function formatOf({ scheme, parameters }: Pick<RpcRequest, 'scheme' | 'parameters'>): RpcRequest['format'] {
  return scheme === 'v3' || /^json$/i.test(parameters.get('Format') ?? 'XML') ? 'json' : 'xml'
}

export function isForm(headers: HttpCall['headers']): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')
}

const mostParameters = 200

/** Decodes `+` as a blank, as forms have it and as some proxies write one. */
function pairsOf(text: string): Pair[] {
  if (text.split('&', mostParameters + 1).length > mostParameters)
    throw new Fault('InvalidParameter', {
      ...{ field: '', given: '', rule: `A call takes at most ${mostParameters} parameters.` },
    })
  return [...new URLSearchParams(text)]
}
