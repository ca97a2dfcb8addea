import { taskGrains } from '#lib/core/overview.ts'
import type { TaskState } from '#lib/core/task.ts'
import { db, transaction } from './client.ts'
import { notedLines } from './tasks.ts'

/** A task that is not settled yet. */
export type OpenTask = {
  id: string
  accountId: number
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
    select t.id::text, t.account_id as "accountId", t.class::int, t.domain_id as "domainId", t.first_seq::float8 as "firstSeq",
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

/** A cache that will not confirm a task any more: it was removed, or the task is older than records are kept. */
export type ReleasedPart = { taskId: string; cacheId: number; cause: 'removed' | 'closed' }

/** Notes what caches will not confirm: their part of these tasks ends by name. */
export async function noteReleased(parts: readonly ReleasedPart[]): Promise<void> {
  if (parts.length === 0) return
  await db().$executeRaw`
    insert into note (cache_id, seq, cause, account_id, task_id, state)
    select p."cacheId", t.last_seq, p.cause, t.account_id, t.id, 'released'
    from jsonb_to_recordset(${JSON.stringify(parts)}::jsonb) as p("taskId" text, "cacheId" int, cause text)
    join task t on t.id = p."taskId"::bigint
    on conflict do nothing`
}

type Times = (number | null)[]

/** What the settler found out about a task. */
export type SettledTask = {
  id: string
  state: TaskState
  hasFailed: boolean
  applied: Times
  confirmed: Times
  /** The times as they were written last; null where none were. */
  written: { applied: Times; confirmed: Times } | null
  appliedMs: number | null
  confirmedMs: number | null
}

/** What is to be added to the times of a cache in a slot: counts by bucket. */
export type CacheTimes = {
  accountId: number
  cacheId: number
  grain: number
  /** Its beginning, seconds since 1970. */
  slot: number
  applied: number[]
  confirmed: number[]
}

/**
 * Writes times and states of many tasks in one statement with what Overview counts of them, and notifies
 * once. All of it is written or nothing: where the times of a task are not those that were written last,
 * another settler wrote meanwhile, or an earlier try of this one that seemed to fail.
 *
 * @param times what `tasks` know more than was written of them
 * @returns whether it was written; where not, the tasks have to be read again
 */
export async function writeSettled(
  tasks: readonly SettledTask[],
  times: readonly CacheTimes[],
): Promise<boolean> {
  try {
    await transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ written: number }[]>`
        with s as (
          select * from jsonb_to_recordset(${JSON.stringify(tasks)}::jsonb) as s(
            id bigint, state text, "hasFailed" boolean, applied int[], confirmed int[], written jsonb,
            "appliedMs" int, "confirmedMs" int)
        ), begun as (
          insert into task_times (task_id, applied, confirmed)
          select id, applied, confirmed from s where written is null
          on conflict do nothing returning 1
        ), renewed as (
          update task_times tt set applied = s.applied, confirmed = s.confirmed
          from s, jsonb_to_record(s.written) as w(applied int[], confirmed int[])
          where tt.task_id = s.id and tt.applied = w.applied and tt.confirmed = w.confirmed returning 1
        ), settled as (
          update task t set state = s.state, has_failed = s."hasFailed", revision = nextval('task_revision'),
            applied_at = t.accepted_at + make_interval(secs => s."appliedMs" / 1000.0),
            confirmed_at = t.accepted_at + make_interval(secs => s."confirmedMs" / 1000.0)
          from s where t.id = s.id and t.state in ('pending', 'running')
          returning t.id, t.account_id, t.domain_id, t.accepted_at, t.state, t.line_count
        ), counted as (
          insert into task_count as c (account_id, domain_id, grain, slot, state, tasks, lines)
          select account_id, domain, grain, to_timestamp(floor(extract(epoch from accepted_at) / grain) * grain), state,
            count(*), sum(line_count)
          from settled, unnest(${[...taskGrains]}::int[]) grain, unnest(array[0, domain_id]) domain
          where state <> 'running'
          group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
          on conflict (account_id, domain_id, grain, slot, state) do update
            set tasks = c.tasks + excluded.tasks, lines = c.lines + excluded.lines
        ), timed as (
          insert into cache_times as c (account_id, cache_id, grain, slot, applied, confirmed)
          select "accountId", "cacheId", grain, to_timestamp(slot), applied, confirmed
          from jsonb_to_recordset(${JSON.stringify(times)}::jsonb) as n(
            "accountId" int, "cacheId" int, grain int, slot float8, applied int[], confirmed int[])
          on conflict (account_id, grain, slot, cache_id) do update set
            applied = array(select coalesce(a, 0) + coalesce(b, 0)
              from unnest(c.applied, excluded.applied) with ordinality u(a, b, bucket) order by bucket),
            confirmed = array(select coalesce(a, 0) + coalesce(b, 0)
              from unnest(c.confirmed, excluded.confirmed) with ordinality u(a, b, bucket) order by bucket),
            changed_at = clock_timestamp()
        ), told as (
          select pg_notify('freshet_lanes', '') from settled limit 1
        )
        select ((select count(*) from begun) + (select count(*) from renewed))::int as written,
          (select count(*) from told)::int`
      if (row?.written !== tasks.length) throw new OutOfDate()
    })
    return true
  } catch (error) {
    if (error instanceof OutOfDate) return false
    throw error
  }
}

class OutOfDate extends Error {}
