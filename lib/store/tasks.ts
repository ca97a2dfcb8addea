import { hiddenValue, withCredentials } from '#lib/core/header-sets.ts'
import type { Scope } from '#lib/core/scope.ts'
import {
  type CacheProgress,
  dayOfTask,
  type FetchProgress,
  finalStates,
  type LineMiss,
  passed,
  type TaskLine,
  type TaskSnapshot,
  type TaskState,
} from '#lib/core/task.ts'
import type { TaskOptions } from './accept.ts'
import { db, Prisma } from './client.ts'

type TaskRow = Omit<
  TaskSnapshot,
  'acceptedAt' | 'caches' | 'forbidden' | 'headers' | 'asked' | 'queuedBefore' | 'missedLines'
> & {
  domainId: number
  options: TaskOptions
  class: number
  acceptedAt: Date
  firstSeq: number
  lastSeq: number
  caches: number[]
  shields: number[]
  appliedTimes: (number | null)[] | null
  confirmedTimes: (number | null)[] | null
}

type CacheRow = {
  id: number
  name: string
  kind: string
  tier: 'edge' | 'shield'
  pop: string
  status: string
  cause: string | null
  detail: string | null
  since: Date
}
type LaneRow = {
  cacheId: number
  class: number
  domainId: number
  applied: number
  confirmed: number
  cause: string | null
  detail: string | null
  since: Date | null
}
type NoteCount = {
  taskId: string
  cacheId: number
  failed: number
  degraded: number
  cause: string | null
  detail: string | null
}
type ProgressRow = Pick<FetchProgress, 'lines' | 'bytes' | 'running'> & { taskId: string; cacheId: number }

/** The tasks `t` that a scope holds. */
export function inScope({ accountId, domains }: Scope, t: Prisma.Sql = Prisma.raw('t')): Prisma.Sql {
  const own = Prisma.sql`${t}.account_id = ${accountId}`
  return domains === null ? own : Prisma.sql`${own} and ${t}.domain = any(${domains}::text[])`
}

/** Which tasks of a scope to read, newest first. */
export type TaskFilter =
  | { ids: readonly string[] }
  | { submissionId: string }
  | { submissionIds: readonly string[]; mostEach: number }
  | { open: true; limit: number }

function where(filter: TaskFilter, scope: Scope): Prisma.Sql {
  if ('ids' in filter) return Prisma.sql`and t.id = any(${filter.ids.map(BigInt)}::bigint[])`
  if ('submissionId' in filter) return Prisma.sql`and t.submission_id = ${BigInt(filter.submissionId)}`
  if ('submissionIds' in filter)
    return Prisma.sql`and t.id = any(array(
      select id from (
        select s.id, row_number() over (partition by s.submission_id order by s.id) as place from task s
        where s.submission_id = any(${filter.submissionIds.map(BigInt)}::bigint[])
          and ${inScope(scope, Prisma.raw('s'))}) placed
      where place <= ${filter.mostEach}))`
  return Prisma.sql`and t.state in ('pending', 'running')`
}

/** The tasks of a scope as pages show them: newest first, with each cache's progress. */
export async function readTasks(scope: Scope, filter: TaskFilter): Promise<TaskSnapshot[]> {
  const { accountId } = scope
  const limit = 'limit' in filter ? filter.limit : 1000
  const tasks = await db().$queryRaw<TaskRow[]>`
    select t.id::text, t.submission_id::text as "submissionId", t.domain_id as "domainId", t.domain, t.operation,
      t.kind, t.mode, t.class::int, t.source, t.actor, t.key_id as "keyId", t.address, t.note, t.line_count as "lineCount",
      t.command_count as commands, t.first_line as "firstLine", t.state, t.has_failed as "hasFailed",
      t.accepted_at as "acceptedAt", t.also, coalesce(t.plan, '[]') as plan, t.options,
      round(extract(epoch from t.applied_at - t.accepted_at) * 1000)::int as "appliedMs",
      round(extract(epoch from t.confirmed_at - t.accepted_at) * 1000)::int as "confirmedMs",
      t.first_seq::float8 as "firstSeq", t.last_seq::float8 as "lastSeq", r.caches, r.shields,
      tt.applied as "appliedTimes", tt.confirmed as "confirmedTimes"
    from task t join route r on r.id = t.route_id left join task_times tt on tt.task_id = t.id
    where ${inScope(scope)} ${where(filter, scope)}
    order by t.id desc limit ${limit}`
  if (tasks.length === 0) return []
  const ids = tasks.map((task) => BigInt(task.id))
  const prefetches = tasks.filter((task) => task.operation === 'prefetch').map((task) => BigInt(task.id))
  const isQueued = tasks.some(
    ({ operation, state }) => operation === 'prefetch' && !finalStates.includes(state),
  )
  const [caches, lanes, notes, missed, progress, queue] = await Promise.all([
    db().$queryRaw<CacheRow[]>`
      select id, name, kind, tier, pop, status, cause, detail, since from cache where account_id = ${accountId}`,
    db().$queryRaw<LaneRow[]>`
      select cache_id as "cacheId", class::int, domain_id as "domainId", applied::float8, confirmed::float8,
        cause, detail, since
      from lane where account_id = ${accountId}`,
    readNoteCounts(ids),
    readMissed(tasks.filter((task) => task.hasFailed).map((task) => BigInt(task.id))),
    prefetches.length === 0
      ? []
      : db().$queryRaw<ProgressRow[]>`
          select task_id::text as "taskId", cache_id as "cacheId", lines, bytes::float8, running
          from prefetch_progress where task_id = any(${prefetches}::bigint[])`,
    isQueued ? readQueue(accountId) : new Map<string, number>(),
  ])
  const seen = {
    caches: new Map(caches.map((cache) => [cache.id, cache])),
    lanes: new Map(lanes.map((lane) => [laneKey(lane.cacheId, lane.class, lane.domainId), lane])),
    notes: new Map(notes.map((note) => [`${note.taskId}/${note.cacheId}`, note])),
    missed,
    progress: new Map(progress.map((row) => [`${row.taskId}/${row.cacheId}`, row])),
    queue,
  }
  return tasks.map((task) => snapshot(task, seen))
}

