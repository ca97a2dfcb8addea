import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { judge } from './stand/numbers.ts'
import { startNode } from './stand/processes.ts'

// Visitors who ask for large objects and read nothing: how much memory the edge has held, with the default
// of 512 MiB for stored responses. They hold an eighth of that each, nine times as much in all.

const visitors = 72
const bytes = 60 * 2 ** 20
const host = 'unread.test'
// A quarter more than what is stored, and what Node takes for itself and has not collected yet.
const target = { atMost: 512 * 1.25 + 512 }

const origin = await startOrigin()
const edge = await startNode([
  ...['lib/edge/main.ts', '--port', '0', '--control-port', '0', '--secret', 'bench-secret-bench-secret'],
  ...['--origin', `${host}=${origin.url}`],
])
const { port } = new URL(JSON.parse(edge.said).site)
const idle: Socket[] = []
try {
  for (let index = 0; index < visitors; index += 1) {
    const ended = origin.ended()
    idle.push(ask(`/${index}`))
    while (origin.ended() === ended) await delay(10)
  }
  await delay(2_000)
  console.log(`${visitors} visitors ask for ${bytes / 2 ** 20} MiB each and read nothing`)
  judge('edge, most memory held, MiB', peakMiB(edge.pid), target)
} finally {
  for (const socket of idle) socket.destroy()
  await edge.stop()
  origin.stop()
}

/** Sends a request and reads nothing. */
function ask(path: string): Socket {
  const socket = connect(Number(port), '127.0.0.1').pause()
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  return socket
}

function peakMiB(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

async function startOrigin() {
  const body = Buffer.alloc(bytes, 'x')
  let ended = 0
  const server = createServer((_, answer) => {
    answer.writeHead(200, { 'cache-control': 'max-age=3600', 'content-length': bytes })
    answer.end(body, () => (ended += 1))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, ended: () => ended, stop: () => server.close().closeAllConnections() }
}
