import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '#lib/core/caller.ts'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { closeStore, db, transaction } from '#lib/store/client.ts'
import { describeRefreshQuota } from './describe-refresh-quota.ts'
import { describeRefreshTasks, listLines } from './describe-refresh-tasks.ts'
import { refreshObjectCaches } from './refresh-object-caches.ts'
import { saveLimits } from './request-quota.ts'
import { saveCache } from './save-cache.ts'
import { listDomains, removeDomain, saveDomain } from './save-domain.ts'

await testDatabase()

const caller = await testOwner()

beforeAll(async () => {
  const { id } = await saveCache(caller, {
    name: 'one',
    kind: 'edge',
    address: 'http://one:80',
    tier: 'edge',
    secret: 'sixteen-characters',
  })
  for (const name of ['a.test', 'b.test']) await saveDomain(caller, { name, cacheIds: [id] })
  await saveDomain(caller, { name: 'bare.test', cacheIds: [] })
  // What these tests submit together is more than a day's quota.
  await saveLimits(caller, { perDay: { url: 1_000_000 }, perMinute: { url: 1_000_000 } })
})
afterAll(closeStore)

const purge = (text: string, key = randomUUID()) =>
  refreshObjectCaches(caller, { text, method: 'url', mode: 'hard', key })

async function counts() {
  const [row] = await db().$queryRaw<Record<string, number>[]>`
    select (select count(*) from task)::int as tasks, (select count(*) from line)::int as lines,
      (select count(*) from command_body)::int as bodies, (select count(*) from log)::int as log,
      (select count(*) from submission_key)::int as keys,
      (select count(*) from audit where action = 'dcdn:RefreshDcdnObjectCaches')::int as audits`
  return row
}

describe('a purge that is accepted', () => {
  it('is one task per domain, with its lines, its commands in the log and an audit row', async () => {
    const before = await counts()
    const { submissionId, taskIds } = await purge('https://a.test/1\nhttps://b.test/1\nhttps://a.test/2')
    const after = await counts()
    const grown = Object.fromEntries(
      Object.entries(after ?? {}).map(([name, count]) => [name, count - (before?.[name] ?? 0)]),
    )
    expect(grown).toEqual({ tasks: 2, lines: 3, bodies: 2, log: 2, keys: 1, audits: 1 })
    await purge('https://a.test/another-submission')
    const tasks = await describeRefreshTasks(caller, { submissionId })
    expect(tasks.map((task) => task.id).sort()).toEqual(taskIds)
    expect(tasks.find((task) => task.domain === 'a.test')).toMatchObject({
      lineCount: 2,
      state: 'pending',
      actor: 'editor',
    })
    expect(await listLines(caller, { taskId: taskIds[0] ?? '' })).toEqual([
      { ordinal: 0, text: 'https://a.test/1', misses: [] },
      { ordinal: 1, text: 'https://a.test/2', misses: [] },
    ])
  })

  it('travels as 200 targets a command, in the bulk lane above 100 lines', async () => {
    const urls = (count: number) =>
      Array.from({ length: count }, (_, at) => `https://a.test/${at}`).join('\n')
    const [small, large] = [await purge(urls(100)), await purge(urls(401))]
    const rows = await db().$queryRaw<{ class: number; commands: number }[]>`
      select class::int, command_count as commands from task
      where id in (${BigInt(small.taskIds[0] ?? 0)}, ${BigInt(large.taskIds[0] ?? 0)}) order by id`
    expect(rows).toEqual([
      { class: 0, commands: 1 },
      { class: 1, commands: 3 },
    ])
  })

  it('is one submission for eight presses at once with the same key', async () => {
    const key = randomUUID()
    const before = await counts()
    const answers = await Promise.all(Array.from({ length: 8 }, () => purge('https://a.test/double', key)))
    expect(new Set(answers.map((answer) => answer.submissionId)).size).toBe(1)
    expect((await counts())?.tasks).toBe((before?.tasks ?? 0) + 1)
    expect(await purge('https://a.test/double', key)).toEqual(answers[0])
  })

  it('numbers its commands in the order of commits, without gaps within a task', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        purge(Array.from({ length: 300 }, (_, n) => `https://a.test/${at}/${n}`).join('\n')),
      ),
    )
    const broken = await db().$queryRaw<object[]>`
      select id from task where last_seq - first_seq + 1 <> command_count
        or (select count(*) from log where task_id = task.id and seq between first_seq and last_seq) <> command_count`
    expect(broken).toEqual([])
  })
})

describe('a purge that is refused', () => {
  it.each([
    ['without a line', '\n \n', 'MissingObjectPath'],
    [
      'with one bad line among good ones',
      'https://a.test/1\nhttps://user@a.test/2',
      'InvalidObjectPath.Malformed',
    ],
    ['with a domain of nobody', 'https://a.test/1\nhttps://other.test/', 'InvalidObjectPath.Malformed'],
    ['with a domain that no cache serves', 'https://a.test/1\nhttps://bare.test/', 'DomainWithoutCaches'],
    [
      'with more lines than one submission takes',
      'https://a.test/1\n'.repeat(10_001).replace(/1\n/g, () => `${Math.random()}\n`),
      'SingleRequest.OverLimit',
    ],
  ])('%s leaves nothing behind, not even its key', async (_, text, code) => {
    const before = await counts()
    await expect(purge(text)).rejects.toMatchObject({ name: 'Fault', code })
    expect(await counts()).toEqual(before)
  })

  it('names each bad line, what is wrong with it and the way out', async () => {
    await expect(purge('a.test/1\nhttps://a.test/ok')).rejects.toMatchObject({
      details: {
        count: 1,
        total: 2,
        problems: [{ line: 1, code: 'missing-scheme', fix: 'https://a.test/1' }],
      },
    })
  })

  it('because its key came with other lines says so', async () => {
    const key = randomUUID()
    await purge('https://a.test/1', key)
    await expect(purge('https://a.test/2', key)).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
    })
  })

  it('because the caller has no right', async () => {
    const stranger: Caller = { ...caller, role: 'user' }
    const given = { text: 'https://a.test/1', method: 'url', mode: 'hard', key: randomUUID() } as const
    await expect(refreshObjectCaches(stranger, given)).rejects.toMatchObject({
      code: 'NoPermission',
      status: 403,
    })
  })
})

