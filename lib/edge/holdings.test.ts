import { setImmediate } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import type { CommandKind, Mode } from '#lib/core/command.ts'
import { Cache } from './cache.ts'
import { makeEntry, withBody } from './entry.ts'
import { findHoldings } from './holdings.ts'

let nowMs = 0
let cache: Cache
const clock = { wallMs: () => nowMs, monotonicMs: () => nowMs }

beforeEach(() => {
  nowMs = 0
  cache = new Cache({ clock, maxBytes: 1_000_000_000 })
})

/** A request that goes on with no fields. */
const bare = (): string[] => []

function store(host: string, target: string, fields: string[] = [], sent = bare): void {
  const slot = cache.hold(host, target)
  const moments = { born: cache.marks.next(), bornMs: nowMs, receivedMs: nowMs, receivedWallMs: nowMs }
  const entry = makeEntry(200, ['cache-control', 'max-age=60', ...fields], sent, moments)
  cache.store(slot, withBody(entry, Buffer.from('body')), sent)
  cache.release(slot)
}

function purge(kind: CommandKind, mode: Mode, ...targets: string[]): void {
  cache.purge({ seq: 1, domain: 'a.test', kind, mode, targets })
}

const find = (kind: CommandKind, ...targets: string[]) =>
  findHoldings(cache, clock, { host: 'a.test', kind, targets })

const none = { objects: 0, bytes: 0, targets: [], freshSeconds: 0, complete: true }

test.for([
  ['url', ['/d/p?q'], ['/d/p?q']],
  ['directory', ['/d/'], ['/d/p', '/d/p?q']],
  ['regex', ['/[a-z]/.*', '/x'], ['/d/p', '/d/p?q']],
  ['ignore-parameters', ['/d/p'], ['/d/p', '/d/p?q']],
  ['tag', ['u', 't'], ['/d/p', '/e']],
  ['everything', [], ['/d/p', '/d/p?q', '/e']],
] as const)('a purge of kind %s of %s would cover %s', async ([kind, targets, covered]) => {
  store('a.test', '/d/p', ['cache-tag', 'T, x'])
  store('a.test', '/d/p?q')
  store('a.test', '/e', ['cache-tag', 't'])
  store('b.test', '/d/p', ['cache-tag', 't'])
  const bytes = 4 * covered.length
  const found = { objects: covered.length, bytes, targets: covered, freshSeconds: 60, complete: true }
  expect(await find(kind, ...targets)).toEqual(found)
})

test('each variant counts, and its URL is named once', async () => {
  for (const language of ['de', 'fr']) {
    store('a.test', '/p', ['vary', 'accept-language'], () => ['accept-language', language])
  }
  expect(await find('everything')).toMatchObject({ objects: 2, bytes: 8, targets: ['/p'] })
})

test('what was purged hard does not count, and what was purged soft is not fresh', async () => {
  for (const target of ['/hard/p', '/soft/p', '/url']) store('a.test', target)
  purge('directory', 'hard', '/hard/')
  purge('regex', 'soft', '/soft/.*')
  purge('url', 'hard', '/url')
  expect(await find('everything')).toEqual({ ...none, objects: 1, bytes: 4, targets: ['/soft/p'] })
})

test('the freshest tells how long, and nothing that is stale does', async () => {
  store('a.test', '/p')
  nowMs = 12_500
  store('a.test', '/q', ['age', '30'])
  expect((await find('everything')).freshSeconds).toBe(47)
  nowMs = 60_000
  expect(await find('everything')).toMatchObject({ objects: 2, freshSeconds: 0 })
})

test('20 URLs are listed, and very long ones are only counted', async () => {
  store('a.test', `/${'long'.repeat(1_000)}`)
  for (let index = 0; index < 30; index += 1) store('a.test', `/${index}`)
  const { objects, targets } = await find('everything')
  expect([objects, targets]).toEqual([31, Array.from({ length: 20 }, (_, index) => `/${index}`)])
})

test('a search lets others in between, and counts once what they use', async () => {
  for (let index = 0; index < 1_000; index += 1) store('a.test', `/${index}`)
  const ticking = { ...clock, monotonicMs: () => (nowMs += 0.1) }
  let turns = 0
  let searching = true
  const searched = findHoldings(cache, ticking, { host: 'a.test', kind: 'everything', targets: [] })
  void searched.then(() => {
    searching = false
  })
  while (searching) {
    cache.find('a.test', '/0', bare)
    cache.find('a.test', '/1', bare)
    turns += 1
    await setImmediate()
  }
  expect((await searched).objects).toBe(1_000)
  expect(turns).toBeGreaterThan(5)
})

test('a search is given up after two seconds, and says so', async () => {
  for (let index = 0; index < 1_000; index += 1) store('a.test', `/${index}`)
  const slow = { ...clock, monotonicMs: () => (nowMs += 10) }
  const found = await findHoldings(cache, slow, { host: 'a.test', kind: 'everything', targets: [] })
  expect(found.complete).toBe(false)
  expect(found.objects).toBeGreaterThan(0)
  expect(found.objects).toBeLessThan(1_000)
})

test('a search is given up after 200,000 objects, and says so', async () => {
  for (let index = 0; index < 200_000; index += 1) store('a.test', `/${index}`)
  expect(await find('everything')).toMatchObject({ objects: 200_000, complete: true })
  store('a.test', '/one-more')
  expect(await find('everything')).toMatchObject({ objects: 200_000, complete: false })
})
