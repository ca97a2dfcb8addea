import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { pipeline } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { capabilities } from '#lib/core/capabilities.ts'
import type { Command } from '#lib/core/command.ts'
import {
  readVarnishRecipe,
  startVarnish,
  type VarnishOptions,
  varnishAvailable,
} from '#lib/fleet/real-caches.ts'
import { askSite, type ContractCache } from './contract-stand.ts'
import type { Driver } from './driver.ts'
import { driverContract } from './driver-contract.ts'
import { raceRounds } from './race-rounds.ts'
import { varnish } from './varnish.ts'
import { commandOf, host, secret, startStand } from './varnish-stand.ts'

const echoAfterMs = capabilities.varnish.inFlightMs

describe.skipIf(!varnishAvailable())('Varnish', () => {
  driverContract('Varnish', startStand)
  describe('with our recipe', testRecipe)
  describe('without our recipe', testOthers)
  describe('a fetch that a purge overtakes', testRaces)
})

function testRecipe() {
  let stand: ContractCache
  let driver: Driver
  const visit = async (path: string, from = host) => (await stand.get(from, path)).body
  const publish = (path: string, body: string) => stand.origin.set(path, { body })
  const deliver = (command: Partial<Command>) =>
    driver.deliver([commandOf(command)], AbortSignal.timeout(3_000))
  beforeAll(async () => {
    stand = await startStand()
    driver = varnish.open(stand)
  })
  afterAll(async () => {
    await driver.close()
    await stand.stop()
  })

  test('refuses what the recipe has no name for, and purges the rest', async () => {
    publish('/fine', 'old')
    await visit('/fine')
    publish('/fine', 'new')
    const tooLong = `/${'long'.repeat(2_000)}`
    const refused = (targets: number[]) => [
      { kind: 'failed', cause: 'rejected', detail: expect.any(String), targets },
    ]
    expect(await deliver({ kind: 'regex', targets: ['/(a|b)', '/none', '/a b'] })).toEqual(refused([0, 2]))
    expect(await deliver({ kind: 'directory', targets: ['/none/', `${tooLong}/`, '/none', ''] })).toEqual(
      refused([1, 2, 3]),
    )
    expect(await deliver({ kind: 'tag', targets: ['a,b', 'c d', 'e'] })).toEqual(refused([0, 1]))
    expect(await deliver({ targets: ['/a b', '/a\nb', '/fine', tooLong, ''] })).toEqual(refused([0, 1, 3, 4]))
    expect(await visit('/fine')).toBe('new')
  })

  test('takes a host for the same with a port, a final dot or other case', async () => {
    const hosts = ['www.example.test', 'WWW.Example.Test', 'www.example.test:8080', 'www.example.test.']
    publish('/host', 'old')
    for (const each of hosts) expect(await visit('/host', each)).toBe('old')
    publish('/host', 'new')
    await deliver({ targets: ['/host'] })
    for (const each of hosts) expect(await visit('/host', each)).toBe('new')
  })

  test('serves and purges a URL that would overflow its workspace with directories', async () => {
    for (const path of [
      '/'.repeat(8_000),
      `/${'long'.repeat(250)}${'/'.repeat(6_000)}`,
      `/${',/'.repeat(3_500)}?,`,
    ]) {
      publish(path, 'old')
      expect(await visit(path)).toBe('old')
      publish(path, 'new')
      expect(await visit(path)).toBe('old')
      if (path.length < 7_800) await deliver({ targets: [path] })
      else await deliver({ kind: 'directory', targets: ['/'] })
      expect(await visit(path)).toBe('new')
    }
  })

  test('outlives requests and responses of every size, while it is purged', async () => {
    publish('/kept', 'page')
    await visit('/kept', 'other.example.test')
    const done = new AbortController()
    const purges = (async () => {
      while (!done.signal.aborted) await deliver({ targets: ['/none'] })
    })()
    const get = async (path: string, requestBytes: number) => {
      const headers = { host, ...pad('X-Request', requestBytes) }
      return (await askSite(stand.address, { path, headers, maxHeaderSize: 65_536 })).status
    }
    // Names take most room where they have many directories, or where each step of their spelling finds work.
    const fills = [',/', '%', '%0a%0b%0c%0d%0e%0f%71%c3{,/']
    const statuses: Promise<number>[] = []
    for (let bytes = 0; bytes < 31_000; bytes += 500) {
      for (const requestBytes of [0, 12_000, 22_000]) {
        const fill = fills[(bytes / 500) % fills.length]
        const path = `/${bytes}/${requestBytes}/`.padEnd(8_000, fill)
        stand.origin.set(path, { body: 'page', headers: pad('X-Response', bytes), delayBeforeHeadersMs: 2 })
        statuses.push(get(path, requestBytes))
      }
      if (statuses.length % 30 === 0) await Promise.all(statuses)
    }
    expect([...new Set(await Promise.all(statuses))].filter((status) => status !== 503)).toEqual([200])
    done.abort()
    await purges
    publish('/kept', 'a page that would be fetched if it had lost its memory')
    expect(await visit('/kept', 'other.example.test')).toBe('page')
  })

  test('keeps its names and its secret from visitors', async () => {
    publish('/private', 'page')
    const { headers } = await stand.get(host, '/private')
    expect(Object.keys(headers).filter((name) => /xkey|freshet/.test(name))).toEqual([])
  })

  test.for(['PURGE', 'GET'])('refuses a %s of its own without the secret', async (method) => {
    const headers = { host, 'Freshet-Probe': '1', 'Freshet-Domain': host, 'Freshet-Mode': 'hard' }
    expect((await askSite(stand.address, { method, headers })).status).toBe(403)
  })

  test('probes without troubling an origin', async () => {
    const before = stand.origin.requests.length
    const { proved } = await driver.probe(AbortSignal.timeout(3_000))
    expect(proved).toEqual(['reachable', 'authorised', 'recipe', 'one-instance', 'full-size', 'purged'])
    expect(stand.origin.requests).toHaveLength(before)
  })

  test('takes 10,000 URLs of one batch', async () => {
    const paths = Array.from({ length: 10_000 }, (_, index) => `/images/${index}/large.jpg?width=${index}`)
    const commands = Array.from({ length: 50 }, (_, index) =>
      commandOf({ targets: paths.slice(index * 200, index * 200 + 200) }),
    )
    const some = paths.filter((_, index) => index % 500 === 0)
    for (const path of some) publish(path, 'old')
    expect(new Set(await Promise.all(some.map((path) => visit(path))))).toEqual(new Set(['old']))
    for (const path of some) publish(path, 'new')
    const outcomes = await driver.deliver(commands, AbortSignal.timeout(3_000))
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['done']))
    expect(new Set(await Promise.all(some.map((path) => visit(path))))).toEqual(new Set(['new']))
  })

  test('purges 20,000 objects below one directory at once', async () => {
    const paths = Array.from({ length: 20_000 }, (_, index) => `/crowd/${index % 100}/${index}.jpg`)
    const some = paths.filter((_, index) => index % 101 === 0)
    const visitAll = (all: string[]) => Promise.all(all.map((path) => visit(path)))
    for (const path of paths) publish(path, 'old')
    for (let at = 0; at < paths.length; at += 100) await visitAll(paths.slice(at, at + 100))
    for (const mode of ['soft', 'hard'] as const) {
      const before = await visitAll(some)
      for (const path of some) publish(path, mode)
      expect(await visitAll(some)).toEqual(before)
      expect(await deliver({ kind: 'directory', mode, targets: ['/crowd/'] })).toEqual([{ kind: 'done' }])
      expect(new Set(await visitAll(some))).toEqual(new Set([mode]))
    }
  }, 60_000)
}

