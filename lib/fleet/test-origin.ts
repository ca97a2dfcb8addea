import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type OriginPage = {
  body: string
  headers?: Record<string, string>
  /** Default: 200. */
  status?: number
  /** How it says whether it changed: an ETag made from its body (the default), `modified`, or not at all. */
  validators?: 'etag' | 'last-modified' | 'none'
  /** Its Last-Modified, in whole seconds; the default is long ago. */
  modified?: Date
  /** Time between the request and the first byte of the answer. */
  delayBeforeHeadersMs?: number
  /** Time between the first half of the body and the second. */
  delayInBodyMs?: number
  /** When it closes the connection in place of the second half of the body. */
  truncatedAt?: Promise<unknown>
}

/** What the origin was asked: the truth about what a cache fetched, whatever the cache says. */
export type OriginRequest = {
  host: string
  /** With its query. */
  path: string
  /** Undefined until it answers. */
  status?: number
}

export type TestOrigin = {
  url: string
  /** What it answers for a path, on every host, to requests that arrive from now on. */
  set(path: string, page: OriginPage): void
  requests: readonly OriginRequest[]
  stop(): Promise<void>
}

/**
 * Starts an origin for tests that answers what it is told, as slowly as it is told, and logs it.
 *
 * The answer is chosen when the request arrives, as a real origin reads its content before it sends
 * it. Each page may be kept for ten minutes, unless its headers say otherwise.
 */
export async function startTestOrigin(): Promise<TestOrigin> {
  const pages = new Map<string, OriginPage>()
  const requests: OriginRequest[] = []
  const server = createServer({ keepAliveTimeout: 0, maxHeaderSize: 65_536 }, (question, answer) => {
    const asked: OriginRequest = { host: question.headers.host ?? '', path: question.url ?? '' }
    requests.push(asked)
    void serve(pages.get(asked.path) ?? missing, question, answer, asked)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    set: (path, page) => void pages.set(path, page),
    requests,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const missing: OriginPage = { body: '', status: 404 }

async function serve(
  page: OriginPage,
  question: IncomingMessage,
  answer: ServerResponse,
  asked: OriginRequest,
) {
  if (page.delayBeforeHeadersMs) await delay(page.delayBeforeHeadersMs)
  const validators = validatorsOf(page)
  const { status = 200 } = page
  asked.status = status === 200 && isUnchanged(validators, question) ? 304 : status
  answer.writeHead(asked.status, { 'Cache-Control': 'max-age=600', ...validators, ...page.headers })
  if (asked.status === 304) return answer.end()
  const half = Math.ceil(page.body.length / 2)
  answer.write(page.body.slice(0, half))
  if (page.truncatedAt) return page.truncatedAt.then(() => question.socket.destroy())
  if (page.delayInBodyMs) await delay(page.delayInBodyMs)
  answer.end(page.body.slice(half))
}

function validatorsOf(page: OriginPage): Record<string, string> {
  const { body, validators = 'etag', modified = new Date(0) } = page
  if (validators === 'none') return {}
  if (validators === 'last-modified') return { 'Last-Modified': modified.toUTCString() }
  return { ETag: `"${createHash('sha256').update(body).digest('base64url')}"` }
}

/** RFC 9110, section 13.1.3: a date counts only where no tag is given. */
function isUnchanged(validators: Record<string, string>, { headers }: IncomingMessage): boolean {
  if (headers['if-none-match']) return headers['if-none-match'] === validators.ETag
  const known = Date.parse(headers['if-modified-since'] ?? '')
  return Date.parse(validators['Last-Modified'] ?? '') <= known
}
