import * as http from 'node:http'
import * as https from 'node:https'
import type { Failure } from './driver.ts'

/** The most of an answer that is read; what our recipes answer is far shorter. */
const maxAnswerBytes = 64 * 1024

export type Request = {
  method: string
  path: string
  headers?: Record<string, string>
  body?: string
}

export type Answer = { status: number; headers: http.IncomingHttpHeaders; body: string }

export type Exchanged = { ok: true; answer: Answer } | ({ ok: false } & Failure)

export type Connection = {
  /**
   * Sends one request and reads its whole answer; follows no redirect and never throws.
   *
   * A reused connection that drops before the answer is no failure: caches close idle connections,
   * and a purge may be repeated, so it is sent at once on a fresh one.
   */
  exchange(request: Request, signal: AbortSignal): Promise<Exchanged>
  close(): void
}

/**
 * Connections to one cache, kept alive.
 *
 * @param address  `http://host:port` or `https://host:port`
 */
export function connect(address: string, options: { maxSockets?: number } = {}): Connection {
  const secure = address.startsWith('https:')
  const settings = { keepAlive: true, maxSockets: options.maxSockets ?? 4 }
  const agent = secure ? new https.Agent(settings) : new http.Agent(settings)
  const send = secure ? https.request : http.request
  const once = (request: Request, signal: AbortSignal, via: http.Agent | false) =>
    exchangeOnce(
      () => send(new URL(request.path, address), { ...request, agent: via, signal }),
      request,
      signal,
    )
  return {
    async exchange(request, signal) {
      const first = await once(request, signal, agent)
      if (first.ok || !first.reused || first.cause !== 'dropped') return first
      return once(request, signal, false)
    },
    close: () => agent.destroy(),
  }
}

type Attempt = { ok: true; answer: Answer } | ({ ok: false; reused: boolean } & Failure)

function exchangeOnce(open: () => http.ClientRequest, what: Request, signal: AbortSignal): Promise<Attempt> {
  return new Promise((resolve) => {
    let sent: http.ClientRequest
    let connected = false
    const fail = (error: NodeJS.ErrnoException) => {
      const failure = signal.aborted ? late(connected) : failureOf(error, connected)
      resolve({ ok: false, reused: sent?.reusedSocket ?? false, ...failure })
    }
    try {
      sent = open()
    } catch (error) {
      // An address or a header that node:http refuses, or a deadline that is already over.
      fail(error as NodeJS.ErrnoException)
      return
    }
    sent.on('socket', (socket) => {
      if (!socket.connecting) connected = true
      else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => (connected = true))
    })
    sent.on('error', fail)
    sent.on('response', (response) => readAnswer(response, resolve, fail))
    // 101 Switching Protocols has no response of its own.
    sent.on('upgrade', ({ statusCode = 101, headers }, socket) => {
      socket.destroy()
      const detail = describe({ status: statusCode, headers })
      resolve({ ok: false, reused: false, cause: 'unexpected', detail })
    })
    sent.end(what.body)
  })
}

function readAnswer(
  response: http.IncomingMessage,
  resolve: (attempt: Attempt) => void,
  fail: (error: Error) => void,
): void {
  const parts: Buffer[] = []
  let bytes = 0
  response.on('data', (part: Buffer) => {
    bytes += part.length
    parts.push(part)
    if (bytes <= maxAnswerBytes) return
    const detail = `${describe({ status: response.statusCode ?? 0, headers: response.headers })}, over 64 KB`
    resolve({ ok: false, reused: false, cause: 'unexpected', detail })
    response.destroy()
  })
  response.on('error', fail)
  response.on('end', () => {
    const body = Buffer.concat(parts).toString('utf8')
    resolve({ ok: true, answer: { status: response.statusCode ?? 0, headers: response.headers, body } })
  })
}

function late(connected: boolean): Failure {
  return {
    cause: 'timeout',
    detail: connected ? 'connected, and no whole answer in time' : 'no connection in time',
  }
}

function failureOf(error: NodeJS.ErrnoException, connected: boolean): Failure {
  const code = error.code ?? error.message
  if (code.startsWith('HPE_')) return { cause: 'unexpected', detail: `the answer is no HTTP (${code})` }
  if (connected) return { cause: 'dropped', detail: `the connection closed before the answer (${code})` }
  return { cause: 'unreachable', detail: code.slice(0, 300) }
}

/** An answer that our recipe never gives, as a failure. 401 and 403 refuse our secret. */
export function refusalOf(answer: Answer): Failure {
  const refused = answer.status === 401 || answer.status === 403
  return { cause: refused ? 'credentials' : 'unexpected', detail: describe(answer) }
}

/** An answer in a few words: its status and what its body claims to be. */
export function describe({ status, headers }: Omit<Answer, 'body'>): string {
  const type = headers['content-type']
  const parts = [`answered ${status} ${http.STATUS_CODES[status] ?? ''}`.trim()]
  if (type) parts.push(type)
  if (headers.location) parts.push(`redirects to ${headers.location}`)
  return parts.join(', ').slice(0, 300)
}