describe('methods', () => {
  const submit = (given: Partial<Parameters<typeof refreshObjectCaches>[1]>) =>
    refreshObjectCaches(caller, { text: '', method: 'url', mode: 'hard', key: randomUUID(), ...given })
  const tasksOf = async (submissionId: string) =>
    (await describeRefreshTasks(caller, { submissionId })).map(({ domain, operation, kind, mode }) =>
      [domain, operation, kind, mode].join(' '),
    )

  it('are a task each, and a directory among URLs is soft', async () => {
    const { submissionId } = await submit({ text: 'https://a.test/x\nhttps://a.test/y/*\nhttps://b.test/z' })
    expect((await tasksOf(submissionId)).sort()).toEqual([
      'a.test purge directory soft',
      'a.test purge url hard',
      'b.test purge url hard',
    ])
  })

  it('that reach a whole host want its name typed', async () => {
    const everything = { text: 'https://a.test/', method: 'directory', mode: 'soft' } as const
    await expect(submit(everything)).rejects.toMatchObject({
      code: 'ConfirmationNeeded',
      details: { hosts: 'a.test' },
    })
    await expect(submit({ ...everything, confirmed: ['b.test'] })).rejects.toMatchObject({
      code: 'ConfirmationNeeded',
    })
    const { submissionId } = await submit({ ...everything, confirmed: ['a.test'] })
    expect(await tasksOf(submissionId)).toEqual(['a.test purge directory soft'])
    await expect(submit({ text: 'https://a.test/.*', method: 'regex' })).rejects.toMatchObject({
      code: 'ConfirmationNeeded',
    })
  })

  it('purge and prefetch are one submission, files only', async () => {
    const { submissionId } = await submit({
      text: 'https://a.test/f\nhttps://a.test/page/',
      thenPrefetch: true,
    })
    const tasks = await describeRefreshTasks(caller, { submissionId })
    expect(tasks.map(({ operation, lineCount }) => [operation, lineCount])).toEqual([
      ['prefetch', 1],
      ['purge', 2],
    ])
    const [row] = await db().$queryRaw<{ waits: boolean }[]>`
      select p.first_seq <= l.after_urgent as waits from task t
      join log l on l.seq = t.first_seq
      join task p on p.submission_id = t.submission_id and p.operation = 'purge'
      where t.submission_id = ${BigInt(submissionId)} and t.operation = 'prefetch'`
    expect(row?.waits).toBe(true)
  })

  it('of tags are scoped to their domain', async () => {
    const { submissionId } = await submit({
      text: 'Sale\nnew',
      method: 'tag',
      mode: 'soft',
      tagDomain: 'a.test',
    })
    expect(await tasksOf(submissionId)).toEqual(['a.test purge tag soft'])
    await expect(submit({ text: 'Sale', method: 'tag', mode: 'soft' })).rejects.toMatchObject({
      code: 'InvalidObjectPath.Malformed',
    })
  })

  it('purge every name of a shared cache, and count the submitted one', async () => {
    const [a] = await listDomains(caller, {})
    const { id } = await saveDomain(caller, { name: 'alias.test', cacheIds: [], sharesWithId: a?.id ?? 0 })
    await saveDomain(caller, { id, name: 'alias.test', cacheIds: a?.caches ?? [], sharesWithId: a?.id ?? 0 })
    const before = await describeRefreshQuota(caller, {})
    const { submissionId } = await submit({ text: 'https://alias.test/1' })
    const after = await describeRefreshQuota(caller, {})
    expect((after.pools[0]?.used ?? 0) - (before.pools[0]?.used ?? 0)).toBe(1)
    const [task] = await describeRefreshTasks(caller, { submissionId })
    expect(task).toMatchObject({ domain: 'alias.test', also: ['a.test'] })
    const marks = await db().$queryRaw<{ last: bigint }[]>`
      select m.last_urgent as last from domain_mark m join domain d on d.id = m.domain_id
      where d.name in ('a.test', 'alias.test')`
    expect(new Set(marks.map((mark) => mark.last)).size).toBe(1)
    await removeDomain(caller, { id })
  })
})

describe('the log', () => {
  it('has one writer', async () => {
    await expect(
      db().$executeRaw`insert into log values (nextval('log_seq'), 1, 1, 1, 1, 1, 0, 0, 0)`,
    ).rejects.toThrow(/written by inserting a task/)
  })

  it('makes a missing partition instead of refusing', async () => {
    await db().$executeRawUnsafe(
      `do $$ begin execute format('drop table line_%s', to_char(now() at time zone 'UTC', 'YYYYMMDD')); end $$`,
    )
    await purge('https://a.test/after')
  })
})
