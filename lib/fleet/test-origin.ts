import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type OriginPage = {
  body: string
  headers?: Record<string, string>
  /** Time between the request and the first byte of the answer. */
  delayBeforeHeadersMs?: number
  /** Time between the first half of the body and the second. */
  delayInBodyMs?: number
}

/** What the origin was asked: the truth about what a cache fetched, whatever the cache says. */
export type OriginRequest = {
  host: string
  /** With its query. */
  path: string
  /** Undefined until it answers. */
  status?: 200 | 304 | 404
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
 * it. Each page has an ETag made from its body, and may be kept for ten minutes.
 */
export async function startTestOrigin(): Promise<TestOrigin> {
  const pages = new Map<string, OriginPage>()
  const requests: OriginRequest[] = []
  const server = createServer({ keepAliveTimeout: 0, maxHeaderSize: 65_536 }, (question, answer) => {
    const asked: OriginRequest = { host: question.headers.host ?? '', path: question.url ?? '' }
    requests.push(asked)
    void serve(pages.get(asked.path), question, answer, asked)
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

async function serve(
  page: OriginPage | undefined,
  question: IncomingMessage,
  answer: ServerResponse,
  asked: OriginRequest,
) {
  if (page?.delayBeforeHeadersMs) await delay(page.delayBeforeHeadersMs)
  const etag = `"${createHash('sha256')
    .update(page?.body ?? '')
    .digest('base64url')}"`
  asked.status = !page ? 404 : question.headers['if-none-match'] === etag ? 304 : 200
  answer.writeHead(asked.status, { 'Cache-Control': 'max-age=600', ETag: etag, ...page?.headers })
  if (!page || asked.status === 304) return answer.end()
  const half = Math.ceil(page.body.length / 2)
  answer.write(page.body.slice(0, half))
  if (page.delayInBodyMs) await delay(page.delayInBodyMs)
  answer.end(page.body.slice(half))
}
