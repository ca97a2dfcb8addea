import next from 'next'
import { answerCall } from '#lib/rpc/dispatch.ts'
import { extendEnvironment, settings, startSettings } from '#lib/settings.ts'
import { openDoor } from './door/door.ts'
import { packedFiles } from './door/packed.ts'
import { isSignedIn } from './door/session-cookie.ts'

/** The launcher waits for 1.5 s; what is under way has this much of it. */
const patienceMs = 1_000

const { host, port, apiPort, trustedProxies } = settings()
const here = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
const origin = (at: number | undefined) => `http://${here.includes(':') ? `[${here}]` : here}:${at}`
const address = origin(port)
// Where Next asks itself; else it would try HTTPS behind a proxy that speaks it.
extendEnvironment({ __NEXT_PRIVATE_ORIGIN: address })

const app = next({ dev: false, hostname: host, port })
await app.prepare()
const packed = packedFiles(startSettings().buildFolder)
const pages = app.getRequestHandler()
const server = openDoor({
  serve: (request, response) => packed(request, response) || pages(request, response),
  isSignedIn,
  api: { answer: answerCall, takes: 'calls' },
  trustedProxies,
})
/** The API alone, for those who send a thousand URLs in an address. */
const apiServer =
  apiPort === undefined
    ? undefined
    : openDoor({
        serve: () => undefined,
        isSignedIn,
        api: { answer: answerCall, takes: 'all' },
        maxHeadBytes: 4 * 2 ** 20,
        trustedProxies,
      })
const servers = [server, ...(apiServer ? [apiServer] : [])]
// Next logs what nobody catches, and goes on.
for (const each of servers)
  each.once('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
server.listen(port, host, () => console.log(`The console listens at ${address}.`))
apiServer?.listen(apiPort, host, () => console.log(`The API listens at ${origin(apiPort)} too.`))

function stop() {
  const closed = servers.map((each) => new Promise((resolve) => each.close(resolve)))
  void Promise.all(closed).then(() => process.exit(0))
  // Event streams never end by themselves.
  setTimeout(() => {
    for (const each of servers) each.closeAllConnections()
  }, patienceMs)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
