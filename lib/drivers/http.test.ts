import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { connect, describe, refusalOf } from './http.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function listen(listener: RequestListener, port = 0) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function open(address: string) {
  const connection = connect(address)
  stops.push(async () => connection.close())
  return connection
}

const get = { method: 'GET', path: '/x?y' }
const soon = () => AbortSignal.timeout(3_000)

test('an exchange brings status, headers and body, over one connection', async () => {
  const sockets = new Set()
  const address = await listen((question, answer) => {
    sockets.add(question.socket)
    answer.writeHead(201, { 'x-seen': `${question.method} ${question.url}` })
    question.pipe(answer)
  })
  const connection = open(address)
  for (const body of ['one', 'two', 'three']) {
    const exchanged = await connection.exchange({ ...get, method: 'POST', body }, soon())
    expect(exchanged).toMatchObject({
      ok: true,
      answer: { status: 201, body, headers: { 'x-seen': 'POST /x?y' } },
    })
  }
  expect(sockets.size).toBe(1)
})

test('an answer above 64 KB is cut off and unexpected', async () => {
  const connection = open(await listen((_, answer) => answer.end('x'.repeat(10_000_000))))
  const detail = 'answered 200 OK, over 64 KB'
  expect(await connection.exchange(get, soon())).toMatchObject({ ok: false, cause: 'unexpected', detail })
})

test('a redirect is an answer, not a way', async () => {
  const connection = open(
    await listen((_, answer) => answer.writeHead(301, { location: '/elsewhere' }).end()),
  )
  const exchanged = await connection.exchange(get, soon())
  expect(exchanged.ok && refusalOf(exchanged.answer)).toEqual({
    cause: 'unexpected',
    detail: 'answered 301 Moved Permanently, redirects to /elsewhere',
  })
})

test('a reused connection that drops is tried once more, and only once', async () => {
  let drops = 0
  let dropping = false
  const connection = open(
    await listen((question, answer) => {
      if (!dropping) return answer.end('fine')
      drops += 1
      question.socket.destroy()
    }),
  )
  await connection.exchange(get, soon())
  dropping = true
  expect(await connection.exchange(get, soon())).toMatchObject({ ok: false, cause: 'dropped' })
  expect(drops).toBe(2)
  expect(await connection.exchange(get, soon())).toMatchObject({ ok: false, cause: 'dropped' })
  expect(drops).toBe(3)
})

test('a deadline that is over before the start is a timeout', async () => {
  const connection = open(await listen((_, answer) => answer.end()))
  expect(await connection.exchange(get, AbortSignal.abort())).toMatchObject({ ok: false, cause: 'timeout' })
})

test('a header that cannot be sent is no exception', async () => {
  const connection = open(await listen((_, answer) => answer.end()))
  const exchanged = await connection.exchange({ ...get, headers: { authorization: 'a\nb' } }, soon())
  expect(exchanged).toMatchObject({ ok: false, cause: 'unreachable' })
})

test.for(['https://127.0.0.1:1', 'http://does-not-exist.invalid:80'])(
  'nobody at %s is unreachable',
  async (address) => {
    expect(await open(address).exchange(get, soon())).toMatchObject({ ok: false, cause: 'unreachable' })
  },
)

test('TLS to a port that speaks none is unreachable', async () => {
  const address = await listen((_, answer) => answer.end())
  const exchanged = await open(address.replace('http:', 'https:')).exchange(get, soon())
  expect(exchanged).toMatchObject({ ok: false, cause: 'unreachable' })
})

test('words about an answer stay within one line of 300 characters', () => {
  const location = `/${'long'.repeat(500)}`
  expect(describe({ status: 302, headers: { 'content-type': 'text/html', location } })).toMatch(/^.{300}$/)
})
