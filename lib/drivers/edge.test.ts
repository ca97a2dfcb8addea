import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import { type AddressInfo, connect, createServer as createProxy } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Command } from '#lib/core/command.ts'
import { type Edge, type EdgeOptions, startEdge } from '#lib/edge/server.ts'
import { startTestOrigin } from '#lib/fleet/test-origin.ts'
import { type ContractCache, contractDomains } from './contract-stand.ts'
import type { Coverage, Driver, DriverKind } from './driver.ts'
import { driverContract } from './driver-contract.ts'
import { edge } from './edge.ts'
import { raceRounds } from './race-rounds.ts'

const secret = 'only-for-tests'
const host = contractDomains[0]

driverContract('edge', () => startStand())
describe('the edge driver, on its edge', testEdge)
describe('the edge driver, on something like it', testOthers)
describe('the edge driver, on what an edge holds', testHoldings)
describe('the edge driver, on its way to where visitors come', testSite)
describe('a fetch that a purge overtakes', testRaces)

function testEdge() {
  let stand: ContractCache
  beforeAll(async () => {
    stand = await startStand()
  })
  afterAll(() => stand.stop())

  test('proves each step of its probe, and troubles no origin', async () => {
    const driver = edge.open(stand)
    const result = await driver.probe(AbortSignal.timeout(3_000))
    expect(result).toMatchObject({ ok: true, detail: 'test, version 0.0.0' })
    expect(result.proved).toEqual(['reachable', 'authorised', 'one-instance', 'purged'])
    expect(stand.origin.requests).toEqual([])
    await driver.close()
  })

  test('reports what the edge rejects, and delivers the rest', async () => {
    const driver = edge.open(stand)
    const commands = [
      commandOf({ kind: 'regex', targets: ['^/a', '^/b'] }),
      commandOf({ seq: 2, targets: ['/fine'] }),
    ]
    expect(await driver.deliver(commands, AbortSignal.timeout(3_000))).toEqual([
      {
        kind: 'failed',
        cause: 'rejected',
        detail: expect.stringMatching(/^target 0 is no pattern/),
        targets: [0, 1],
      },
      { kind: 'done' },
    ])
    await driver.close()
  })

  test('delivers more than one request may carry', async () => {
    const driver = edge.open(stand)
    const targets = Array.from({ length: 200 }, (_, index) => `/${index}`)
    const commands = Array.from({ length: 12 }, (_, index) => commandOf({ seq: index + 1, targets }))
    const outcomes = await driver.deliver(commands, AbortSignal.timeout(3_000))
    expect(outcomes).toEqual(commands.map(() => ({ kind: 'done' })))
    await driver.close()
  })
}

function testHoldings() {
  const coverage: Coverage = { domain: host, kind: 'directory', targets: ['/d/'] }
  const soon = () => AbortSignal.timeout(3_000)

  test('tells what a purge would cover', async () => {
    const stand = await startStand()
    const driver = edge.open(stand)
    for (const path of ['/d/a', '/d/b', '/e']) {
      stand.origin.set(path, { body: 'page' })
      await stand.get(host, path)
    }
    expect(await driver.holdings(coverage, soon())).toEqual({
      objects: 2,
      bytes: 8,
      targets: ['/d/a', '/d/b'],
      freshSeconds: expect.toSatisfy((seconds: number) => seconds > 500 && seconds <= 600),
      complete: true,
    })
    await driver.deliver([commandOf(coverage)], soon())
    expect(await driver.holdings(coverage, soon())).toMatchObject({ objects: 0 })
    await driver.close()
    await stand.stop()
  })

  test.for([
    ['refuses', (_, answer) => answer.writeHead(404).end('{"error":"no such thing"}')],
    ['tells something else', (_, answer) => answer.end('{"objects":"many"}')],
    ['drops the connection', (question) => question.socket.destroy()],
  ] as [string, RequestListener][])('one that %s cannot tell', async ([, listener]) => {
    const { address, stop } = await listen(listener)
    const driver = edge.open({ address, secret })
    expect(await driver.holdings(coverage, soon())).toBeNull()
    await driver.close()
    await stop()
  })
}

