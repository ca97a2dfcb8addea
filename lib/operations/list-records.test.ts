import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '#lib/core/caller.ts'
import type { RecordFilter } from '#lib/core/records.ts'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { closeStore, db, transaction } from '#lib/store/client.ts'
import { countRecords, listRecords } from './list-records.ts'
import { preloadObjectCaches } from './preload-object-caches.ts'
import { recentLines } from './recent-lines.ts'
import { refreshObjectCaches } from './refresh-object-caches.ts'
import { saveCache } from './save-cache.ts'
import { saveDomain } from './save-domain.ts'

await testDatabase()

const caller = await testOwner()
const other = { ...caller, name: 'deploy' }

type Given = {
  text: string
  by?: Caller
  note?: string
  mode?: 'hard' | 'soft'
  method?: 'url' | 'directory'
}

const purge = ({ text, by = caller, note = '', mode = 'hard', method = 'url' }: Given) =>
  refreshObjectCaches(by, { text, method, mode, note, key: randomUUID() })

/** The first lines of the records that a filter lets through, newest first. */
async function listed(filter: RecordFilter): Promise<string[]> {
  const { rows } = await listRecords(caller, { filter })
  return rows.map((row) => row.tasks[0]?.firstLine.replace(/^https:\/\//, '') ?? '')
}

beforeAll(async () => {
  const cache = (name: string) =>
    saveCache(caller, {
      name,
      kind: 'edge',
      address: `http://${name}:80`,
      tier: 'edge',
      secret: 'x'.repeat(16),
    })
  const [one, two] = [await cache('one'), await cache('two')]
  await saveDomain(caller, { name: 'a.test', cacheIds: [one.id] })
  await saveDomain(caller, { name: 'b.test', cacheIds: [one.id, two.id] })
  await purge({ text: 'https://a.test/old', note: 'OPS-1' })
  await db().$executeRaw`update task set state = 'complete'`
  await purge({ text: 'https://a.test/soft', mode: 'soft' })
  await purge({ text: 'https://b.test/img/', method: 'directory', mode: 'soft' })
  await purge({ text: 'https://b.test/by-deploy', by: other, note: 'Release 50% done' })
  await purge({ text: 'https://a.test/both\nhttps://b.test/both' })
  await preloadObjectCaches(caller, { text: 'https://b.test/app.dmg', key: randomUUID() })
  await db().$executeRaw`update task set state = 'partial' where operation = 'prefetch'`
})
afterAll(closeStore)

const all = ['b.test/app.dmg', 'a.test/both', 'b.test/by-deploy', 'b.test/img/', 'a.test/soft', 'a.test/old']

describe('records', () => {
  it.each<[string, RecordFilter, string[]]>([
    ['nothing', {}, all],
    ['an operation', { operation: 'prefetch' }, ['b.test/app.dmg']],
    ['a method', { method: 'directory' }, ['b.test/img/']],
    [
      'a mode, which a prefetch has none of',
      { mode: 'hard' },
      ['a.test/both', 'b.test/by-deploy', 'a.test/old'],
    ],
    ['a domain', { domain: 'a.test' }, ['a.test/both', 'a.test/soft', 'a.test/old']],
    ['a cache', { cache: 'TWO' }, ['b.test/app.dmg', 'a.test/both', 'b.test/by-deploy', 'b.test/img/']],
    ['a user', { user: 'deploy' }, ['b.test/by-deploy']],
    ['a source', { source: 'system' }, []],
    ['a note', { note: 'ops-' }, ['a.test/old']],
    ['a note with a sign that SQL reads otherwise', { note: '50% d' }, ['b.test/by-deploy']],
    ['a note that would fit if it did', { note: '5_%' }, []],
    ['complete ones', { status: 'complete' }, ['a.test/old']],
    ['those that went wrong', { status: 'unsuccessful' }, ['b.test/app.dmg']],
    ['two at once', { domain: 'b.test', mode: 'soft' }, ['b.test/img/']],
    ['a part of a URL', { url: 'BOTH' }, ['a.test/both']],
    [
      'a part of a URL and a domain',
      { url: 'test/', domain: 'a.test' },
      ['a.test/both', 'a.test/soft', 'a.test/old'],
    ],
    ['a part of no URL', { url: 'nowhere' }, []],
    ['a time before all of them', { until: '2026-01-01T00:00:00Z' }, []],
    ['a time after all of them', { from: '2099-01-01T00:00:00Z' }, []],
  ])('with %s', async (_, filter, expected) => {
    expect(await listed(filter)).toEqual(expected)
  })

  it('finds a task by its number', async () => {
    const { rows } = await listRecords(caller, { filter: { user: 'deploy' } })
    const id = rows[0]?.tasks[0]?.id ?? ''
    expect(await listed({ task: id })).toEqual(['b.test/by-deploy'])
  })

  it('shows a submission over several domains once, with all its tasks, also where a filter knows only one', async () => {
    const { rows } = await listRecords(caller, { filter: { domain: 'b.test', url: 'both' } })
    expect(rows.map((row) => row.tasks.map((task) => task.domain))).toEqual([['a.test', 'b.test']])
  })

  it.each<[string, RecordFilter]>([
    ['without a text', {}],
    ['with a text', { url: '.test' }],
  ])('goes through them page by page, %s, and shows each once', async (_, filter) => {
    const seen: string[] = []
    let before: string | undefined
    do {
      const { rows, next } = await listRecords(caller, { filter, before, limit: 1 })
      seen.push(...rows.map((row) => row.tasks[0]?.firstLine.replace('https://', '') ?? ''))
      before = next ?? undefined
    } while (before !== undefined)
    expect(seen).toEqual(all)
  })

  it('finds a text behind as many lines as are read one by one, on earlier days too', async () => {
    await db().$executeRaw`update task set line_count = line_count + 40000 where operation = 'prefetch'`
    expect(await listed({ url: '.test' })).toEqual(all)
    const { rows } = await listRecords(caller, { filter: { url: 'a.test' }, limit: 2 })
    expect(rows.map((row) => row.tasks.length)).toEqual([2, 1])
    await db().$executeRaw`update task set line_count = line_count - 40000 where operation = 'prefetch'`
  })

  it('counts tasks, and leaves a search uncounted', async () => {
    expect(await countRecords(caller, {})).toEqual({ count: 7, isMore: false })
    expect(await countRecords(caller, { url: 'both' })).toBeNull()
  })

  it('asks for three characters, or for a day', async () => {
    await expect(listed({ url: 'bo' })).rejects.toMatchObject({ code: 'SearchTooShort' })
    const now = Date.now()
    const day = { from: new Date(now - 80_000_000).toISOString(), until: new Date(now + 1000).toISOString() }
    expect(await listed({ url: 'bo', ...day })).toEqual(['a.test/both'])
  })

  it('shows nothing of another account', async () => {
    const stranger = { ...caller, accountId: caller.accountId + 1 }
    expect((await listRecords(stranger, { filter: {} })).rows).toEqual([])
    expect((await listRecords(stranger, { filter: { url: 'both' } })).rows).toEqual([])
  })

  it('shows nothing that is older than records are kept', async () => {
    await db()
      .$executeRaw`update task set accepted_at = accepted_at - interval '100 days' where note = 'OPS-1'`
    expect(await listed({ domain: 'a.test' })).toEqual(['a.test/both', 'a.test/soft'])
  })
})

it('recent lines are what was submitted lately on some domains, each once and newest first, without tags', async () => {
  await purge({ text: 'https://a.test/old' })
  await refreshObjectCaches(caller, {
    ...{ text: 'sale', method: 'tag', tagDomain: 'a.test', mode: 'hard', key: randomUUID() },
  })
  const lines = await recentLines(caller, { domains: ['a.*'] })
  expect(lines.map(({ domain, kind, target }) => `${kind} ${domain}${target}`)).toEqual([
    'url a.test/old',
    'url a.test/both',
    'url a.test/soft',
  ])
  expect(await recentLines(caller, { domains: ['*'] })).toContainEqual({
    ...{ domain: 'b.test', kind: 'directory', target: '/img/' },
  })
  expect(await recentLines(caller, { domains: ['c.test'] })).toEqual([])
})
