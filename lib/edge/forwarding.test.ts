import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask, host, TestStand } from './test-stand.ts'

let stand: TestStand

beforeEach(async () => {
  stand = new TestStand()
  await stand.start()
})
afterEach(() => stand.stop())

test('the origin sees who asks and through whom, and nothing of the connection', async () => {
  stand.serve()
  const headers = {
    connection: 'keep-alive, x-mine',
    'x-mine': '1',
    te: 'trailers',
    'x-forwarded-for': '192.0.2.7',
    'proxy-authorization': 'Basic x',
    cookie: 'a=1',
    'if-none-match': '"v"',
  }
  await stand.get('/p?q', { ...headers, host: 'A.test:81' })
  const asked = stand.asked[0]
  expect(asked).toMatchObject({ method: 'GET', url: '/p?q' })
  expect(asked?.headers).toMatchObject({
    host,
    via: '1.1 freshet-test',
    'x-forwarded-for': '192.0.2.7, 127.0.0.1',
    'cdn-loop': stand.edge.instance,
    cookie: 'a=1',
  })
  for (const name of ['x-mine', 'te', 'proxy-authorization', 'if-none-match']) {
    expect(asked?.headers[name]).toBeUndefined()
  }
})

test('the visitor gets the fields of the origin, several lines too, and nothing of its connection', async () => {
  stand.answers = (_, answer) => {
    answer.writeHead(200, [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Name', 'caf\xe9'],
      ['Connection', 'close, x-hop'],
      ['X-Hop', '1'],
    ])
    answer.end()
  }
  const { headers } = await stand.get('/p')
  expect(headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(headers['x-name']).toBe('caf\xe9')
  expect(headers['x-hop']).toBeUndefined()
})

test('a POP fetches through its shield, and each says how it answered', async () => {
  stand.serve({ 'cache-control': 'max-age=60', etag: '"v"' })
  const pop = await stand.add({ name: 'pop', shield: stand.edge.site })
  const visit = () => ask(pop.site, { path: '/p', headers: { host } })
  await stand.get('/p')
  const first = await visit()
  expect(first.body).toBe('1')
  expect(first.headers.via).toBe('1.1 freshet-test, 1.1 freshet-pop')
  expect(first.headers['cache-status']).toMatch(
    /^freshet-test; hit; ttl=\d+, freshet-pop; fwd=uri-miss; fwd-status=200; stored$/,
  )
  expect((await visit()).headers['cache-status']).toMatch(
    /^freshet-test; hit; ttl=\d+, freshet-pop; hit; ttl=\d+$/,
  )
  expect(stand.asked).toHaveLength(1)
})

test('a question to the shield about a stale copy is answered from the copy of the shield', async () => {
  stand.serve({ 'cache-control': 'max-age=60', etag: '"v"' })
  const pop = await stand.add({ name: 'pop', shield: stand.edge.site })
  const visit = () => ask(pop.site, { path: '/p', headers: { host } })
  await visit()
  pop.cache.purgeUrl(host, '/p', 'soft')
  const { body, headers } = await visit()
  expect(body).toBe('1')
  expect(headers['cache-status']).toMatch(
    /^freshet-test; hit; ttl=\d+, freshet-pop; fwd=stale; fwd-status=304$/,
  )
  expect(stand.asked).toHaveLength(1)
})

test('a circle of edges is refused once round', async () => {
  const ports: number[] = []
  const first = await stand.add({ name: 'first', shield: stand.edge.site })
  ports.push(Number(new URL(first.site).port))
  const second = await stand.add({ name: 'second', shield: first.site })
  const port = Number(new URL(stand.edge.site).port)
  await stand.edge.close()
  const third = await stand.add({ name: 'third', shield: second.site, port })
  const told = await ask(third.site, { path: '/p', headers: { host } })
  expect([told.status, told.body]).toEqual([508, 'This request came here before.\n'])
})

test('a request that passed very many caches is refused', async () => {
  const caches = Array.from({ length: 11 }, (_, index) => `cache-${index}`).join(', ')
  expect((await stand.get('/p', { 'cdn-loop': caches })).status).toBe(508)
})

test('an origin that does not answer is told apart from one that is not there', async () => {
  const edge = await stand.add({ silenceTimeoutMs: 100 })
  stand.answers = () => {}
  expect((await ask(edge.site, { path: '/p', headers: { host } })).status).toBe(504)
  const lost = await stand.add({ origins: { [host]: 'http://127.0.0.1:1' } })
  expect((await ask(lost.site, { path: '/p', headers: { host } })).status).toBe(502)
})

test('a kept connection that the origin dropped is no failure', async () => {
  stand.serve()
  await stand.get('/p')
  const { answers } = stand
  stand.answers = (question) => {
    stand.answers = answers
    question.socket.destroy()
  }
  expect((await stand.get('/q')).status).toBe(200)
})
