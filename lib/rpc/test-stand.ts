import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openDoor } from '#app/door/door.ts'
import { canonicalRequest, signV1, signV3, stringToSignV1 } from '#lib/core/signature.ts'
import { answerCall } from './dispatch.ts'

/** A key to sign with, and what a test changes of a call that would be right. */
export type Key = { id: string; secret: string }
export type Wire = {
  method?: 'GET' | 'POST'
  scheme?: 'v1' | 'v3'
  version?: string
  /** Where the parameters stand. */
  place?: 'query' | 'form' | 'both'
  format?: string
  time?: Date
  nonce?: string
  /** Changes what is sent once it is signed. */
  tamper?: (sent: Sent) => void
}
type Sent = { method: string; path: string; headers: Record<string, string>; body: string }
/** `is` has any shape: what a program reads of an answer is for each test to say. */
export type Said = { status: number; type: string; text: string; is: any }

/** The door with the API behind it, on a port of its own. */
export async function openApi(takes: 'calls' | 'all' = 'calls'): Promise<{ server: Server; port: number }> {
  const server = openDoor({
    serve: (_, response) => response.end('a page'),
    isSignedIn: async () => false,
    api: { answer: answerCall, takes },
    maxHeadBytes: (takes === 'all' ? 4 * 1024 : 256) * 1024,
    trustedProxies: [],
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

/** Calls as the vendor's clients do. */
export function caller(port: number) {
  return async (
    key: Key,
    action: string,
    own: Record<string, string> = {},
    wire: Wire = {},
  ): Promise<Said> => {
    const sent =
      (wire.scheme ?? 'v3') === 'v3' ? asV3(port, key, action, own, wire) : asV1(key, action, own, wire)
    wire.tamper?.(sent)
    return send(port, sent)
  }
}

const stamp = (time: Date) => `${time.toISOString().slice(0, 19)}Z`

/** Own parameters in query and form; of both, the first half is in the query. */
function split(own: Record<string, string>, place: Wire['place'] = 'form') {
  const pairs = Object.entries(own)
  const inQuery = place === 'query' ? pairs.length : place === 'both' ? Math.ceil(pairs.length / 2) : 0
  return { query: pairs.slice(0, inQuery), form: pairs.slice(inQuery) }
}

function asV3(port: number, key: Key, action: string, own: Record<string, string>, wire: Wire): Sent {
  const method = wire.method ?? 'POST'
  const { query, form } = split(own, method === 'GET' ? 'query' : wire.place)
  const body = new URLSearchParams(form).toString()
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const headers: Record<string, string> = {
    ...(body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    host: `127.0.0.1:${port}`,
    'x-acs-action': action,
    'x-acs-version': wire.version ?? '2018-01-15',
    'x-acs-date': stamp(wire.time ?? new Date()),
    'x-acs-signature-nonce': wire.nonce ?? randomUUID().replaceAll('-', ''),
    'x-acs-content-sha256': bodyHash,
  }
  const signedHeaders = Object.keys(headers).sort()
  const canonical = canonicalRequest({ method, query, headers, signedHeaders, bodyHash })
  headers.authorization =
    `ACS3-HMAC-SHA256 Credential=${key.id},SignedHeaders=${signedHeaders.join(';')},` +
    `Signature=${signV3(canonical, key.secret)}`
  const search = new URLSearchParams(query).toString()
  return { method, path: search === '' ? '/' : `/?${search}`, headers, body }
}

function asV1(key: Key, action: string, own: Record<string, string>, wire: Wire): Sent {
  const method = wire.method ?? 'POST'
  const common = {
    Action: action,
    Version: wire.version ?? '2018-01-15',
    AccessKeyId: key.id,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: wire.nonce ?? randomUUID(),
    Timestamp: stamp(wire.time ?? new Date()),
    ...(wire.format === undefined ? {} : { Format: wire.format }),
  }
  const all = Object.entries({ ...common, ...own })
  const signed = [
    ...all,
    ['Signature', signV1(stringToSignV1(method, all as [string, string][]), key.secret)],
  ]
  const inForm = method === 'POST' && wire.place !== 'query'
  const text = new URLSearchParams(signed as [string, string][]).toString()
  return {
    method,
    path: inForm ? '/' : `/?${text}`,
    headers: inForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
    body: inForm ? text : '',
  }
}

/** Sends without a length, in chunks, as some clients do. */
async function send(port: number, { method, path, headers, body }: Sent): Promise<Said> {
  const message = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
  if (body !== '') message.write(body)
  message.end()
  const [response] = await once(message, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  const type = String(response.headers['content-type'])
  return {
    status: response.statusCode,
    type,
    text,
    is: type.startsWith('application/json') ? JSON.parse(text) : {},
  }
}
