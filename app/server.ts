import next from 'next'
import { extendEnvironment, settings, startSettings } from '#lib/settings.ts'
import { openDoor } from './door/door.ts'
import { packedFiles } from './door/packed.ts'
import { isSignedIn } from './door/session-cookie.ts'

/** The launcher waits for 1.5 s; what is under way has this much of it. */
const patienceMs = 1_000

const { host, port, trustedProxies } = settings()
const here = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
const address = `http://${here.includes(':') ? `[${here}]` : here}:${port}`
// Where Next asks itself; else it would try HTTPS behind a proxy that speaks it.
extendEnvironment({ __NEXT_PRIVATE_ORIGIN: address })

const app = next({ dev: false, hostname: host, port })
await app.prepare()
const packed = packedFiles(startSettings().buildFolder)
const pages = app.getRequestHandler()
const server = openDoor({
  serve: (request, response) => packed(request, response) || pages(request, response),
  isSignedIn,
  trustedProxies,
})
// Next logs what nobody catches, and goes on.
server.once('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
server.listen(port, host, () => console.log(`The console listens at ${address}.`))

function stop() {
  server.close(() => process.exit(0))
  // Event streams never end by themselves.
  setTimeout(() => server.closeAllConnections(), patienceMs)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
