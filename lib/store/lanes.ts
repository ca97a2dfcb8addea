import { laneClasses } from '#lib/core/command.ts'
import { db } from './client.ts'

/** A lane as its worker holds it; `domainId` 0 is the main lane, any other a side lane. */
export type LaneState = {
  cacheId: number
  class: number
  domainId: number
  accountId: number
  applied: number
  confirmed: number
  fence: number
}

/** How far a lane has come; written only while its fence still holds. */
export type LaneMove = LaneState & { cause: string | null; detail: string | null }

/** Something that did not go as asked, for these targets of this command at this cache; all where none is named. */
export type Note = {
  /** `degraded` did something, though not what was asked for. */
  state: 'failed' | 'degraded'

  cacheId: number
  class: number
  domainId: number
  seq: number
  accountId: number
  taskId: string
  cause: string
  detail: string
  targets: number[]
}

const columns = `l.cache_id as "cacheId", l.class::int, l.domain_id as "domainId", l.account_id as "accountId",
  l.applied::float8, l.confirmed::float8, l.fence::float8`

/** A worker is dead when its last beat is older than this. */
const deadAfterSeconds = 6

/** Writes that this worker lives, by the database's clock, and gives that clock's time, ms since 1970. */
export async function beat(workerId: string): Promise<number> {
  const [row] = await db().$queryRaw<{ nowMs: number }[]>`
    insert into worker (id) values (${workerId}::uuid)
    on conflict (id) do update set beat_at = clock_timestamp()
    returning extract(epoch from beat_at)::float8 * 1000 as "nowMs"`
  return row?.nowMs ?? Date.now()
}

/** Forgets this worker and frees what it held; its lanes go on elsewhere at once. */
export async function leave(workerId: string): Promise<void> {
  await db().$executeRaw`
    with freed as (update lane set holder = null where holder = ${workerId}::uuid),
         ended as (update lease set holder = null where holder = ${workerId}::uuid)
    delete from worker where id = ${workerId}::uuid`
}

/**
 * Takes every lane that no living worker holds; raising the fence shuts the former holder out.
 *
 * @param prefetch whether lanes of prefetches may be taken: one worker has all of them
 */
export async function claimLanes(workerId: string, prefetch: boolean): Promise<LaneState[]> {
  return db().$queryRawUnsafe<LaneState[]>(
    `update lane l set holder = $1::uuid, fence = fence + 1
     where (l.class <> ${laneClasses.prefetch} or $2) and (l.holder is null or not exists (
       select from worker w
       where w.id = l.holder and w.beat_at > clock_timestamp() - make_interval(secs => ${deadAfterSeconds})))
     returning ${columns}`,
    workerId,
    prefetch,
  )
}

/** What one worker of a deployment does at a time. */
export type Lease = 'settler' | 'prefetch'

/** Takes, or keeps, a lease. */
export async function holdLease(name: Lease, workerId: string): Promise<boolean> {
  const taken = await db().$executeRaw`
    update lease l set holder = ${workerId}::uuid, fence = fence + 1
    where l.name = ${name} and (l.holder is null or not exists (
      select from worker w where w.id = l.holder and w.beat_at > clock_timestamp() - make_interval(secs => ${deadAfterSeconds}::int)))`
  if (taken > 0) return true
  const [row] = await db().$queryRaw<{ mine: boolean }[]>`
    select holder = ${workerId}::uuid as mine from lease where name = ${name}`
  return row?.mine ?? false
}

/**
 * Writes the cursors of all lanes that moved and the notes that belong to them, in one statement
 * with one notification. The fence is on the lane's own row: read from another table it could pass
 * a stale check under READ COMMITTED.
 *
 * @param closing side lanes that end with this; they are not among the moves
 * @returns the lanes that moved and were still ours, as `cache/class/domain`
 */
export async function flushLanes(
  moves: readonly LaneMove[],
  notes: readonly Note[],
  closing: readonly LaneState[],
): Promise<Set<string>> {
  const rows = await db().$queryRaw<{ key: string }[]>`
    with move as (
      select * from jsonb_to_recordset(${JSON.stringify(moves)}::jsonb) as m(
        "cacheId" int, class smallint, "domainId" int, applied bigint, confirmed bigint, fence bigint,
        cause text, detail text)
    ), moved as (
      update lane l set applied = m.applied, confirmed = m.confirmed, cause = m.cause, detail = m.detail,
        since = case when m.cause is null then null else coalesce(l.since, clock_timestamp()) end
      from move m
      where l.cache_id = m."cacheId" and l.class = m.class and l.domain_id = m."domainId" and l.fence = m.fence
      returning l.cache_id, l.class, l.domain_id
    ), closed as (
      delete from lane l
      using jsonb_to_recordset(${JSON.stringify(closing)}::jsonb) as c(
        "cacheId" int, class smallint, "domainId" int, fence bigint)
      where l.cache_id = c."cacheId" and l.class = c.class and l.domain_id = c."domainId" and l.fence = c.fence
      returning l.cache_id, l.class, l.domain_id
    ), ours as (
      select * from moved union all select * from closed
    ), noted as (
      insert into note (cache_id, seq, cause, account_id, task_id, state, targets, detail)
      select n."cacheId", n.seq, n.cause, n."accountId", n."taskId"::bigint, n.state, n.targets, n.detail
      from jsonb_to_recordset(${JSON.stringify(notes)}::jsonb) as n(
        "cacheId" int, class smallint, "domainId" int, seq bigint, "accountId" int, "taskId" text, state text,
        cause text, detail text, targets int[])
      join ours on ours.cache_id = n."cacheId" and ours.class = n.class and ours.domain_id = n."domainId"
      on conflict (cache_id, seq, cause, detail) do update
        set tries = note.tries + 1, noted_at = clock_timestamp(),
          targets = case when note.targets = '{}' or excluded.targets = '{}' then '{}'
            else array(select distinct unnest(note.targets || excluded.targets) order by 1) end
    )
    select cache_id || '/' || class || '/' || domain_id as key, pg_notify('freshet_lanes', '')::text from moved`
  return new Set(rows.map((row) => row.key))
}

/** Opens side lanes beside a main lane that is still ours, before the main lane passes their domains by. */
export async function openSideLanes(
  main: LaneState,
  domains: readonly { domainId: number; cause: string | null; detail: string | null }[],
): Promise<LaneState[]> {
  return db().$queryRawUnsafe<LaneState[]>(
    `insert into lane as l (cache_id, class, domain_id, account_id, applied, confirmed, epoch, fence, holder, cause, detail, since)
     select m.cache_id, m.class, d."domainId", m.account_id, m.applied, m.confirmed, m.epoch, m.fence, m.holder, d.cause,
       d.detail, case when d.cause is null then null else clock_timestamp() end
     from lane m, jsonb_to_recordset($4::jsonb) as d("domainId" int, cause text, detail text)
     where m.cache_id = $1::int and m.class = $2::smallint and m.domain_id = 0 and m.fence = $3::bigint
     on conflict do nothing returning ${columns}`,
    main.cacheId,
    main.class,
    main.fence,
    JSON.stringify(domains),
  )
}

/** The cursors of every lane, whoever holds it, and the database's clock. */
export async function readCursors(): Promise<{ lanes: LaneState[]; nowMs: number }> {
  const [lanes, [clock]] = await Promise.all([
    db().$queryRawUnsafe<LaneState[]>(`select ${columns} from lane l`),
    db().$queryRaw<
      { nowMs: number }[]
    >`select extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs"`,
  ])
  return { lanes, nowMs: clock?.nowMs ?? Date.now() }
}
