import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Caller } from '#lib/core/caller.ts'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { listRecords } from '#lib/operations/list-records.ts'
import { refreshObjectCaches } from '#lib/operations/refresh-object-caches.ts'
import { saveCache } from '#lib/operations/save-cache.ts'
import { saveDomain } from '#lib/operations/save-domain.ts'
import { saveRetention } from '#lib/operations/save-retention.ts'
import { Settler } from '#lib/worker/settler.ts'
import { closeStore, db, transaction } from './client.ts'
import { keepRecords } from './retention.ts'
import { readTasks } from './tasks.ts'

await testDatabase()
afterAll(closeStore)

const caller = await testOwner()

beforeAll(async () => {
  const { id } = await saveCache(caller, {
    name: 'one',
    kind: 'edge',
    address: 'http://one:80',
    tier: 'edge',
    secret: 'sixteen-characters',
  })
  await saveDomain(caller, { name: 'a.test', cacheIds: [id] })
})

const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)

/** Submits a purge and makes it look as old as that. */
async function purgeOf(text: string, daysAgo: number, state: string): Promise<string> {
  const { taskIds } = await refreshObjectCaches(caller, {
    text,
    method: 'url',
    mode: 'hard',
    key: randomUUID(),
  })
  const [id = ''] = taskIds
  const old = day(daysAgo).replaceAll('-', '') + id.slice(8)
  await db().$executeRawUnsafe(`create table if not exists "line_${day(daysAgo).replaceAll('-', '')}"
    partition of line for values from ('${day(daysAgo)}') to ('${day(daysAgo - 1)}')`)
  await db().$executeRaw`delete from log where task_id = ${BigInt(id)}`
  await db().$executeRaw`update task set id = ${BigInt(old)}, state = ${state},
    accepted_at = accepted_at - make_interval(days => ${daysAgo}) where id = ${BigInt(id)}`
  await db()
    .$executeRaw`update line set task_id = ${BigInt(old)}, day = ${day(daysAgo)}::date where task_id = ${BigInt(id)}`
  return old
}

const partitions = async () => {
  const rows = await db().$queryRaw<{ name: string }[]>`
    select relname as name from pg_class where relname like 'line\\_20%' order by 1`
  return rows.map((row) => row.name)
}

async function settle(): Promise<void> {
  const settler = new Settler(
    randomUUID(),
    () => performance.now(),
    () => undefined,
  )
  await settler.renew()
  await settler.settle()
}

/** Tasks that Overview counts as over in this state. */
async function countOf(state: string): Promise<number> {
  const [row] = await db().$queryRaw<{ tasks: number }[]>`
    select sum(tasks)::int as tasks from task_count where domain_id = 0 and grain = 3600 and state = ${state}`
  return row?.tasks ?? 0
}

const partitionOf = (ago: number) => `line_${day(ago).replaceAll('-', '')}`

it('lets old records go by days, closes what never ended, and makes closed days searchable', async () => {
  const [gone, open] = [
    await purgeOf('https://a.test/gone', 91, 'complete'),
    await purgeOf('https://a.test/open', 91, 'running'),
  ]
  await purgeOf('https://a.test/kept', 3, 'complete')
  await purgeOf('https://a.test/today', 0, 'complete')

  await keepRecords()

  // What is open is closed first, with its cause, and goes once it is.
  expect(await partitions()).toContain(partitionOf(91))
  await settle()
  const [closed] = await readTasks({ ...caller, domains: null }, { ids: [open] })
  expect(closed).toMatchObject({ state: 'failed', caches: [{ failed: 1, notes: { cause: 'closed' } }] })
  expect(await countOf('failed')).toBe(1)
  await keepRecords()

  expect(await readTasks({ ...caller, domains: null }, { ids: [gone] })).toEqual([])
  const { rows } = await listRecords(caller, { filter: { url: 'a.test/' } })
  expect(rows.map((row) => row.tasks[0]?.firstLine)).toEqual(['https://a.test/today', 'https://a.test/kept'])
  expect(await readTasks({ ...caller, domains: null }, { ids: [open] })).toEqual([])
  expect(await partitions()).not.toContain(partitionOf(91))
  expect(await partitions()).toContain(`${partitionOf(3)}_text`)
  expect(await partitions()).not.toContain(`${partitionOf(0)}_text`)
})

it('keeps records as long as the account says', async () => {
  const id = await purgeOf('https://a.test/three', 3, 'complete')
  await saveRetention(caller, { days: 2 })
  await keepRecords()
  expect(await readTasks({ ...caller, domains: null }, { ids: [id] })).toEqual([])
  expect(await partitions()).not.toContain(partitionOf(3))
})

it.each([0, 3651, 1.5, Number.NaN])('refuses %d days', async (days) => {
  await expect(saveRetention(caller, { days })).rejects.toMatchObject({ code: 'InvalidParameter' })
})
