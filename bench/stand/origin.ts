import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type BenchOrigin = {
  url: string
  /** How many requests it has answered. */
  count(): number
  /** When each request came, monotonic ms. */
  times: number[]
  stop(): void
}

/** Starts an origin that answers every path with the same body, which may be kept for an hour and has an ETag. */
export async function startOrigin(bytes = 100): Promise<BenchOrigin> {
  const times: number[] = []
  const validator = { etag: '"1"', 'cache-control': 'max-age=3600' }
  const headers = { ...validator, 'content-type': 'text/css', 'content-length': bytes }
  const body = Buffer.alloc(bytes, 'x')
  const server = createServer((question, answer) => {
    times.push(performance.now())
    if (question.headers['if-none-match']) answer.writeHead(304, validator).end()
    else answer.writeHead(200, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, count: () => times.length, times, stop: () => server.close().closeAllConnections() }
}
