import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createListener, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Edge, startEdge } from '#lib/edge/server.ts'
import type { Driver, Fetch } from './driver.ts'
import { edge as edgeKind } from './edge.ts'
import { connections, openVisits, type Visits } from './visit.ts'

const domain = 'one.contract.test'
const secret = 'only-for-tests'
const mebibyte = 1024 * 1024
const gzip = [['Accept-Encoding', 'gzip']] as const
const aDay = 'Sun, 06 Nov 1994 08:49:37 GMT'
const aMinuteLater = 'Sun, 06 Nov 1994 08:50:37 GMT'
const cacheable = { 'cache-control': 'max-age=600' }

const call = (target: string, more: Partial<Fetch> = {}): Fetch => {
  return { domain, target, headers: gzip, maxBytes: mebibyte, ...more }
}

async function listenAt(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a fetch through an edge', () => {
  let answers: RequestListener
  let asked: IncomingMessage[]
  let edge: Edge
  let driver: Driver
  const origin = createServer((question, answer) => {
    asked.push(question)
    answers(question, answer)
  })
  beforeAll(async () => {
    const origins = { [domain]: await listenAt(origin) }
    const ports = { port: 0, controlPort: 0 }
    edge = await startEdge({ name: 'test', secret, ...ports, origins, silenceTimeoutMs: 300 })
    driver = edgeKind.open({ address: edge.control, secret })
  })
  beforeEach(() => {
    asked = []
  })
  afterAll(async () => {
    await driver.close()
    await edge.close()
    origin.closeAllConnections()
    origin.close()
  })

  const fetch = (target: string, more: Partial<Fetch> = {}, signal = AbortSignal.timeout(10_000)) =>
    driver.fetch(call(target, more), () => {}, signal)
  const purge = (target: string) =>
    driver.deliver(
      [{ seq: 1, domain, kind: 'url', mode: 'hard', targets: [target] }],
      AbortSignal.timeout(3_000),
    )
  const answer = (status: number, headers: Record<string, string>, body = 'body') => {
    answers = (_, response) => response.writeHead(status, headers).end(body)
  }

  test('is kept, and found there by the next one, for who accepts the same', async () => {
    answer(200, { ...cacheable, vary: 'accept-encoding' })
    expect(await fetch('/kept?x')).toEqual({ is: 'kept', hit: false, bytes: 4 })
    expect(await fetch('/kept?x')).toEqual({ is: 'kept', hit: true, bytes: 4 })
    expect(await fetch('/kept?x', { headers: [] })).toEqual({ is: 'kept', hit: false, bytes: 4 })
    expect(asked.map(({ url, headers }) => [url, headers.host, headers['accept-encoding']])).toEqual([
      ['/kept?x', domain, 'gzip'],
      ['/kept?x', domain, undefined],
    ])
  })

  test('tells how far it is, and of how much where that is known', async () => {
    const told: unknown[] = []
    const body = 'x'.repeat(300_000)
    answer(200, { ...cacheable, 'content-length': String(body.length) }, body)
    await driver.fetch(call('/far'), (...now) => told.push(now), AbortSignal.timeout(3_000))
    expect(told.length).toBeGreaterThan(1)
    expect(told.at(-1)).toEqual([300_000, 300_000])
    answers = (_, response) => {
      response.writeHead(200, cacheable).write('half')
      response.end()
    }
    await driver.fetch(call('/unknown'), (...now) => told.push(now), AbortSignal.timeout(3_000))
    expect(told.at(-1)).toEqual([4, undefined])
  })

  test('that only found out that nothing changed is kept', async () => {
    answers = ({ headers }, response) => {
      response.writeHead(headers['if-none-match'] ? 304 : 200, { ...cacheable, etag: '"v"' }).end()
    }
    await fetch('/asked')
    await driver.deliver(
      [{ seq: 1, domain, kind: 'directory', mode: 'soft', targets: ['/'] }],
      AbortSignal.timeout(3_000),
    )
    expect(await fetch('/asked')).toMatchObject({ is: 'kept', hit: false })
    expect(asked[1]?.headers['if-none-match']).toBe('"v"')
  })

  test.for([
    ['no-store', { 'cache-control': 'no-store' }, 'Cache-Control: no-store'],
    ['no-cache', { 'cache-control': 'no-cache', etag: '"v"' }, 'Cache-Control: no-cache'],
    ['a past date', { expires: aDay, date: aMinuteLater }, `Expires: ${aDay}`],
    ['Vary: *', { ...cacheable, vary: '*' }, 'Cache-Control: max-age=600; Vary: *'],
    ['a cookie', { ...cacheable, 'set-cookie': 'session=secret' }, 'Cache-Control: max-age=600; Set-Cookie'],
    ['nothing', {}, 'its answer says nothing about caches'],
  ] as const)('of what says %s is not kept', async ([, headers, detail]) => {
    answer(200, headers)
    expect(await fetch('/not-kept')).toEqual({ is: 'not-kept', bytes: 4, detail })
  })

  test.for([
    [404, cacheable, {}],
    [204, cacheable, {}],
    [301, { location: '/else?where' }, { location: '/else?where' }],
    [503, { 'retry-after': '7' }, { retryAfterMs: 7_000 }],
    [503, { 'retry-after': aMinuteLater, date: aDay }, { retryAfterMs: 60_000 }],
    [503, { 'retry-after': aDay, date: aMinuteLater }, { retryAfterMs: 0 }],
    [503, { 'retry-after': 'soon' }, {}],
    [429, {}, {}],
  ] as const)('that is answered %i with %o tells so', async ([status, headers, told]) => {
    answer(status, headers, status === 204 ? '' : 'sorry')
    expect(await fetch(`/status/${status}`)).toEqual({ is: 'status', status, ...told })
  })

  const cut: Record<string, (response: ServerResponse, socket: Socket) => void> = {
    'with less than its length': (response, socket) => {
      response.writeHead(200, { ...cacheable, 'content-length': '10' })
      response.write('half', () => socket.end())
    },
    'with broken chunks': (_, socket) => {
      const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncache-control: max-age=600\r\n\r\n'
      socket.end(`${head}4\r\nhalf\r\nno-number`)
    },
    'after its head': (response, socket) => {
      response.writeHead(200, { ...cacheable, 'content-length': '10' }).flushHeaders()
      socket.end()
    },
  }
  test.for([
    ['with less than its length', 'ended after 4 of 10 bytes'],
    ['with broken chunks', 'ended after 4 of an unknown number of bytes'],
    ['after its head', 'ended after 0 of 10 bytes'],
  ] as const)('that the origin ends %s is truncated, and not kept', async ([how, detail]) => {
    answers = ({ socket }, response) => cut[how]?.(response, socket)
    const target = `/cut?${how.replaceAll(' ', '-')}`
    expect(await fetch(target)).toMatchObject({ is: 'broken', cause: 'truncated', detail })
    answer(200, cacheable)
    expect(await fetch(target)).toMatchObject({ is: 'kept', hit: false })
  })

  test('of more than is wanted ends at its head where the length is told', async () => {
    answer(200, { ...cacheable, 'content-length': '5000' }, 'x'.repeat(5_000))
    const detail = '5000 bytes, and at most 4999 are fetched'
    const fetched = await fetch('/long', { maxBytes: 4_999 })
    expect(fetched).toEqual({ is: 'broken', cause: 'oversized', bytes: 0, detail })
    expect(await fetch('/long', { maxBytes: 5_000 })).toMatchObject({ is: 'kept', bytes: 5_000 })
  })

  test('of more than is wanted ends there where no length is told', async () => {
    const closed = Promise.withResolvers<void>()
    answers = (_, response) => {
      response.writeHead(200, { 'cache-control': 'no-store' }).on('close', closed.resolve)
      const more = () => {
        while (response.write(Buffer.alloc(10_000)));
        response.once('drain', more)
      }
      more()
    }
    const fetched = await fetch('/endless', { maxBytes: 50_000 })
    expect(fetched).toMatchObject({ is: 'broken', cause: 'oversized' })
    await closed.promise
  })

  test('from an origin that says nothing is answered by the edge', async () => {
    answers = () => {}
    expect(await fetch('/silent')).toEqual({ is: 'status', status: 504 })
  })

  test('from an origin that falls silent within its body is truncated', async () => {
    answers = (_, response) => void response.writeHead(200, cacheable).write('half')
    expect(await fetch('/silent/half')).toMatchObject({ is: 'broken', cause: 'truncated', bytes: 4 })
  })

  test.for([false, true])('that a purge overtakes is not kept (a hit: %s)', async (hit) => {
    const body = Buffer.alloc(20 * mebibyte)
    const held = Promise.withResolvers<void>()
    answers = async (_, response) => {
      response.writeHead(200, cacheable).write(body.subarray(mebibyte))
      await held.promise
      response.end(body.subarray(0, mebibyte))
    }
    const target = `/overtaken/${hit}`
    if (hit) {
      held.resolve()
      expect(await fetch(target, { maxBytes: Infinity })).toMatchObject({ is: 'kept' })
    }
    let purged: Promise<unknown> | undefined
    const onBytes = () => {
      purged ??= purge(target).then(() => held.resolve())
    }
    const fetching = driver.fetch(call(target, { maxBytes: Infinity }), onBytes, AbortSignal.timeout(10_000))
    expect(await fetching).toMatchObject({ is: 'not-kept', bytes: body.length })
    await purged
  })

  test('that is given up ends, before it begins or within its body', async () => {
    answers = (_, response) => void response.writeHead(200, cacheable).write('half')
    const before = await fetch('/given-up', {}, AbortSignal.abort())
    expect(before).toMatchObject({ is: 'broken', cause: 'timeout', bytes: 0 })
    const giveUp = new AbortController()
    const fetched = await driver.fetch(call('/given-up'), () => giveUp.abort(), giveUp.signal)
    const detail = 'given up after 4 of an unknown number of bytes'
    expect(fetched).toEqual({ is: 'broken', cause: 'timeout', bytes: 4, detail })
  })

  test('that cannot be sent is no exception', async () => {
    const broken = await fetch('/broken', { headers: [['X', 'a\nb']] })
    expect(broken).toMatchObject({ is: 'unreachable', cause: 'unexpected' })
  })
})

