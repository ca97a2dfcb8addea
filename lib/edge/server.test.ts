import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startEdge } from './server.ts'
import { ask, gate, host, raw, secret, TestStand } from './test-stand.ts'

let stand: TestStand

beforeEach(async () => {
  stand = new TestStand()
  await stand.start()
  stand.serve()
})
afterEach(() => stand.stop())

const closing = 'Connection: close\r\n\r\n'

test.for([
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['no host', `GET / HTTP/1.1\r\n${closing}`, 400],
  ['a host that is none', `GET / HTTP/1.1\r\nHost: a b\r\n${closing}`, 400],
  ['a host of others', `GET / HTTP/1.1\r\nHost: other.test\r\n${closing}`, 421],
  ['a host named like a property', `GET / HTTP/1.1\r\nHost: constructor\r\n${closing}`, 421],
  ['no path', `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n${closing}`, 400],
  ['a fragment', `GET /a#b HTTP/1.1\r\nHost: ${host}\r\n${closing}`, 400],
  ['bytes beyond ASCII in its path', `GET /caf\xc3\xa9 HTTP/1.1\r\nHost: ${host}\r\n${closing}`, 400],
  ['a header of 100 KB', `GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${'x'.repeat(100_000)}\r\n${closing}`, 431],
  ['TRACE', `TRACE / HTTP/1.1\r\nHost: ${host}\r\n${closing}`, 501],
  ['PURGE', `PURGE / HTTP/1.1\r\nHost: ${host}\r\n${closing}`, 501],
  [
    'two lengths',
    `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n${closing}x`,
    400,
  ],
  [
    'a length and chunks',
    `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n${closing}0\r\n\r\n`,
    400,
  ],
] as const)('a request with %s is refused, and the next is answered', async ([, bytes, status]) => {
  expect(await raw(stand.edge.site, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect((await stand.get('/p')).status).toBe(200)
  expect(stand.asked).toHaveLength(1)
})

test('the body of a GET reaches nobody', async () => {
  const bytes = `GET /p HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\n${closing}evil`
  expect(await raw(stand.edge.site, bytes)).toMatch(/^HTTP\/1.1 200 /)
  expect(stand.asked[0]?.headers['content-length']).toBeUndefined()
})

test('paths with dot segments are passed on and never stored', async () => {
  for (let visit = 0; visit < 2; visit += 1) await stand.get('/a/%2e%2e/p')
  expect(stand.asked).toHaveLength(2)
  expect(stand.edge.cache.entries).toBe(0)
})

test('pipelined requests are answered in order', async () => {
  const one = (path: string, last: string) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${last}\r\n`
  const answered = await raw(
    stand.edge.site,
    one('/p', '') + one('/p', '') + one('/q', 'Connection: close\r\n'),
  )
  expect(answered.match(/HTTP\/1.1 200 OK\r\n/g)).toHaveLength(3)
  expect(answered.endsWith('2')).toBe(true)
})

test('pipelined requests are not served before the answers ahead of them are out', async () => {
  const held = gate()
  const { answers } = stand
  stand.answers = async (question, answer) => {
    await held.opened
    answers(question, answer)
  }
  const get = (path: string, last = '') => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${last}\r\n`
  const few = raw(stand.edge.site, get('/1') + get('/2') + get('/3', 'Connection: close\r\n'))
  const many = raw(stand.edge.site, Array.from({ length: 50 }, (_, index) => get(`/many/${index}`)).join(''))
  expect(await many).toBe('')
  await expect.poll(() => stand.asked.length).toBeGreaterThan(0)
  expect(stand.asked.map(({ url }) => url).filter((url) => url !== '/many/0')).toEqual(['/1'])
  held.open()
  expect((await few).match(/HTTP\/1.1 200 OK\r\n/g)).toHaveLength(3)
})

test('a client that resets in the middle of its request costs nothing', async () => {
  const { port } = new URL(stand.edge.site)
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      const head = `POST /p HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\nhalf`
      socket.write(head, () => socket.resetAndDestroy())
    })
    socket.on('close', () => resolve())
  })
  expect((await stand.get('/p')).status).toBe(200)
})

test('a port in use is an error, and leaves nothing behind', async () => {
  const port = Number(new URL(stand.edge.site).port)
  const options = { name: 'x', secret, version: '1', origins: {}, port: 0, controlPort: port }
  await expect(startEdge(options)).rejects.toThrow('EADDRINUSE')
})

test('closing ends connections at once', async () => {
  stand.answers = () => {}
  const waiting = ask(stand.edge.site, { path: '/p', headers: { host } })
  waiting.catch(() => {})
  await expect.poll(() => stand.asked.length).toBe(1)
  await stand.edge.close()
  await expect(waiting).rejects.toThrow()
})
