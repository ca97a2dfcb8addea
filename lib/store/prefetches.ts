import type { CommandKind } from '#lib/core/command.ts'
import type { DomainSettings } from '#lib/core/domain-settings.ts'
import { db } from './client.ts'
import { settingsOf } from './domains.ts'

/** What a prefetch has to know of a domain. */
export type PrefetchDomain = {
  id: number
  name: string
  origin: string
  settings: DomainSettings
  /** It and the domains that share its cache. */
  groupIds: number[]
  caches: number[]
}

type Row = Omit<PrefetchDomain, 'settings'> & { settings: unknown }

const facts = `select d.id, d.name, d.origin, d.settings, coalesce(r.caches, '{}') as caches,
    array(select g.id from domain g where coalesce(g.shares_with, g.id) = coalesce(d.shares_with, d.id)) as "groupIds"
  from domain d left join domain_mark m on m.domain_id = d.id left join route r on r.id = m.route_id`

const view = (row: Row): PrefetchDomain => ({ ...row, settings: settingsOf(row.id, row.settings) })

/** These domains, in service or not. */
export async function readPrefetchDomains(ids: readonly number[]): Promise<PrefetchDomain[]> {
  const rows = await db().$queryRawUnsafe<Row[]>(`${facts} where d.id = any($1::int[])`, ids)
  return rows.map(view)
}

/** The domain of that name in an account, in service. */
export async function findPrefetchDomain(
  accountId: number,
  name: string,
): Promise<PrefetchDomain | undefined> {
  const rows = await db().$queryRawUnsafe<Row[]>(
    `${facts} where d.account_id = $1 and d.name = $2 and d.removed_at is null`,
    accountId,
    name,
  )
  return rows.map(view)[0]
}

/** What a purge was to cover, and where it failed. */
export type FailedPurge = { kind: CommandKind; targets: string[] }

/**
 * Purges of these domains up to `seq` that failed on any of these caches, and that were not over yet when
 * a prefetch was accepted.
 */
export async function readFailedPurges(
  cacheIds: readonly number[],
  domainIds: readonly number[],
  seq: number,
  acceptedAtMs: number,
): Promise<FailedPurge[]> {
  return db().$queryRaw<FailedPurge[]>`
    select b.kind, case when n.targets = '{}' then b.targets
      else array(select b.targets[place + 1] from unnest(n.targets) place) end as targets
    from note n
    join task t on t.id = n.task_id
    join log l on l.seq = n.seq
    join command_body b on b.id = l.body_id
    where n.cache_id = any(${cacheIds}::int[]) and n.state in ('failed', 'released') and n.seq <= ${seq}::bigint
      and t.operation = 'purge' and t.domain_id = any(${domainIds}::int[])
      and (t.confirmed_at is null or t.confirmed_at > to_timestamp(${acceptedAtMs / 1000}::float8))`
}

type PrefetchNote = {
  cacheId: number
  state: 'failed' | 'degraded'
  cause: string
  detail: string
  targets: number[]
}

/** What a cache noted of a command: which of its targets are not there, and why. */
export async function readPrefetchNotes(cacheIds: readonly number[], seq: number): Promise<PrefetchNote[]> {
  return db().$queryRaw<PrefetchNote[]>`
    select cache_id as "cacheId", state, cause, detail, targets from note
    where cache_id = any(${cacheIds}::int[]) and seq = ${seq}::bigint and state in ('failed', 'degraded')`
}

/** How far a task is on a cache: lines done, bytes, and what is being fetched right now. */
export type PrefetchProgress = {
  taskId: string
  cacheId: number
  lines: number
  bytes: number
  running: { target: string; bytes: number; total: number | null }[]
}

/** Writes progress of many tasks in one statement, and tells whoever watches. */
export async function writePrefetchProgress(progress: readonly PrefetchProgress[]): Promise<void> {
  if (progress.length === 0) return
  await db().$queryRaw`
    with written as (
      insert into prefetch_progress (task_id, cache_id, lines, bytes, running)
      select p."taskId"::bigint, p."cacheId", p.lines, p.bytes, p.running
      from jsonb_to_recordset(${JSON.stringify(progress)}::jsonb) as p(
        "taskId" text, "cacheId" int, lines int, bytes bigint, running jsonb)
      join cache c on c.id = p."cacheId"
      on conflict (task_id, cache_id) do update
        set lines = greatest(prefetch_progress.lines, excluded.lines),
          bytes = greatest(prefetch_progress.bytes, excluded.bytes), running = excluded.running
      returning task_id
    )
    select pg_notify('freshet_lanes', '')::text from written limit 1`
}