describe('a fetch through something like a cache', () => {
  const stops: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  /** Answers each request as told; connections are numbered from 1 on. */
  async function openAt(
    answer: (socket: Socket, connection: number, asked: string) => void,
  ): Promise<Visits> {
    let connections = 0
    const sockets: Socket[] = []
    const server = createListener((socket) => {
      connections += 1
      const connection = connections
      sockets.push(socket.on('error', () => {}))
      socket.on('data', (asked) => answer(socket, connection, String(asked)))
    })
    const site = await listenAt(server)
    const door = { site: async () => site, onlyIfKept: {}, isHit: () => false }
    const visits = openVisits(door, 200)
    stops.push(async () => {
      await visits.close()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    return visits
  }

  const fetchFrom = (visits: Visits, signal = AbortSignal.timeout(10_000)) =>
    visits.fetch(call('/p'), () => {}, signal)
  const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'

  test('that says nothing is a timeout', async () => {
    const fetched = await fetchFrom(await openAt(() => {}))
    expect(fetched).toMatchObject({ is: 'broken', cause: 'timeout', bytes: 0 })
  })

  test('that falls silent within its body is a timeout', async () => {
    const visits = await openAt((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'))
    const detail = 'silent after 4 of 9 bytes'
    expect(await fetchFrom(visits)).toEqual({ is: 'broken', cause: 'timeout', bytes: 4, detail })
  })

  test('that drops one connection is asked once more, and that drops two is unreachable', async () => {
    const once = await openAt((socket, connection) => {
      if (connection === 1) socket.destroy()
      else socket.write(whole)
    })
    expect(await fetchFrom(once)).toMatchObject({ is: 'kept' })
    const always = await openAt((socket) => socket.destroy())
    expect(await fetchFrom(always)).toMatchObject({ is: 'unreachable', cause: 'dropped' })
  })

  test('that speaks no HTTP is unexpected', async () => {
    const visits = await openAt((socket) => socket.end('hello\r\n\r\n'))
    expect(await fetchFrom(visits)).toMatchObject({ is: 'unreachable', cause: 'unexpected' })
  })

  test('that is not there is unreachable', async () => {
    const door = { site: async () => 'http://127.0.0.1:1', onlyIfKept: {}, isHit: () => false }
    const fetched = await fetchFrom(openVisits(door))
    expect(fetched).toEqual({ is: 'unreachable', cause: 'unreachable', detail: 'ECONNREFUSED' })
  })

  test('that answers the question for its copy with nothing is a timeout too', async () => {
    const visits = await openAt((socket, _, asked) => {
      if (asked.startsWith('GET')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody')
    })
    expect(await fetchFrom(visits)).toMatchObject({ is: 'broken', cause: 'timeout', bytes: 4 })
  })

  test('that waits for a free connection can be given up', async () => {
    let asked = 0
    const visits = await openAt(() => {
      asked += 1
    })
    const busy = Array.from({ length: connections }, () => fetchFrom(visits))
    await vi.waitFor(() => expect(asked).toBe(connections))
    const giveUp = new AbortController()
    const waiting = fetchFrom(visits, giveUp.signal)
    giveUp.abort()
    expect(await waiting).toMatchObject({ is: 'broken', cause: 'timeout', bytes: 0 })
    await Promise.all(busy)
  })
})
