import { once } from 'node:events'
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addressHeader, requestHeader } from './address.ts'
import { openDoor } from './door.ts'

const megabyte = 2 ** 20

/** What came through the door, and how it is answered. */
let seen: { headers: IncomingMessage['headers']; bytes: number }[]
let serve: (request: IncomingMessage, response: ServerResponse) => unknown
let server: ReturnType<typeof openDoor>
let port: number

beforeEach(() => {
  seen = []
  serve = async (message, response) => {
    let bytes = 0
    for await (const chunk of message) bytes += chunk.length
    seen.push({ headers: { ...message.headers }, bytes })
    response.end('served')
  }
  return start({})
})
afterEach(stop)

async function start(limits: { headMs?: number; wholeMs?: number }) {
  server = openDoor({
    serve: (message, response) => serve(message, response),
    isSignedIn: async ({ headers }) => headers.cookie === 'signed in',
    trustedProxies: [],
    ...limits,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
}

function stop() {
  server.close()
  server.closeAllConnections()
}

/** Starts again with less patience than a person has. */
async function hurry() {
  stop()
  await start({ headMs: 200, wholeMs: 400 })
}

function open(bytes: string): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
  return socket
}

/** All that a connection answers to these bytes, until it ends. */
async function raw(bytes: string): Promise<string> {
  let answer = ''
  for await (const chunk of open(bytes)) answer += chunk
  return answer
}

type Ask = { cookie?: string; bytes?: number; chunked?: boolean; agent?: Agent; headers?: object }

async function post({ cookie = '', bytes = 0, chunked = false, agent, headers = {} }: Ask) {
  const length = chunked ? {} : { 'content-length': bytes }
  const message = request({
    ...{ port, host: '127.0.0.1', method: 'POST', agent },
    headers: { cookie, ...length, ...headers },
  })
  message.on('error', () => {})
  for (let left = bytes; left > 0; left -= megabyte) message.write(Buffer.alloc(Math.min(left, megabyte)))
  message.end()
  const [response] = (await once(message, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, text }
}

const host = 'Host: localhost\r\n'
const close = 'Connection: close\r\n\r\n'

test.for([
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['a host that is none', `GET / HTTP/1.1\r\nHost: a b\r\n${close}`, 400],
  ['no path', `GET * HTTP/1.1\r\n${host}${close}`, 400],
  [
    'a length and chunks',
    `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    400,
  ],
  ['a broken chunk', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
  ['TRACE', `TRACE / HTTP/1.1\r\n${host}${close}`, 501],
  ['an address of 1,000 parameters', `GET /?${'a&'.repeat(1_000)} HTTP/1.1\r\n${host}${close}`, 414],
  ['a head of 300 KB', `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(300_000)}\r\n${close}`, 431],
] as const)('%s is refused in a sentence, and the next is answered', async ([, bytes, status]) => {
  expect(await raw(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]+\r\n\r\n[A-Z][^]+\\.\n$`))
  expect(await post({})).toEqual({ status: 200, text: 'served' })
  expect(seen).toHaveLength(1)
})

test.for([
  ['half a head', `GET / HTTP/1.1\r\n${host}`],
  ['half a body', `POST / HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\nhalf`],
] as const)('%s has its time', async ([, bytes]) => {
  await hurry()
  expect(await raw(bytes)).toMatch(/^HTTP\/1.1 408 [^]+\r\n\r\nThis request took too long: [^]+\.\n$/)
  expect(seen).toEqual([])
})

test.for([
  ['of a stranger', { bytes: 64 * 1024 }, 200],
  ['of a stranger, and long', { bytes: 64 * 1024 + 1 }, 401],
  ['of a stranger, long and in chunks', { bytes: megabyte, chunked: true }, 401],
  ['of a user', { bytes: 12 * megabyte, cookie: 'signed in' }, 200],
  ['of a user, in chunks', { bytes: 12 * megabyte, cookie: 'signed in', chunked: true }, 200],
  ['of a user, and too long', { bytes: 12 * megabyte + 1, cookie: 'signed in' }, 413],
  ['of a user, too long and in chunks', { bytes: 13 * megabyte, cookie: 'signed in', chunked: true }, 413],
] as const)('a body %s', async ([, ask, status]) => {
  const answer = await post(ask)
  expect(answer.status).toBe(status)
  if (status === 200) expect(seen[0]?.bytes).toBe(ask.bytes)
  else expect(answer.text).toMatch(/^This request is [\d.]+ [KM]B long or longer, .+ at most\. .+\.\n$/)
})

test('a body is refused before it is sent', async () => {
  const head = (bytes: number) => `POST / HTTP/1.1\r\n${host}Content-Length: ${bytes}\r\n\r\n`
  expect(await raw(head(80 * megabyte))).toMatch(/^HTTP\/1.1 413 /)
  expect(await raw(head(megabyte))).toMatch(/^HTTP\/1.1 401 /)
})

test('the app hears of a request when its body is there', async () => {
  const socket = open(`POST / HTTP/1.1\r\n${host}Content-Length: 8\r\n\r\nhalf`)
  await post({})
  expect(seen).toHaveLength(1)
  socket.write('half')
  await once(socket, 'data')
  expect(seen[1]?.bytes).toBe(8)
})

test('the app works on one large body at a time, and on others meanwhile', async () => {
  const asked: ServerResponse[] = []
  serve = (message, response) =>
    message.headers['content-length'] === '0' ? response.end() : asked.push(response)
  const large = [1, 2].map(() => post({ cookie: 'signed in', bytes: 2 * megabyte }))
  await expect.poll(() => asked.length).toBe(1)
  expect(await post({})).toMatchObject({ status: 200 })
  expect(asked).toHaveLength(1)
  asked[0]?.end('first')
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.end('second')
  expect((await Promise.all(large)).map(({ text }) => text).sort()).toEqual(['first', 'second'])
})

test('streams and connections that wait are no slow requests, and slow ones keep nobody waiting', async () => {
  await hurry()
  let stream: ServerResponse | undefined
  const others = serve
  serve = (message, response) => {
    if (message.url !== '/stream') return others(message, response)
    stream = response
    response.write('open')
  }
  const streaming = open(`GET /stream HTTP/1.1\r\n${host}\r\n`)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  await post({ agent })
  const slow = Array.from({ length: 200 }, () => raw(`POST / HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\n`))
  expect(await post({})).toMatchObject({ status: 200 })
  expect((await Promise.all(slow)).every((answer) => answer.startsWith('HTTP/1.1 408 '))).toBe(true)
  stream?.end('closed')
  let text = ''
  for await (const chunk of streaming) {
    text += chunk
    if (text.includes('closed')) break
  }
  expect(await post({ agent })).toMatchObject({ status: 200 })
  expect(server.listening).toBe(true)
  agent.destroy()
})

test('the app asks itself in the name of its client, and a client cannot', async () => {
  const forged = { [addressHeader]: '6.6.6.6', 'x-freshet-pass': 'guessed', 'x-forwarded-host': 'evil.test' }
  await post({ headers: forged })
  const first = seen[0]?.headers ?? {}
  expect(first).toMatchObject({ [addressHeader]: '127.0.0.1' })
  expect(first[requestHeader]).toMatch(/^[0-9A-F-]{36}$/)
  expect(first['x-forwarded-host']).toBeUndefined()
  await post({ headers: { ...first, [addressHeader]: '198.51.100.1' } })
  expect(seen[1]?.headers).toMatchObject({
    [addressHeader]: '198.51.100.1',
    [requestHeader]: first[requestHeader],
  })
})
