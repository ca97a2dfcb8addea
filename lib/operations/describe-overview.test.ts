import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Overview } from '#lib/core/overview.ts'
import { attachedSystem } from '#lib/core/system-policies.ts'
import type { Outcome } from '#lib/drivers/driver.ts'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { closeStore, db } from '#lib/store/client.ts'
import { dropOldCounts } from '#lib/store/overview.ts'
import { letBeatsExpire, Stand } from '#lib/worker/test-stand.ts'
import { describeOverview } from './describe-overview.ts'
import { requestQuota } from './request-quota.ts'

await testDatabase()
const stand = new Stand()

beforeAll(async () => {
  await stand.setUp()
  await stand.worker()
})
afterAll(async () => {
  await stand.stop()
  await closeStore()
})

const refused: Outcome = { kind: 'again', scope: 'cache', cause: 'unreachable', detail: 'connection refused' }
const soon = { timeout: 10_000, interval: 50 }

const look = (given: Parameters<typeof describeOverview>[1] = {}) => describeOverview(stand.caller, given)

/** Waits until the overview is as it should be. */
const until = (check: (overview: Overview) => void) => vi.waitFor(async () => check(await look()), soon)

const lineOf = ({ caches }: Overview, name: string) => caches.find((cache) => cache.name === name)

describe('the overview', () => {
  it('of an account that has nothing is empty', async () => {
    const { attention, caches, bars, done, latest } = await look()
    expect({ attention, caches, done, latest }).toEqual({
      attention: [],
      caches: [],
      done: { cache: false, domain: false, task: false },
      latest: [],
    })
    expect(bars).toHaveLength(25)
  })

  it('has the times of a cache beside one that is away, what waits for that, and its return', async () => {
    const [up, away] = [await stand.cache('up'), await stand.cache('west')]
    await stand.domain('half.test', [up.id, away.id])
    away.standIn.answer = () => refused
    await stand.purge('https://half.test/1', 'https://half.test/2')
    await stand.prefetch('https://half.test/file')
    await until((overview) => {
      expect(overview.caches.map(({ name, status }) => [name, status])).toEqual([
        ['west', 'waiting'],
        ['up', 'up'],
      ])
      expect(overview.attention).toMatchObject([
        { is: 'cache', name: 'west', paused: false, cause: 'unreachable', waiting: 2 },
      ])
      expect(lineOf(overview, 'west')).toMatchObject({ p99: null, waiting: 2 })
      expect(lineOf(overview, 'west')?.lagMs).toBeGreaterThan(0)
      expect(lineOf(overview, 'up')?.p99).not.toBeNull()
      expect(lineOf(overview, 'up')).toMatchObject({ lagMs: 0 })
      expect(overview.bars.at(-1)).toMatchObject({ complete: 0, open: 2, lines: 3 })
    })
    away.standIn.answer = () => ({ kind: 'done' })
    await until((overview) => {
      expect(overview.attention).toEqual([])
      expect(overview.bars.at(-1)).toMatchObject({ complete: 2, open: 0, lines: 3 })
      expect(lineOf(overview, 'west')).toMatchObject({ lagMs: 0, waiting: 0 })
      expect(lineOf(overview, 'west')?.series.filter((value) => value !== null)).toHaveLength(1)
    })
  })

  it('counts what a side lane still has to do, though the main lane is past it', async () => {
    const { id, standIn } = await stand.cache('odd')
    await stand.domain('odd.test', [id])
    await stand.domain('even.test', [id])
    standIn.answer = ({ domain }) =>
      domain === 'odd.test'
        ? { kind: 'again', scope: 'domain', cause: 'count', detail: '' }
        : { kind: 'done' }
    await stand.purge('https://odd.test/a')
    const even = await stand.purge('https://even.test/a')
    await vi.waitFor(async () => expect((await stand.task(even)).state).toBe('complete'), soon)
    await until((overview) => expect(lineOf(overview, 'odd')).toMatchObject({ status: 'up', waiting: 1 }))
    standIn.answer = () => ({ kind: 'done' })
    await until((overview) => expect(lineOf(overview, 'odd')).toMatchObject({ waiting: 0 }))
  })

  it('names what failed, and how much more than there is room for', async () => {
    const { id, standIn } = await stand.cache('strict')
    await stand.domain('strict.test', [id])
    standIn.answer = () => ({ kind: 'failed', cause: 'rejected', detail: 'not here', targets: [1] })
    for (let at = 0; at < 10; at += 1)
      await stand.purge('https://strict.test/a', `https://strict.test/b${at}`)
    await until(({ attention, more }) => {
      expect(attention).toHaveLength(8)
      expect(attention[0]).toMatchObject({
        is: 'task',
        task: {
          state: 'partial',
          domain: 'strict.test',
          target: '/b9',
          lines: 2,
          cache: 'strict',
          cause: 'rejected',
        },
      })
      expect(more).toEqual({ task: 2 })
    })
  })

  it('has the figures of the cache that is asked for', async () => {
    const { caches, figures } = await look({ range: '1h', figures: (await look()).caches[0]?.id })
    expect(figures?.cacheId).toBe(caches[0]?.id)
    expect(figures?.slots).toHaveLength(13)
    expect((await look({ figures: 4711 })).figures).toBeNull()
  })

  it('says that no worker lives', async () => {
    await letBeatsExpire()
    expect((await look()).attention[0]).toMatchObject({ is: 'worker', since: expect.any(String) })
  })
})

describe('who may not decide', () => {
  const policies = attachedSystem(['FreshetReadOnlyAccess'])
  const reader = () => ({ ...stand.caller, role: 'user', policies }) as const

  it('is not told of requests for more', async () => {
    await requestQuota(stand.caller, {
      pool: 'tag',
      wanted: 500,
      until: null,
      reason: 'relaunch',
      peakMbps: null,
    })
    const asks = ({ attention }: Overview) => attention.filter(({ is }) => is === 'request')
    expect(asks(await look())).toMatchObject([
      { request: { pool: 'tag', wanted: 500, requestedBy: 'editor' } },
    ])
    expect(asks(await describeOverview(reader(), {}))).toEqual([])
  })

  it('and who was granted nothing is refused', async () => {
    await expect(describeOverview({ ...reader(), policies: [] }, {})).rejects.toMatchObject({
      code: 'NoPermission',
    })
  })
})

describe('old slots', () => {
  it('are dropped when no range reaches them any more', async () => {
    await db().$executeRaw`
      insert into task_count select account_id, grain, slot - interval '40 days', state, 1, 1, domain_id from task_count`
    await db().$executeRaw`
      insert into cache_times select account_id, cache_id, grain, slot - interval '3 hours', '{1}', '{1}' from cache_times`
    await dropOldCounts()
    const count = async (table: 'cache_times' | 'task_count', hours: number) =>
      (
        await db().$queryRawUnsafe<{ grain: number }[]>(
          `select distinct grain from ${table} where slot < now() - interval '${hours} hours'`,
        )
      ).map(({ grain }) => grain)
    expect(await count('task_count', 24)).toEqual([])
    expect(await count('cache_times', 2.5)).not.toContain(300)
    expect(await count('cache_times', 2.5)).toContain(1800)
  })
})