function testSite() {
  const call = { domain: host, target: '/p', headers: [], maxBytes: 1_000 }
  const origin = () =>
    listen((_, answer) => answer.writeHead(200, { 'cache-control': 'max-age=60' }).end('x'))
  const fetchOnce = (driver: Driver) => driver.fetch(call, () => {}, AbortSignal.timeout(3_000))

  test.for(hasIpv6() ? ['127.0.0.1', '0.0.0.0', '::'] : ['127.0.0.1', '0.0.0.0'])(
    'finds an edge that listens at %s',
    async (siteHost) => {
      const { address, stop } = await origin()
      const running = await start({ host: siteHost, origins: { [host]: address } })
      const driver = edge.open({ address: running.control, secret })
      expect(await fetchOnce(driver)).toEqual({ is: 'kept', hit: false, bytes: 1 })
      await driver.close()
      await running.close()
      await stop()
    },
  )

  test('goes nowhere else than to the registered host, whatever an edge says', async () => {
    const other = await listen((_, answer) => answer.end('inside'), '127.0.0.2')
    const { address, stop } = await listen((_, answer) => {
      const site = { host: '127.0.0.2', port: Number(new URL(other.address).port) }
      answer.end(JSON.stringify({ instance: 'x', name: 'x', version: '0', site }))
    })
    const driver = edge.open({ address, secret })
    expect(await fetchOnce(driver)).toMatchObject({ is: 'unreachable' })
    await driver.close()
    await stop()
    await other.stop()
  })

  // Elsewhere there is no second loopback address, and at 0.0.0.0 one reaches the first.
  test.runIf(process.platform === 'linux')(
    'finds one that listens everywhere on another machine',
    async () => {
      const { address, stop } = await listen(({ url }, answer) => {
        const site = { host: '0.0.0.0', port: Number(new URL(address).port) }
        answer.end(
          url === '/v1/status' ? JSON.stringify({ instance: 'x', name: 'x', version: '0', site }) : 'x',
        )
      }, '127.0.0.2')
      const driver = edge.open({ address, secret })
      expect(await fetchOnce(driver)).toMatchObject({ is: 'kept' })
      await driver.close()
      await stop()
    },
  )

  test('asks again where it is when it is there no more', async () => {
    const { address, stop } = await origin()
    const origins = { [host]: address }
    const first = await start({ origins })
    const driver = edge.open({ address: first.control, secret })
    await fetchOnce(driver)
    await first.close()
    expect(await fetchOnce(driver)).toMatchObject({ is: 'unreachable' })
    expect(await fetchOnce(driver)).toMatchObject({ is: 'unreachable', cause: 'unreachable' })
    const second = await start({ origins, controlPort: Number(new URL(first.control).port) })
    expect(await fetchOnce(driver)).toMatchObject({ is: 'kept', hit: false })
    await driver.close()
    await second.close()
    await stop()
  })

  test('takes a hit of a cache behind it for no hit of its own', async () => {
    const { address, stop } = await origin()
    const shield = await start({ name: 'shield', origins: { [host]: address } })
    const pop = await start({ name: 'pop', shield: shield.site })
    const drivers = [shield, pop].map(({ control }) => edge.open({ address: control, secret }))
    for (const driver of drivers) expect(await fetchOnce(driver)).toMatchObject({ is: 'kept', hit: false })
    for (const driver of drivers) expect(await fetchOnce(driver)).toMatchObject({ is: 'kept', hit: true })
    for (const driver of drivers) await driver.close()
    await pop.close()
    await shield.close()
    await stop()
  })

  test('is refused with a wrong secret', async () => {
    const running = await start({})
    const driver = edge.open({ address: running.control, secret: 'wrong' })
    expect(await fetchOnce(driver)).toMatchObject({ is: 'unreachable', cause: 'credentials' })
    await driver.close()
    await running.close()
  })
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'))
}

function testOthers() {
  const commands = [commandOf({ targets: ['/a', '/b'] }), commandOf({ seq: 2, targets: ['/c'] })]
  const instance = 'x'

  test.for([
    [
      'counts too few',
      [
        { seq: 1, taken: 1 },
        { seq: 2, taken: 1 },
      ],
      'took 1 of 2 targets',
    ],
    ['leaves a command out', [{ seq: 1, taken: 2 }], 'answered for 1 of 2 commands'],
    [
      'answers for another command',
      [
        { seq: 3, taken: 2 },
        { seq: 2, taken: 1 },
      ],
      'the answer leaves out this command',
    ],
  ] as const)('one that %s took nothing for sure', async ([, receipts, detail]) => {
    const { address, stop } = await listen((_, answer) => answer.end(JSON.stringify({ instance, receipts })))
    const driver = edge.open({ address, secret })
    const [first] = await driver.deliver(commands, AbortSignal.timeout(3_000))
    expect(first).toEqual({ kind: 'again', scope: 'cache', cause: 'count', detail })
    await driver.close()
    await stop()
  })

  test('a balancer in front of several is found out', async () => {
    const [first, second] = [await startStand(), await startStand()]
    const balancer = await balance([first.address, second.address])
    const driver = edge.open({ address: balancer.address, secret })
    const result = await driver.probe(AbortSignal.timeout(3_000))
    expect(result).toMatchObject({ ok: false, cause: 'unexpected', proved: ['reachable', 'authorised'] })
    expect(result.detail).toMatch(/^2 instances answer at this address/)
    await driver.close()
    await balancer.stop()
    await Promise.all([first.stop(), second.stop()])
  })

  test('after a batch that failed, the next ones of the same call are not tried', async () => {
    let asked = 0
    const { address, stop } = await listen((_, answer) => {
      asked += 1
      answer.writeHead(503).end()
    })
    const driver = edge.open({ address, secret })
    const targets = Array.from({ length: 200 }, (_, index) => `/${index}`)
    const many = Array.from({ length: 12 }, (_, index) => commandOf({ seq: index + 1, targets }))
    const outcomes = await driver.deliver(many, AbortSignal.timeout(3_000))
    expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(['again']))
    expect(asked).toBe(1)
    await driver.close()
    await stop()
  })
}

