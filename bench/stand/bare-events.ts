import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

// The least that a server of events can do: the same bytes to everybody, ten times a second.

const bytes = Number(process.argv[2])
const open = new Set<ServerResponse>()
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  open.add(response)
  response.on('close', () => open.delete(response))
})
let sent = 0
setInterval(() => {
  sent += 1
  const event = Buffer.from(`data: ${JSON.stringify([{ id: sent, filling: 'x'.repeat(bytes) }])}\n\n`)
  for (const response of open) response.write(event)
}, 100)
server.listen(0, '127.0.0.1', () => {
  console.log(
    JSON.stringify({ ready: true, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  )
})
process.on('SIGTERM', () => process.exit(0))
