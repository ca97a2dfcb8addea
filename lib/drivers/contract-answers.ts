import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { commandOf, contractDomains, deadlineMs, type Stand } from './contract-stand.ts'
import type { Cause } from './driver.ts'

type Impostor = { says: string; answers: RequestListener; cause: Cause }

const page = (status: number, headers: Record<string, string> = {}): RequestListener => {
  return (_, answer) =>
    answer.writeHead(status, { 'Content-Type': 'text/html', ...headers }).end('<p>Hello</p>')
}

/** What may listen where a cache was expected. */
const impostors: Impostor[] = [
  { says: '200 and a web page', answers: page(200), cause: 'unexpected' },
  { says: '200 and nothing', answers: (_, answer) => answer.end(), cause: 'unexpected' },
  { says: '204', answers: (_, answer) => answer.writeHead(204).end(), cause: 'unexpected' },
  { says: '301', answers: page(301, { Location: '/' }), cause: 'unexpected' },
  { says: '307', answers: page(307, { Location: 'http://127.0.0.1:1/' }), cause: 'unexpected' },
  { says: '400', answers: page(400), cause: 'unexpected' },
  { says: '401', answers: page(401), cause: 'credentials' },
  { says: '403', answers: page(403), cause: 'credentials' },
  { says: '404', answers: page(404), cause: 'unexpected' },
  { says: '405', answers: page(405), cause: 'unexpected' },
  { says: '503', answers: page(503), cause: 'unexpected' },
  { says: 'nothing, ever', answers: () => {}, cause: 'timeout' },
  {
    says: 'half an answer, then nothing',
    answers: (_, answer) => void answer.write('half'),
    cause: 'timeout',
  },
  { says: 'nothing, and closes', answers: (question) => question.socket.destroy(), cause: 'dropped' },
  {
    says: 'half an answer, and closes',
    answers: (question, answer) => {
      answer.writeHead(200, { 'Content-Length': '9' }).write('half', () => question.socket.destroy())
    },
    cause: 'dropped',
  },
  { says: 'no HTTP', answers: (question) => question.socket.end('220 smtp ready\r\n'), cause: 'unexpected' },
]

/** Whatever listens at its address, and whatever becomes of the connection, a driver says it as it is. */
export function testAnswers(stand: Stand) {
  test.for(impostors)('from a listener that says $says', async ({ answers, cause }) => {
    const listener = await listen(createHttpServer(answers))
    const driver = stand.cache.kind.open({ address: listener.address, secret: stand.cache.secret })
    const commands = [
      commandOf({ targets: ['/a'] }),
      commandOf({ targets: ['/b'], domain: contractDomains[1] }, 1),
    ]
    const signal = () => AbortSignal.timeout(cause === 'timeout' ? 200 : deadlineMs)
    const again = { kind: 'again', scope: 'cache', cause, detail: expect.stringMatching(/^.{1,300}$/) }
    expect(await driver.deliver(commands, signal())).toEqual([again, again])
    expect(await driver.probe(signal())).toMatchObject({ ok: false, cause })
    await driver.close()
    await listener.stop()
  })

  test('from nobody', async () => {
    const listener = await listen(createServer())
    await listener.stop()
    const driver = stand.cache.kind.open({ address: listener.address, secret: stand.cache.secret })
    const startMs = performance.now()
    const outcomes = await driver.deliver([commandOf({ targets: ['/a'] })], AbortSignal.timeout(deadlineMs))
    expect(outcomes).toMatchObject([{ kind: 'again', scope: 'cache', cause: 'unreachable' }])
    expect(performance.now() - startMs).toBeLessThan(deadlineMs)
    await driver.close()
  })

  test('from the cache, when the secret is wrong', async () => {
    await stand.store(['/secret'], 'page')
    const driver = stand.cache.kind.open({ ...stand.cache, secret: 'not-the-secret' })
    const outcomes = await driver.deliver(
      [commandOf({ targets: ['/secret'] })],
      AbortSignal.timeout(deadlineMs),
    )
    expect(outcomes).toMatchObject([{ kind: 'again', scope: 'cache', cause: 'credentials' }])
    expect(JSON.stringify(outcomes)).not.toContain('not-the-secret')
    expect(await stand.kept(['/secret'])).toEqual(['/secret'])
    await driver.close()
  })

  test('from an idle connection that the cache closed; it opens another', async () => {
    const proxy = await listen(createServer((socket) => closeOnReuse(socket, stand.cache.address)))
    const driver = stand.cache.kind.open({ ...stand.cache, address: proxy.address })
    for (const path of ['/idle/1', '/idle/2', '/idle/3']) {
      await stand.store([path], 'page')
      const outcomes = await driver.deliver([commandOf({ targets: [path] })], AbortSignal.timeout(deadlineMs))
      expect(outcomes).toEqual([{ kind: 'done' }])
      expect(await stand.kept([path])).toEqual([])
    }
    await driver.close()
    await proxy.stop()
  })

  test('when there is nothing to do', async () => {
    expect(await stand.deliver()).toEqual([])
  })
}

/** What "test connection" must find out. */
export function testProbe(stand: Stand) {
  test('and proves that a purge works', async () => {
    const result = await stand.driver.probe(AbortSignal.timeout(deadlineMs))
    expect(result).toMatchObject({ ok: true, ms: expect.any(Number) })
    expect(result.proved).toEqual(expect.arrayContaining(['reachable', 'authorised', 'purged']))
    expect(await stand.driver.ping(AbortSignal.timeout(deadlineMs))).toBeUndefined()
  })

  test('and says that the secret is wrong', async () => {
    const driver = stand.cache.kind.open({ ...stand.cache, secret: 'not-the-secret' })
    const result = await driver.probe(AbortSignal.timeout(deadlineMs))
    expect(result).toMatchObject({ ok: false, cause: 'credentials', proved: ['reachable'] })
    expect(await driver.ping(AbortSignal.timeout(deadlineMs))).toMatchObject({ cause: 'credentials' })
    await driver.close()
  })

  test('and says that nobody listens', async () => {
    const driver = stand.cache.kind.open({ ...stand.cache, address: 'http://127.0.0.1:1' })
    const result = await driver.probe(AbortSignal.timeout(deadlineMs))
    expect(result).toMatchObject({ ok: false, cause: 'unreachable', proved: [] })
    expect(await driver.ping(AbortSignal.timeout(deadlineMs))).toMatchObject({ cause: 'unreachable' })
    await driver.close()
  })
}

/** A proxy that lets one exchange through and closes the connection under the next. */
function closeOnReuse(socket: Socket, address: string) {
  const { hostname, port } = new URL(address)
  const onward = connect(Number(port), hostname)
  let answered = false
  onward.on('data', (data) => {
    answered = true
    socket.write(data)
  })
  socket.on('data', (data) => (answered ? socket.destroy() : onward.write(data)))
  socket.on('close', () => onward.destroy()).on('error', () => {})
  onward.on('close', () => socket.destroy()).on('error', () => {})
}

/** Listens on a free port of loopback. */
async function listen(server: Server) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { address: `http://127.0.0.1:${port}`, stop }
}
