import type { TaskState } from '#lib/core/task.ts'
import { db } from './client.ts'
import { notedLines } from './tasks.ts'

/** A task that is not settled yet. */
export type OpenTask = {
  id: string
  class: number
  domainId: number
  firstSeq: number
  lastSeq: number
  caches: number[]
  acceptedAtMs: number
  appliedTimes: (number | null)[] | null
  confirmedTimes: (number | null)[] | null
}

/** Open tasks whose first command is behind `after`, in the order of the log. */
export async function readOpenTasks(after: number): Promise<OpenTask[]> {
  return db().$queryRaw<OpenTask[]>`
    select t.id::text, t.class::int, t.domain_id as "domainId", t.first_seq::float8 as "firstSeq",
      t.last_seq::float8 as "lastSeq", r.caches, extract(epoch from t.accepted_at)::float8 * 1000 as "acceptedAtMs",
      tt.applied as "appliedTimes", tt.confirmed as "confirmedTimes"
    from task t join route r on r.id = t.route_id left join task_times tt on tt.task_id = t.id
    where t.state in ('pending', 'running') and t.first_seq > ${after}::bigint
    order by t.first_seq`
}

/** How many notes each task has, and on how many caches all of it failed. */
export async function readFailures(
  taskIds: readonly string[],
): Promise<Map<string, { notes: number; caches: number }>> {
  const rows = await db().$queryRaw<{ taskId: string; notes: number; caches: number }[]>`
    with part as (
      select n.task_id, count(*) as notes,
        bool_or(n.state = 'released') or sum(${notedLines}) >= max(t.line_count) as whole
      from note n join task t on t.id = n.task_id
      left join log l on l.seq = n.seq left join command_body b on b.id = l.body_id
      where n.task_id = any(${taskIds.map(BigInt)}::bigint[]) and n.state in ('failed', 'released')
      group by n.task_id, n.cache_id
    )
    select task_id::text as "taskId", sum(notes)::int as notes, count(*) filter (where whole)::int as caches
    from part group by 1`
  return new Map(rows.map((row) => [row.taskId, row]))
}

/** Notes that caches were removed before they confirmed: their part of these tasks ends by name. */
export async function noteReleased(parts: readonly { taskId: string; cacheId: number }[]): Promise<void> {
  if (parts.length === 0) return
  await db().$executeRaw`
    insert into note (cache_id, seq, cause, account_id, task_id, state)
    select p."cacheId", t.last_seq, 'removed', t.account_id, t.id, 'released'
    from jsonb_to_recordset(${JSON.stringify(parts)}::jsonb) as p("taskId" text, "cacheId" int)
    join task t on t.id = p."taskId"::bigint
    on conflict do nothing`
}

/** What the settler found out about a task. */
export type SettledTask = {
  id: string
  state: TaskState
  hasFailed: boolean
  applied: (number | null)[]
  confirmed: (number | null)[]
  appliedMs: number | null
  confirmedMs: number | null
}

/** Writes times and states of many tasks in one statement, and notifies once. */
export async function writeSettled(tasks: readonly SettledTask[]): Promise<void> {
  if (tasks.length === 0) return
  await db().$queryRaw`
    with s as (
      select * from jsonb_to_recordset(${JSON.stringify(tasks)}::jsonb) as s(
        id text, state text, "hasFailed" boolean, applied int[], confirmed int[], "appliedMs" int, "confirmedMs" int)
    ), timed as (
      insert into task_times (task_id, applied, confirmed)
      select id::bigint, applied, confirmed from s
      on conflict (task_id) do update set applied = excluded.applied, confirmed = excluded.confirmed
    ), settled as (
      update task t set state = s.state, has_failed = s."hasFailed", revision = nextval('task_revision'),
        applied_at = t.accepted_at + make_interval(secs => s."appliedMs" / 1000.0),
        confirmed_at = t.accepted_at + make_interval(secs => s."confirmedMs" / 1000.0)
      from s where t.id = s.id::bigint and t.state in ('pending', 'running')
      returning t.id
    )
    select pg_notify('freshet_lanes', '')::text from settled limit 1`
}
