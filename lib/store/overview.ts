import {
  type AskedAccess,
  type AskedQuota,
  type FailedTask,
  keptSeconds,
  mostOpen,
  type Overview,
} from '#lib/core/overview.ts'
import type { Scope } from '#lib/core/scope.ts'
import { db, Prisma } from './client.ts'
import { inScope } from './tasks.ts'

/** Tasks of a slot and a state with their lines; `open` are those that are not over. */
export type TaskCount = {
  slot: number
  state: 'complete' | 'partial' | 'failed' | 'open'
  tasks: number
  lines: number
}

/** How many tasks were accepted in each slot, by what became of them. */
export function readTaskCounts(scope: Scope, grain: number, sinceSlot: number): Promise<TaskCount[]> {
  const { accountId, domains } = scope
  const counted =
    domains === null
      ? Prisma.sql`domain_id = 0`
      : Prisma.sql`domain_id = any(array(
          select id from domain where account_id = ${accountId} and name = any(${domains}::text[])))`
  return db().$queryRaw<TaskCount[]>`
    select extract(epoch from slot)::float8 as slot, state, tasks, lines::float8
    from task_count
    where account_id = ${accountId} and ${counted} and grain = ${grain} and slot >= to_timestamp(${sinceSlot}::float8)
    union all
    select (floor(extract(epoch from accepted_at) / ${grain}::int) * ${grain}::int)::float8, 'open', count(*)::int,
      sum(line_count)::float8
    from task t
    where ${inScope(scope)} and state in ('pending', 'running') and accepted_at >= to_timestamp(${sinceSlot}::float8)
    group by 1`
}

/** What a cache has before it. */
export type Backlog = {
  cacheId: number
  /** Tasks that it has not confirmed, among the oldest `mostOpen` that are open. */
  waiting: number
  /** When the oldest purge was accepted that it has not applied, ms since 1970. */
  oldestMs: number | null
}

/** What caches of an account have before them of a scope; those without anything are left out. */
export function readBacklogs(scope: Scope): Promise<Backlog[]> {
  return db().$queryRaw<Backlog[]>`
    with open as materialized (
      select t.class, t.domain_id, t.last_seq, t.accepted_at, t.operation, r.caches
      from task t join route r on r.id = t.route_id
      where ${inScope(scope)} and t.state in ('pending', 'running')
      order by t.first_seq limit ${mostOpen}
    )
    select l.cache_id as "cacheId", count(*)::int as waiting,
      (extract(epoch from min(o.accepted_at) filter (where o.operation = 'purge' and l.applied < o.last_seq)) * 1000)::float8
        as "oldestMs"
    from lane l join open o on o.class = l.class and (l.domain_id = 0 or l.domain_id = o.domain_id)
      and l.confirmed < o.last_seq and l.cache_id = any(o.caches)
    where l.account_id = ${scope.accountId} and l.confirmed < (select max(last_seq) from open)
      -- A side lane does the work of its domain, whatever its main lane says.
      and (l.domain_id <> 0 or not exists (
        select from lane s where s.cache_id = l.cache_id and s.class = l.class and s.domain_id = o.domain_id))
    group by 1`
}

/** The latest tasks since a moment that failed somewhere, each with the first thing that did. */
export function readFailedTasks(scope: Scope, sinceMs: number, limit: number): Promise<FailedTask[]> {
  return db().$queryRaw<FailedTask[]>`
    select t.id::text, t.state, t.operation, t.domain, t.line_count as lines,
      coalesce(b.targets[coalesce(n.targets[1], 0) + 1], t.first_line) as target,
      (select count(distinct cache_id)::int from note where task_id = t.id and state in ('failed', 'released')) as caches,
      coalesce(c.name, '') as cache, coalesce(n.cause, 'rejected') as cause, coalesce(n.detail, '') as detail
    from task t
    left join lateral (
      select * from note where task_id = t.id and state in ('failed', 'released') order by seq, cause limit 1) n on true
    left join cache c on c.id = n.cache_id
    left join log l on l.seq = n.seq and n.state = 'failed' left join command_body b on b.id = l.body_id
    where ${inScope(scope)} and t.state in ('partial', 'failed')
      and t.id >= (to_char(to_timestamp(${sinceMs}::float8 / 1000) at time zone 'UTC', 'YYYYMMDD') || '00000000')::bigint
      and t.accepted_at >= to_timestamp(${sinceMs}::float8 / 1000)
    order by t.id desc limit ${limit}`
}

/** Requests for more of a pool that wait for a decision, oldest first. */
export function readAskedQuotas(accountId: number): Promise<AskedQuota[]> {
  return db().$queryRaw<AskedQuota[]>`
    select id, pool, wanted, until::text, requested_by as "requestedBy" from quota_request
    where account_id = ${accountId} and state = 'pending' order by id`
}

/** Requests for a right that wait for a decision, oldest first. */
export function readAskedAccess(accountId: number): Promise<AskedAccess[]> {
  return db().$queryRaw<AskedAccess[]>`
    select r.id, u.name as "userName", coalesce(r.asked->'domains'->>0, '') as domain
    from access_request r join "user" u on u.id = r.user_id
    where r.account_id = ${accountId} and r.state = 'pending' order by r.id`
}

/** The database's clock, whether a worker lives, and what an account has done so far. */
export type Standing = {
  nowMs: number
  isWorked: boolean
  /** The last beat of any worker. */
  beatAt: Date | null
  done: Overview['done']
}

/** Asks for all of it at once. */
export async function readStanding(accountId: number): Promise<Standing> {
  const [row] = await db().$queryRaw<Standing[]>`
    select extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs",
      (select max(beat_at) from worker) as "beatAt",
      exists (select from worker where beat_at > clock_timestamp() - interval '6 seconds') as "isWorked",
      jsonb_build_object(
        'cache', exists (select from cache where account_id = ${accountId} and removed_at is null),
        'domain', exists (select from domain where account_id = ${accountId} and removed_at is null),
        'task', exists (select from task where account_id = ${accountId} and source <> 'system')) as done`
  if (!row) throw new Error('no standing')
  return row
}

/** Forgets slots that no range reaches any more. */
export async function dropOldCounts(): Promise<void> {
  const [grains, kept] = [Object.keys(keptSeconds).map(Number), Object.values(keptSeconds)]
  await db().$executeRaw`
    with old as (select * from unnest(${grains}::int[], ${kept}::int[]) o(grain, kept)),
      times as (delete from cache_times c using old
        where c.grain = old.grain and c.slot < now() - make_interval(secs => old.kept))
    delete from task_count c using old where c.grain = old.grain and c.slot < now() - make_interval(secs => old.kept)`
}
