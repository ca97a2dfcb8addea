import { type CacheProgress, dayOfTask, passed, type TaskSnapshot } from '#lib/core/task.ts'
import { db, Prisma } from './client.ts'

type TaskRow = Omit<TaskSnapshot, 'acceptedAt' | 'caches'> & {
  domainId: number
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
type NoteCount = { taskId: string; cacheId: number; count: number; cause: string; detail: string }

/** Which tasks of an account to read, newest first. */
export type TaskFilter =
  | { ids: readonly string[] }
  | { submissionId: string }
  | { before?: string | undefined; limit: number }
  | { open: true; limit: number }
  | { changedAfter: number; limit: number }

function where(filter: TaskFilter): Prisma.Sql {
  if ('ids' in filter) return Prisma.sql`and t.id = any(${filter.ids.map(BigInt)}::bigint[])`
  if ('submissionId' in filter) return Prisma.sql`and t.submission_id = ${BigInt(filter.submissionId)}`
  if ('open' in filter) return Prisma.sql`and t.state in ('pending', 'running')`
  if ('changedAfter' in filter) return Prisma.sql`and t.revision > ${filter.changedAfter}::bigint`
  return filter.before === undefined ? Prisma.empty : Prisma.sql`and t.id < ${BigInt(filter.before)}`
}

/** The tasks of an account as pages show them: newest first, with each cache's progress. */
export async function readTasks(accountId: number, filter: TaskFilter): Promise<TaskSnapshot[]> {
  const limit = 'limit' in filter ? filter.limit : 1000
  const tasks = await db().$queryRaw<TaskRow[]>`
    select t.id::text, t.submission_id::text as "submissionId", t.domain_id as "domainId", t.domain, t.operation,
      t.kind, t.mode, t.class::int, t.source, t.actor, t.note, t.line_count as "lineCount",
      t.command_count as commands, t.first_line as "firstLine", t.state, t.has_failed as "hasFailed",
      t.accepted_at as "acceptedAt",
      round(extract(epoch from t.applied_at - t.accepted_at) * 1000)::int as "appliedMs",
      round(extract(epoch from t.confirmed_at - t.accepted_at) * 1000)::int as "confirmedMs",
      t.first_seq::float8 as "firstSeq", t.last_seq::float8 as "lastSeq", r.caches, r.shields,
      tt.applied as "appliedTimes", tt.confirmed as "confirmedTimes"
    from task t join route r on r.id = t.route_id left join task_times tt on tt.task_id = t.id
    where t.account_id = ${accountId} ${where(filter)}
    order by t.id desc limit ${limit}`
  if (tasks.length === 0) return []
  const [caches, lanes, notes] = await Promise.all([
    db().$queryRaw<CacheRow[]>`
      select id, name, kind, tier, pop, status, cause, detail, since from cache where account_id = ${accountId}`,
    db().$queryRaw<LaneRow[]>`
      select cache_id as "cacheId", class::int, domain_id as "domainId", applied::float8, confirmed::float8,
        cause, detail, since
      from lane where account_id = ${accountId}`,
    db().$queryRaw<NoteCount[]>`
      select task_id::text as "taskId", cache_id as "cacheId", count(*)::int as count,
        min(cause) as cause, min(detail) as detail
      from note where task_id = any(${tasks.map((task) => BigInt(task.id))}::bigint[])
        and state in ('failed', 'released')
      group by 1, 2`,
  ])
  const seen = {
    caches: new Map(caches.map((cache) => [cache.id, cache])),
    lanes: new Map(lanes.map((lane) => [laneKey(lane.cacheId, lane.class, lane.domainId), lane])),
    notes: new Map(notes.map((note) => [`${note.taskId}/${note.cacheId}`, note])),
  }
  return tasks.map((task) => snapshot(task, seen))
}

type Seen = { caches: Map<number, CacheRow>; lanes: Map<string, LaneRow>; notes: Map<string, NoteCount> }

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
    ...shown
  } = task
  return {
    ...shown,
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
    failed: note?.count ?? 0,
    notes: note ? { cause: note.cause, detail: note.detail } : null,
    waits: confirmed >= task.commands || !lane ? null : waitsFor(task, cacheId, lane, seen),
  }
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
  if (task.shields.includes(cacheId) || lane.applied < task.lastSeq) return null
  for (const shieldId of task.shields) {
    const shield = seen.caches.get(shieldId)
    if (shield?.status === 'waiting' || shield?.status === 'paused') {
      return { cause: 'shield', detail: shield.name, since: since(shield.since), paused: false }
    }
  }
  return null
}

/** The newest revision of any task, to ask later for what changed since. */
export async function newestRevision(): Promise<number> {
  const [row] = await db().$queryRaw<{ revision: number }[]>`
    select coalesce(max(revision), 0)::float8 as revision from task`
  return row?.revision ?? 0
}

/** Lines of a task as they were submitted, from ordinal `from` on. */
export async function readLines(
  accountId: number,
  taskId: string,
  page: { from: number; limit: number; contains: string },
): Promise<{ ordinal: number; text: string }[]> {
  return db().$queryRaw<{ ordinal: number; text: string }[]>`
    select ordinal, text from line
    where day = ${dayOfTask(taskId)}::date and task_id = ${BigInt(taskId)} and account_id = ${accountId}
      and ordinal >= ${page.from} and (${page.contains} = '' or strpos(text, ${page.contains}) > 0)
    order by ordinal limit ${page.limit}`
}