function testRaces() {
  const domainOf = () => host

  test('in 200 rounds leaves no old body, with no echo at all', async () => {
    const stand = await startStand()
    expect(await raceRounds(stand, { rounds: 200, domainOf })).toEqual([])
    await stand.stop()
  })

  test('in 200 rounds through a shield leaves no old body after the echo', async () => {
    const stand = await startPair()
    expect(await raceRounds(stand, { rounds: 200, domainOf, echoAfterMs: 0 })).toEqual([])
    await stand.stop()
  })

  test('through a shield leaves some without the echo', async () => {
    const stand = await startPair()
    expect(await raceRounds(stand, { rounds: 40, domainOf })).not.toEqual([])
    await stand.stop()
  })
}

const unused = { is: 'unreachable', cause: 'unreachable', detail: 'no race fetches' } as const

/**
 * A POP with its shield as one cache: a purge reaches the POP first, and the shield only after a
 * visitor has come to the POP, which is the worst order there is.
 */
async function startPair(): Promise<ContractCache> {
  const origin = await startTestOrigin()
  const shield = await start({ name: 'shield', origins: { [host]: origin.url } })
  const pop = await start({ name: 'pop', shield: shield.site })
  const get: ContractCache['get'] = (from, path, headers) =>
    ask(pop.site, { path, headers: { ...headers, host: from } })
  const kind: DriverKind = {
    ...edge,
    open: () => {
      const drivers = [pop, shield].map(({ control }) => edge.open({ address: control, secret }))
      return {
        deliver: async (commands, signal) => {
          const [popDriver, shieldDriver] = drivers
          await popDriver?.deliver(commands, signal)
          void get(host, commands[0]?.targets[0] ?? '/')
          await delay(20)
          return (await shieldDriver?.deliver(commands, signal)) ?? []
        },
        ping: (signal) => edge.open({ address: pop.control, secret }).ping(signal),
        probe: (signal) => edge.open({ address: pop.control, secret }).probe(signal),
        fetch: async () => unused,
        holdings: async () => null,
        close: async () => void (await Promise.all(drivers.map((driver) => driver.close()))),
      }
    },
  }
  const stop = async () => {
    await pop.close()
    await shield.close()
    await origin.stop()
  }
  return { kind, address: pop.control, secret, origin, get, stop }
}

async function startStand(): Promise<ContractCache> {
  const origin = await startTestOrigin()
  const running = await start({
    origins: Object.fromEntries(contractDomains.map((domain) => [domain, origin.url])),
  })
  return {
    kind: edge,
    address: running.control,
    secret,
    origin,
    get: (from, path, headers) => ask(running.site, { path, headers: { ...headers, host: from } }),
    stop: async () => {
      await running.close()
      await origin.stop()
    },
  }
}

function start(options: Partial<EdgeOptions>): Promise<Edge> {
  return startEdge({
    name: 'test',
    secret,
    version: '0.0.0',
    port: 0,
    controlPort: 0,
    origins: {},
    ...options,
  })
}

function commandOf(command: Partial<Command>): Command {
  return { seq: 1, domain: host, kind: 'url', mode: 'hard', targets: [], ...command }
}

async function listen(listener: RequestListener, address = '127.0.0.1') {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { address: `http://${address}:${(server.address() as AddressInfo).port}`, stop }
}

/** Hands each new connection to the next of several caches. */
async function balance(addresses: string[]) {
  let next = 0
  const server = createProxy((socket) => {
    const { hostname, port } = new URL(addresses[next++ % addresses.length] as string)
    const onward = connect(Number(port), hostname)
    socket.on('error', () => onward.destroy()).pipe(onward)
    onward.on('error', () => socket.destroy()).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () => new Promise((resolve) => server.close(resolve))
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

async function ask(site: string, options: Parameters<typeof request>[1]) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(site, options, resolve).on('error', reject).end()
  })
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) }
}
