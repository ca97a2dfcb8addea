import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import { type DemoFile, DemoSite } from './demo-site.ts'

/** What the demo's origin was asked: the truth about what its caches fetched. */
export type DemoRequest = { method: string; path: string; status: number; atMs: number }

export type DemoOrigin = {
  url: string
  /** The latest requests, oldest first. */
  requests: readonly DemoRequest[]
  stop(): Promise<void>
}

const mostRequests = 10_000

/** Starts the origin of the demo's site on loopback; `port` 0 or none picks a free one. */
export async function startOrigin(
  options: { port?: number; nowMs?: () => number } = {},
): Promise<DemoOrigin> {
  const nowMs = options.nowMs ?? Date.now
  const site = new DemoSite(nowMs)
  const requests: DemoRequest[] = []
  const server = createServer((question, answer) => {
    const { method = '', url: path = '' } = question
    const status = serve(site.find(path.split('?', 1)[0] as string), question, answer)
    requests.push({ method, path, status, atMs: nowMs() })
    if (requests.length > mostRequests) requests.shift()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}`, requests, stop }
}

function serve(file: DemoFile | undefined, question: IncomingMessage, answer: ServerResponse): number {
  if (question.method !== 'GET' && question.method !== 'HEAD') return end(answer, 405, { Allow: 'GET, HEAD' })
  if (!file) return end(answer, 404, { 'Cache-Control': 'max-age=5' })
  const validators = {
    ETag: file.etag,
    'Last-Modified': new Date(file.lastModifiedMs).toUTCString(),
    // A browser asks again at every visit, so that what it shows is what its cache holds.
    'Cache-Control': file.type.startsWith('text/html') ? 'max-age=0, s-maxage=3600' : 'max-age=3600',
  }
  const known = question.headers['if-none-match']?.split(/\s*,\s*/).includes(file.etag)
  if (known) return end(answer, 304, validators)
  answer.writeHead(200, { ...validators, 'Content-Type': file.type, 'Content-Length': file.length })
  if (question.method === 'HEAD') answer.end()
  else send(file, answer)
  return 200
}

function send(file: DemoFile, answer: ServerResponse): void {
  const body = file.make()
  if (Buffer.isBuffer(body)) answer.end(body)
  // A client that goes away in the middle ends the stream; there is nobody to tell.
  else pipeline(body, answer, () => {})
}

function end(answer: ServerResponse, status: number, headers: Record<string, string>): number {
  answer.writeHead(status, headers).end(status === 404 ? 'There is no such page.\n' : undefined)
  return status
}