function testOthers() {
  const command = commandOf({ targets: ['/page'] })

  test.for([
    ['passes PURGE on', 'sub vcl_recv { if (client.ip !~ freshet_callers) { call freshet_secret; } }'],
    ['purges the URL of the request', 'sub vcl_recv { if (req.method == "PURGE") { return (purge); } }'],
    ['refuses PURGE', 'sub vcl_recv { if (req.method == "PURGE") { return (synth(405)); } }'],
  ])('one that %s is never taken for ours', async ([, vcl]) => {
    const stand = await startStand({ recipe: `import var;\n${vcl}`, parameters: ['vcc_err_unref=off'] })
    const driver = varnish.open(stand)
    const outcomes = await driver.deliver([command], AbortSignal.timeout(3_000))
    expect(outcomes).toMatchObject([{ kind: 'again', cause: 'unexpected' }])
    await driver.close()
    await stand.stop()
  })

  test.for([
    ['of another recipe', { 'Freshet-Recipe': 'varnish/1', 'Freshet-Taken': '1' }, 'unexpected', 'varnish/1'],
    [
      'that counts too few',
      { 'Freshet-Recipe': 'varnish/3', 'Freshet-Taken': '0', 'Freshet-Error': 'why' },
      'count',
      '0 of 1 keys: why',
    ],
    ['that counts nothing', { 'Freshet-Recipe': 'varnish/3' }, 'count', 'of 1'],
  ] as const)('an answer %s is not a purge', async ([, headers, cause, detail]) => {
    const server = createServer((_, answer) => answer.writeHead(200, headers).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const driver = varnish.open({ address: `http://127.0.0.1:${port}`, secret })
    const outcomes = await driver.deliver([command], AbortSignal.timeout(3_000))
    expect(outcomes).toMatchObject([{ kind: 'again', cause, detail: expect.stringContaining(detail) }])
    await driver.close()
    server.close()
  })

  test('what was stored before the recipe was loaded is not served', async () => {
    const recipe = replace(/call freshet_tag;/, 'if (bereq.url != "/untagged") { call freshet_tag; }')
    const stand = await startStand({ recipe })
    for (const body of ['first', 'second']) {
      stand.origin.set('/untagged', { body })
      expect((await stand.get(host, '/untagged')).body).toBe(body)
    }
    await stand.stop()
  })

  test('the probe says that the limits are too low', async () => {
    const stand = await startStand({ parameters: ['http_req_hdr_len=4k'] })
    const driver = varnish.open(stand)
    const { proved, detail } = await driver.probe(AbortSignal.timeout(3_000))
    expect(proved).toEqual(['reachable', 'authorised', 'recipe', 'one-instance'])
    expect(detail).toContain('http_req_hdr_len')
    await driver.close()
    await stand.stop()
  })

  test('the probe says that there are two behind one address', async () => {
    const stands = await Promise.all([startStand(), startStand()])
    let turn = 0
    const balancer = createTcpServer((socket) => {
      const next = new URL(stands[turn++ % 2]?.address ?? '')
      const onward = connect(Number(next.port), next.hostname)
      pipeline(socket, onward, socket, () => {})
    })
    await new Promise<void>((resolve) => balancer.listen(0, '127.0.0.1', resolve))
    const { port } = balancer.address() as AddressInfo
    const driver = varnish.open({ address: `http://127.0.0.1:${port}`, secret })
    const { ok, proved } = await driver.probe(AbortSignal.timeout(3_000))
    expect({ ok, proved }).toEqual({ ok: false, proved: ['reachable', 'authorised', 'recipe'] })
    await driver.close()
    balancer.close()
    for (const stand of stands) await stand.stop()
  })

  test('one that crashed is tried again, and taken when it is back', async () => {
    const origin = 'http://127.0.0.1:1'
    const first = await startVarnish({ origin, secret })
    const driver = varnish.open({ address: first.address, secret })
    const deliver = () => driver.deliver([command], AbortSignal.timeout(3_000))
    expect(await deliver()).toEqual([{ kind: 'done' }])
    await first.kill()
    expect(await deliver()).toMatchObject([
      { kind: 'again', cause: expect.stringMatching(/unreachable|dropped/) },
    ])
    const second = await startVarnish({ origin, secret, port: Number(new URL(first.address).port) })
    expect(await deliver()).toEqual([{ kind: 'done' }])
    await driver.close()
    await second.stop()
  })
}

function testRaces() {
  const domainOf = (round: number) => `round-${round}.race.test`
  const withoutMark = () => replace(/^.*var\.global_set\("freshet-mark .*$/m, '')

  test.for(['url', 'regex'] as const)(
    'in 200 rounds of kind %s leaves no old body after the echo',
    async (kind) => {
      expect(await race({}, { rounds: 200, kind, domainOf, echoAfterMs })).toEqual([])
    },
  )

  test('leaves some with neither the mark in the recipe nor the echo', async () => {
    expect(await race({ recipe: withoutMark() }, { rounds: 40, domainOf })).not.toEqual([])
  })

  test('leaves some without the mark, when it outlasts the echo', async () => {
    expect(await race({ recipe: withoutMark() }, { rounds: 40, domainOf, echoAfterMs })).not.toEqual([])
  })

  test('is made anew once for all who wait for it', async () => {
    const stand = await startStand()
    const driver = varnish.open(stand)
    stand.origin.set('/awaited', { body: 'old', delayBeforeHeadersMs: 400, headers: { Age: '60' } })
    const visit = async () => (await stand.get(host, '/awaited')).body
    const visits = [visit(), visit()]
    await vi.waitFor(() => expect(stand.origin.requests).toHaveLength(1), { interval: 5 })
    stand.origin.set('/awaited', { body: 'new' })
    await driver.deliver([commandOf({ targets: ['/awaited'] })], AbortSignal.timeout(3_000))
    visits.push(visit(), visit())
    expect(await Promise.all(visits)).toEqual(['new', 'new', 'new', 'new'])
    expect(stand.origin.requests).toHaveLength(2)
    await driver.close()
    await stand.stop()
  })
}

async function race(cache: Partial<VarnishOptions>, options: Parameters<typeof raceRounds>[1]) {
  const stand = await startStand(cache)
  try {
    return await raceRounds(stand, options)
  } finally {
    await stand.stop()
  }
}

/** The recipe as it would be with something else in place of a part of it. */
function replace(part: RegExp, by: string): string {
  const recipe = readVarnishRecipe()
  const changed = recipe.replace(part, by)
  if (changed === recipe) throw new Error(`the recipe has no ${part}`)
  return changed
}

/** Headers of so many bytes in all, none of them longer than Varnish takes. */
function pad(name: string, bytes: number): Record<string, string> {
  const lengths = Array.from({ length: Math.ceil(bytes / 7_000) }, (_, index) => bytes - index * 7_000)
  return Object.fromEntries(
    lengths.map((left, index) => [`${name}-${index}`, 'x'.repeat(Math.min(left, 7_000))]),
  )
}
