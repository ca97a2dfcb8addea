import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { addHistogram, bucketOf, countTime } from '#lib/core/histogram.ts'
import { taskGrains, timeGrains } from '#lib/core/overview.ts'
import type { Outcome } from '#lib/drivers/driver.ts'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { closeStore, db } from '#lib/store/client.ts'
import { type SettledTask, writeSettled } from '#lib/store/settle.ts'
import { newTimes } from './new-times.ts'
import { Stand } from './test-stand.ts'

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
const soon = { timeout: 10_000, interval: 20 }

const complete = (taskId: string) =>
  vi.waitFor(async () => expect((await stand.task(taskId)).state).toBe('complete'), soon)

type Sums = Record<string, { applied: number[]; confirmed: number[] }>

/** What is counted of each cache, all slots of a length together. */
async function counted(grain: number): Promise<Sums> {
  const rows = await db().$queryRaw<{ cacheId: number; applied: number[]; confirmed: number[] }[]>`
    select cache_id as "cacheId", applied, confirmed from cache_times where grain = ${grain}`
  const sums: Sums = {}
  for (const { cacheId, ...row } of rows) {
    sums[cacheId] ??= { applied: [], confirmed: [] }
    addHistogram(sums[cacheId].applied, row.applied)
    addHistogram(sums[cacheId].confirmed, row.confirmed)
  }
  return sums
}

/** The same, counted anew from the times of the tasks. */
async function recounted(): Promise<Sums> {
  const rows = await db().$queryRaw<{ caches: number[]; applied: number[]; confirmed: number[] }[]>`
    select r.caches, tt.applied, tt.confirmed from task_times tt join task t on t.id = tt.task_id
    join route r on r.id = t.route_id where t.operation = 'purge'`
  const sums: Sums = {}
  for (const { caches, ...row } of rows) {
    for (const [at, cacheId] of caches.entries()) {
      for (const pass of ['applied', 'confirmed'] as const) {
        const ms = row[pass][at] ?? null
        if (ms === null) continue
        sums[cacheId] ??= { applied: [], confirmed: [] }
        countTime(sums[cacheId][pass], ms)
      }
    }
  }
  return sums
}

async function expectCountedOnce(): Promise<void> {
  const anew = await recounted()
  for (const grain of timeGrains) expect(await counted(grain)).toEqual(anew)
  const over = await db().$queryRaw`
    select state, count(*)::int as tasks, sum(line_count)::int as lines from task
    where state not in ('pending', 'running') group by 1 order by 1`
  for (const grain of taskGrains) {
    const counts = await db().$queryRaw`
      select state, sum(tasks)::int as tasks, sum(lines)::int as lines from task_count
      where domain_id = 0 and grain = ${grain} group by 1 order by 1`
    expect(counts).toEqual(over)
  }
}

describe('what Overview counts', () => {
  it('has the times of a cache as soon as they are known, though another is away', async () => {
    const [up, away] = [await stand.cache('up'), await stand.cache('away')]
    await stand.domain('half.test', [up.id, away.id])
    away.standIn.answer = () => refused
    const task = await stand.purge('https://half.test/a')
    await vi.waitFor(async () => {
      const sums = await counted(300)
      expect(sums[up.id]?.confirmed.reduce((a, b) => a + b)).toBe(1)
      expect(sums[away.id]).toBeUndefined()
    }, soon)
    away.standIn.answer = () => ({ kind: 'done' })
    await complete(task)
    expect((await counted(300))[away.id]?.applied.length).toBeGreaterThan(bucketOf(500))
    await expectCountedOnce()
  })

  it('has a task that failed somewhere under its state, and no times of prefetches', async () => {
    const [fine, strict] = [await stand.cache('fine'), await stand.cache('strict')]
    await stand.domain('strict.test', [fine.id, strict.id])
    strict.standIn.answer = () => ({ kind: 'failed', cause: 'rejected', detail: '', targets: [0] })
    const failed = await stand.purge('https://strict.test/a')
    await vi.waitFor(async () => expect((await stand.task(failed)).state).toBe('partial'), soon)
    const before = await counted(1800)
    await complete(await stand.prefetch('https://strict.test/file'))
    expect(await counted(1800)).toEqual(before)
    await expectCountedOnce()
  })

  it('counts once when the settler changes hands halfway', async () => {
    const [up, away] = [await stand.cache('stays'), await stand.cache('returns')]
    await stand.domain('hands.test', [up.id, away.id])
    away.standIn.answer = () => refused
    const task = await stand.purge('https://hands.test/a')
    await vi.waitFor(async () => expect((await counted(300))[up.id]).toBeDefined(), soon)
    const second = await stand.takeOver()
    away.standIn.answer = () => ({ kind: 'done' })
    await complete(task)
    await expectCountedOnce()
    await second.stop()
  })

  it('counts once when the database goes away again and again', async () => {
    const [one, two] = [await stand.cache('one'), await stand.cache('two', { kind: 'varnish' })]
    await stand.domain('cuts.test', [one.id, two.id])
    const tasks: string[] = []
    for (let round = 0; round < 12; round += 1) {
      tasks.push(await vi.waitFor(() => stand.purge(`https://cuts.test/${round}`), soon))
      await db().$executeRaw`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and random() < 0.5`.catch(() => {})
    }
    for (const task of tasks) await vi.waitFor(() => complete(task), soon)
    await expectCountedOnce()
  }, 40_000)
})

describe('two writes of the same news', () => {
  it('count once, whichever comes first, also at the same moment', async () => {
    const { id, standIn } = await stand.cache('twice')
    await stand.domain('twice.test', [id])
    // The task stays open until these two close it.
    standIn.answer = () => refused
    const taskId = await stand.purge('https://twice.test/a')
    const settled: SettledTask = {
      id: taskId,
      state: 'complete',
      hasFailed: false,
      applied: [7],
      confirmed: [9],
      written: null,
      appliedMs: 7,
      confirmedMs: 9,
    }
    const { accountId } = stand.caller
    const times = newTimes([{ ...settled, accountId, class: 0, caches: [id], acceptedAtMs: Date.now() }])
    const write = () => writeSettled([settled], times)
    expect((await Promise.all([write(), write()])).sort()).toEqual([false, true])
    expect(await write()).toBe(false)
    const { applied, confirmed } = (await counted(300))[id] ?? { applied: [], confirmed: [] }
    expect([applied[bucketOf(7)], confirmed[bucketOf(9)]]).toEqual([1, 1])
    await expectCountedOnce()
  })
})