/** Lines that are to be fetched from the same origin before those of each open prefetch of an account. */
async function readQueue(accountId: number): Promise<Map<string, number>> {
  const rows = await db().$queryRaw<{ taskId: string; before: number }[]>`
    select q.id::text as "taskId", (sum(q.lines) over (partition by q.origin order by q.first_seq) - q.lines)::int as before
    from (
      select t.id, t.first_seq, coalesce(nullif(d.origin, ''), d.name) as origin,
        t.line_count - coalesce((select max(p.lines) from prefetch_progress p where p.task_id = t.id), 0) as lines
      from task t join domain d on d.id = t.domain_id
      where t.account_id = ${accountId} and t.operation = 'prefetch' and t.state in ('pending', 'running')
    ) q`
  return new Map(rows.map(({ taskId, before }) => [taskId, before]))
}

/** How many lines a note `n` is about, beside its task `t`, and the body `b` of its command. */
export const notedLines = Prisma.sql`
  case when n.state = 'released' then t.line_count
    when n.targets = '{}' then greatest(1, cardinality(b.targets)) else cardinality(n.targets) end`

/** How many lines of each task failed at each cache, with the first cause, and how many did less than asked. */
function readNoteCounts(ids: readonly bigint[]): Promise<NoteCount[]> {
  return db().$queryRaw<NoteCount[]>`
    select n.task_id::text as "taskId", n.cache_id as "cacheId",
      coalesce(sum(n.lines) filter (where n.state <> 'degraded'), 0)::int as failed,
      coalesce(sum(n.lines) filter (where n.state = 'degraded'), 0)::int as degraded,
      (array_agg(n.cause order by n.state = 'degraded', n.seq, n.cause))[1] as cause,
      (array_agg(n.detail order by n.state = 'degraded', n.seq, n.cause))[1] as detail
    from (
      select n.*, ${notedLines} as lines
      from note n join task t on t.id = n.task_id
      left join log l on l.seq = n.seq left join command_body b on b.id = l.body_id
      where n.task_id = any(${ids}::bigint[]) and n.state in ('failed', 'released', 'degraded')
    ) n
    group by 1, 2`
}

