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

/** Something that did not go as asked: final for these targets of this command at this cache. */
export type Note = {
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

/** Writes that this worker lives, by the database's clock. */
export async function beat(workerId: string): Promise<void> {
  await db().$executeRaw`
    insert into worker (id) values (${workerId}::uuid)
    on conflict (id) do update set beat_at = clock_timestamp()`
}

/** Forgets this worker and frees what it held; its lanes go on elsewhere at once. */
export async function leave(workerId: string): Promise<void> {
  await db().$executeRaw`
    with freed as (update lane set holder = null where holder = ${workerId}::uuid),
         ended as (update lease set holder = null where holder = ${workerId}::uuid)
    delete from worker where id = ${workerId}::uuid`
}

/** Takes every lane that no living worker holds; raising the fence shuts the former holder out. */
export async function claimLanes(workerId: string): Promise<LaneState[]> {
  return db().$queryRawUnsafe<LaneState[]>(
    `update lane l set holder = $1::uuid, fence = fence + 1
     where l.holder is null or not exists (
       select from worker w
       where w.id = l.holder and w.beat_at > clock_timestamp() - make_interval(secs => ${deadAfterSeconds}))
     returning ${columns}`,
    workerId,
  )
}

/** Takes, or keeps, the lease of the one settler. */
export async function holdSettlerLease(workerId: string): Promise<boolean> {
  const taken = await db().$executeRaw`
    update lease l set holder = ${workerId}::uuid, fence = fence + 1
    where l.name = 'settler' and (l.holder is null or not exists (
      select from worker w where w.id = l.holder and w.beat_at > clock_timestamp() - make_interval(secs => ${deadAfterSeconds}::int)))`
  if (taken > 0) return true
  const [row] = await db().$queryRaw<{ mine: boolean }[]>`
    select holder = ${workerId}::uuid as mine from lease where name = 'settler'`
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
      select n."cacheId", n.seq, n.cause, n."accountId", n."taskId"::bigint, 'failed', n.targets, n.detail
      from jsonb_to_recordset(${JSON.stringify(notes)}::jsonb) as n(
        "cacheId" int, class smallint, "domainId" int, seq bigint, "accountId" int, "taskId" text, cause text,
        detail text, targets int[])
      join ours on ours.cache_id = n."cacheId" and ours.class = n.class and ours.domain_id = n."domainId"
      on conflict (cache_id, seq, cause) do update
        set tries = note.tries + 1, detail = excluded.detail, noted_at = clock_timestamp()
    )
    select cache_id || '/' || class || '/' || domain_id as key, pg_notify('freshet_lanes', '')::text from moved`
  return new Set(rows.map((row) => row.key))
}

/** Opens a side lane beside a main lane that is still ours, before the main lane passes it by. */
export async function openSideLane(
  main: LaneState,
  domainId: number,
  cause: string,
  detail: string,
): Promise<LaneState[]> {
  return db().$queryRawUnsafe<LaneState[]>(
    `insert into lane as l (cache_id, class, domain_id, account_id, applied, confirmed, epoch, fence, holder, cause, detail, since)
     select cache_id, class, $4::int, account_id, applied, confirmed, epoch, fence, holder, $6, $7, clock_timestamp()
     from lane where cache_id = $1::int and class = $2::smallint and domain_id = $3::int and fence = $5::bigint
     on conflict do nothing returning ${columns}`,
    main.cacheId,
    main.class,
    main.domainId,
    domainId,
    main.fence,
    cause,
    detail,
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