/** How many lines of each task failed at any cache, each counted once. */
async function readMissed(ids: readonly bigint[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db().$queryRaw<{ taskId: string; lines: number }[]>`
    select t.id::text as "taskId", case when bool_or(n.state = 'released') then t.line_count
      else least(t.line_count, count(distinct b.first_ordinal + at.target)) end::int as lines
    from task t join note n on n.task_id = t.id and n.state in ('failed', 'released')
    left join log l on l.seq = n.seq left join command_body b on b.id = l.body_id
    left join lateral unnest(case when n.targets = '{}'
      then array(select generate_series(0, greatest(1, cardinality(b.targets)) - 1)) else n.targets end) at(target) on true
    where t.id = any(${ids}::bigint[])
    group by t.id, t.line_count`
  return new Map(rows.map((row) => [row.taskId, row.lines]))
}

type Seen = {
  caches: Map<number, CacheRow>
  lanes: Map<string, LaneRow>
  notes: Map<string, NoteCount>
  missed: Map<string, number>
  progress: Map<string, ProgressRow>
  queue: Map<string, number>
}

const laneKey = (cacheId: number, laneClass: number, domainId: number) =>
  `${cacheId}/${laneClass}/${domainId}`

function laneOf(task: TaskRow, cacheId: number, seen: Seen): LaneRow | undefined {
  return (
    seen.lanes.get(laneKey(cacheId, task.class, task.domainId)) ??
    seen.lanes.get(laneKey(cacheId, task.class, 0))
  )
}

function snapshot(task: TaskRow, seen: Seen): TaskSnapshot {
  const {
    domainId,
    class: _,
    firstSeq,
    lastSeq,
    caches,
    shields,
    appliedTimes,
    confirmedTimes,
    options,
    ...shown
  } = task
  return {
    ...shown,
    forbidden: options.forbidden ?? false,
    headers: withCredentials(options.headers ?? [], () => hiddenValue),
    asked: options.asked ?? {},
    queuedBefore: seen.queue.get(task.id) ?? null,
    missedLines: seen.missed.get(task.id) ?? 0,
    acceptedAt: task.acceptedAt.toISOString(),
    caches: caches.map((cacheId, at) => progress(task, cacheId, at, seen)),
  }
}

function progress(task: TaskRow, cacheId: number, at: number, seen: Seen): CacheProgress {
  const cache = seen.caches.get(cacheId)
  const lane = laneOf(task, cacheId, seen)
  const note = seen.notes.get(`${task.id}/${cacheId}`)
  const appliedMs = task.appliedTimes?.[at] ?? null
  const confirmedMs = task.confirmedTimes?.[at] ?? null
  const reached = (ms: number | null, cursor: number | undefined) =>
    ms !== null ? task.commands : passed(cursor ?? 0, task.firstSeq, task.lastSeq)
  const confirmed = reached(confirmedMs, lane?.confirmed)
  return {
    cacheId,
    name: cache?.name ?? `#${cacheId}`,
    kind: cache?.kind ?? '',
    tier: cache?.tier ?? 'edge',
    pop: cache?.pop ?? '',
    applied: Math.max(reached(appliedMs, lane?.applied), confirmed),
    confirmed,
    appliedMs,
    confirmedMs,
    failed: note?.failed ?? 0,
    notes: note?.cause ? { cause: note.cause, detail: note.detail ?? '' } : null,
    fetch: fetchProgress(task, cacheId, note, seen),
    waits: confirmed >= task.commands || !lane ? null : waitsFor(task, cacheId, lane, seen),
  }
}

function fetchProgress(
  task: TaskRow,
  cacheId: number,
  note: NoteCount | undefined,
  seen: Seen,
): FetchProgress | null {
  if (task.operation !== 'prefetch') return null
  const { lines = 0, bytes = 0, running = [] } = seen.progress.get(`${task.id}/${cacheId}`) ?? {}
  return { lines, bytes, running, degraded: note?.degraded ?? 0 }
}

/** What holds a cache up: its own health, its domain's side lane, or a shield that waits. */
function waitsFor(task: TaskRow, cacheId: number, lane: LaneRow, seen: Seen): CacheProgress['waits'] {
  const cache = seen.caches.get(cacheId)
  const since = (from: Date) => new Date(Math.max(from.getTime(), task.acceptedAt.getTime())).toISOString()
  if (cache && (cache.status === 'waiting' || cache.status === 'paused')) {
    const paused = cache.status === 'paused'
    return { cause: cache.cause ?? '', detail: cache.detail ?? '', since: since(cache.since), paused }
  }
  if (lane.cause && lane.since) {
    return { cause: lane.cause, detail: lane.detail ?? '', since: since(lane.since), paused: false }
  }
  if (task.shields.includes(cacheId)) return null
  if (task.operation === 'purge' && lane.applied < task.lastSeq) return null
  for (const shieldId of task.shields) {
    const shield = seen.caches.get(shieldId)
    if (shield?.status === 'waiting' || shield?.status === 'paused') {
      return { cause: 'shield', detail: shield.name, since: since(shield.since), paused: false }
    }
  }
  return null
}

/** How many tasks and lines submissions have, and in which states the tasks are: more than a page reads of them. */
export async function countSubmissions(
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, { tasks: number; lines: number; states: TaskState[] }>> {
  const rows = await db().$queryRaw<
    { submissionId: string; tasks: number; lines: number; states: TaskState[] }[]
  >`
    select submission_id::text as "submissionId", count(*)::int as tasks, sum(line_count)::int as lines,
      array_agg(distinct state) as states
    from task t where ${inScope(scope)} and submission_id = any(${ids.map(BigInt)}::bigint[]) group by 1`
  return new Map(rows.map((row) => [row.submissionId, row]))
}

/** Tasks of an account that changed after a revision, in the order in which they did, and how far that goes. */
export async function readChanges(
  accountId: number,
  after: number,
  limit: number,
): Promise<{ ids: string[]; revision: number }> {
  const rows = await db().$queryRaw<{ id: string; revision: number }[]>`
    select id::text, revision::float8 from task
    where account_id = ${accountId} and revision > ${after}::bigint order by revision limit ${limit}`
  return { ids: rows.map((row) => row.id), revision: rows.at(-1)?.revision ?? after }
}

/** The newest revision of any task, to ask later for what changed since. */
export async function newestRevision(): Promise<number> {
  const [row] = await db().$queryRaw<{ revision: number }[]>`
    select coalesce(max(revision), 0)::float8 as revision from task`
  return row?.revision ?? 0
}

/** Lines of a task as they were submitted, from ordinal `from` on, with what each cache missed of them. */
export async function readLines(
  accountId: number,
  taskId: string,
  page: { from: number; limit: number; contains: string },
): Promise<TaskLine[]> {
  const lines = await readTexts(accountId, taskId, page)
  const misses = await readMisses(
    accountId,
    taskId,
    lines.map(({ ordinal }) => ordinal),
  )
  const byOrdinal = new Map<number, LineMiss[]>()
  for (const { ordinals, ...miss } of misses) {
    for (const ordinal of ordinals) byOrdinal.set(ordinal, [...(byOrdinal.get(ordinal) ?? []), miss])
  }
  const ofAll = misses.filter((miss) => miss.state === 'released').map(({ ordinals: _, ...miss }) => miss)
  return lines.map((line) => ({ ...line, misses: [...ofAll, ...(byOrdinal.get(line.ordinal) ?? [])] }))
}

/** Lines of a task as they were submitted. */
export function readTexts(
  accountId: number,
  taskId: string,
  page: { from: number; limit: number; contains: string },
): Promise<{ ordinal: number; text: string }[]> {
  return db().$queryRaw`
    select ordinal, text from line
    where day = ${dayOfTask(taskId)}::date and task_id = ${BigInt(taskId)} and account_id = ${accountId}
      and ordinal >= ${page.from} and (${page.contains} = '' or strpos(lower(text), lower(${page.contains})) > 0)
    order by ordinal limit ${page.limit}`
}

/** What caches missed of these lines; what a removed cache missed is all, and has no ordinals. */
function readMisses(
  accountId: number,
  taskId: string,
  ordinals: readonly number[],
): Promise<(LineMiss & { ordinals: number[] })[]> {
  return db().$queryRaw`
    select n.cache_id as "cacheId", n.state, n.cause, n.detail, case when n.state = 'released' then '{}'
      else array(select o from unnest(${ordinals}::int[]) o where o - b.first_ordinal between 0 and cardinality(b.targets) - 1
        and (n.targets = '{}' or o - b.first_ordinal = any(n.targets))) end as ordinals
    from note n join log l on l.seq = n.seq join command_body b on b.id = l.body_id
    where n.task_id = ${BigInt(taskId)} and n.account_id = ${accountId}
      and (n.state = 'released' or b.first_ordinal <= ${ordinals.at(-1) ?? -1}
        and b.first_ordinal + cardinality(b.targets) > ${ordinals[0] ?? 0})`
}

/** Lines of a task that failed at caches which are still there, as they were submitted, and these caches. */
export async function readFailed(
  accountId: number,
  taskId: string,
): Promise<{ lines: string[]; cacheIds: number[] }> {
  const [row] = await db().$queryRaw<{ lines: string[] | null; cacheIds: number[] | null }[]>`
    with failed as (
      select n.cache_id, b.first_ordinal + at.target as ordinal
      from note n join cache c on c.id = n.cache_id and c.removed_at is null
      join log l on l.seq = n.seq join command_body b on b.id = l.body_id
      cross join lateral unnest(case when n.targets = '{}'
        then array(select generate_series(0, greatest(1, cardinality(b.targets)) - 1)) else n.targets end) at(target)
      where n.task_id = ${BigInt(taskId)} and n.account_id = ${accountId} and n.state = 'failed'
    )
    select (select array_agg(distinct cache_id) from failed) as "cacheIds",
      (select array_agg(text order by ordinal) from line
        where day = ${dayOfTask(taskId)}::date and task_id = ${BigInt(taskId)} and account_id = ${accountId}
          and ordinal in (select ordinal from failed)) as lines`
  return { lines: row?.lines ?? [], cacheIds: row?.cacheIds ?? [] }
}

/** URLs of a domain that were lines of its latest tasks, newest first and each once. */
export async function readKnownUrls(accountId: number, domain: string): Promise<string[]> {
  const rows = await db().$queryRaw<{ text: string }[]>`
    select l.text from (
      select id from task where account_id = ${accountId} and domain = ${domain} and kind in ('url', 'prefetch')
      order by id desc limit 200) t
    join line l on l.task_id = t.id and l.day = to_date((t.id / 100000000)::text, 'YYYYMMDD')
    order by t.id desc, l.ordinal limit 20000`
  return [...new Set(rows.map((row) => row.text))]
}
