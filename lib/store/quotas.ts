import { methods } from '#lib/core/line.ts'
import {
  dayEnd,
  fitWindow,
  type Limits,
  limitsOf,
  type OwnLimits,
  ownLimitsSchema,
  type Pool,
  type PoolState,
  poolState,
  type Window,
} from '#lib/core/quota.ts'
import { db, type Tx } from './client.ts'

/** What an account has set of its limits. */
export async function readOwnLimits(accountId: number, client: Tx = db()): Promise<OwnLimits> {
  const { limits } = await client.account.findUniqueOrThrow({
    where: { id: accountId },
    select: { limits: true },
  })
  return ownLimitsSchema.parse(limits)
}

/** The limits of an account. */
export async function readLimits(accountId: number, client: Tx = db()): Promise<Limits> {
  return limitsOf(await readOwnLimits(accountId, client))
}

/** Lets nobody else change the limits or ask for more until the transaction ends; submissions go on. */
export async function lockLimits(tx: Tx, accountId: number): Promise<void> {
  await tx.$executeRaw`select 1 from account where id = ${accountId} for no key update`
}

/** Sets what differs from the vendor's numbers. */
export async function writeOwnLimits(tx: Tx, accountId: number, limits: OwnLimits): Promise<void> {
  await tx.account.update({ where: { id: accountId }, data: { limits } })
}

/** How all pools of an account stand, and when its day ends; by the database's clock. */
export type Pools = { pools: PoolState[]; resetsAtMs: number; queued: number }

type Standing = {
  day: string
  nowMs: number
  used: Partial<Record<Pool, number>>
  raised: Partial<Record<Pool, number>>
}

async function readStanding(accountId: number, { dayOffsetMinutes }: Limits, client: Tx): Promise<Standing> {
  const [row] = await client.$queryRaw<Standing[]>`
    with today as (
      select ((clock_timestamp() at time zone 'UTC') + make_interval(mins => ${dayOffsetMinutes}::int))::date as day
    )
    select day::text, extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs",
      coalesce((select jsonb_object_agg(pool, used) from quota_use u
        where u.account_id = ${accountId} and u.day = today.day), '{}') as used,
      coalesce((select jsonb_object_agg(pool, granted) from (
        select pool, max(granted) as granted from quota_request
        where account_id = ${accountId} and state = 'approved' and until >= today.day
        group by pool) r), '{}') as raised
    from today`
  if (!row) throw new Error('no standing')
  return row
}

/** How much of each pool an account has used today. */
export async function readPools(accountId: number, limits: Limits, client: Tx = db()): Promise<Pools> {
  const [{ nowMs, used, raised }, queued] = await Promise.all([
    readStanding(accountId, limits, client),
    countQueued(accountId, client),
  ])
  return {
    pools: methods.map((pool) => poolState(limits, pool, used[pool] ?? 0, raised[pool] ?? 0)),
    resetsAtMs: dayEnd(nowMs, limits.dayOffsetMinutes),
    queued,
  }
}

/** A raise that holds today: to what, until the end of which day, and to what the limit falls then. */
export type Raise = { pool: Pool; limit: number; until: string; after: number }

/** The raises that count today; of several for one pool the highest does. */
export async function readRaises(accountId: number, limits: Limits, client: Tx = db()): Promise<Raise[]> {
  const rows = await client.$queryRaw<{ pool: Pool; granted: number; until: string }[]>`
    select pool, granted, until::text from quota_request
    where account_id = ${accountId} and state = 'approved' and granted > 0 and until >=
      ((clock_timestamp() at time zone 'UTC') + make_interval(mins => ${limits.dayOffsetMinutes}::int))::date
    order by granted desc, until desc`
  return methods.flatMap((pool) => {
    const usual = limits.perDay[pool]
    const higher = rows.filter((row) => row.pool === pool && row.granted > usual)
    const [first] = higher
    if (!first) return []
    const later = higher.find((row) => row.until > first.until)
    return [{ pool, limit: first.granted, until: first.until, after: later?.granted ?? usual }]
  })
}

/** URLs of an account that wait for a prefetch or are being fetched. */
export async function countQueued(accountId: number, client: Tx = db()): Promise<number> {
  const [row] = await client.$queryRaw<{ count: number }[]>`
    select coalesce(sum(line_count), 0)::int as count from task
    where account_id = ${accountId} and operation = 'prefetch' and state in ('pending', 'running')`
  return row?.count ?? 0
}

/**
 * Charges lines to the pools of today. The row of a pool stays locked until the transaction ends, so
 * submissions of an account are charged one after the other, exactly.
 *
 * @returns the pool for which there is not enough left, or nothing
 */
export async function chargeQuota(
  tx: Tx,
  accountId: number,
  limits: Limits,
  lines: ReadonlyMap<Pool, number>,
): Promise<(PoolState & { resetsAtMs: number }) | undefined> {
  const { day, nowMs, raised } = await readStanding(accountId, limits, tx)
  const resetsAtMs = dayEnd(nowMs, limits.dayOffsetMinutes)
  // In one order, or two submissions could wait for each other.
  for (const [pool, count] of [...lines].sort(([a], [b]) => a.localeCompare(b))) {
    await tx.$executeRaw`
      insert into quota_use (account_id, pool, day, used) values (${accountId}, ${pool}, ${day}::date, 0)
      on conflict do nothing`
    const [row] = await tx.$queryRaw<{ used: number }[]>`
      select used from quota_use where account_id = ${accountId} and pool = ${pool} and day = ${day}::date
      for update`
    const state = poolState(limits, pool, row?.used ?? 0, raised[pool] ?? 0)
    if (count > state.left) return { ...state, resetsAtMs }
    await tx.$executeRaw`
      update quota_use set used = used + ${count}
      where account_id = ${accountId} and pool = ${pool} and day = ${day}::date`
  }
  return undefined
}

/** Lines of one domain that count within a minute. */
export type MinuteUse = { domainId: number; pool: 'url' | 'directory'; lines: number }

type WindowRow = { domainId: number; pool: string; second: number; counts: number[] }

/**
 * Charges lines to the last minute of each domain.
 *
 * @returns the domain for which there is not enough left, or nothing
 */
export async function chargeMinute(
  tx: Tx,
  accountId: number,
  limits: Limits,
  uses: readonly MinuteUse[],
): Promise<(MinuteUse & { left: number }) | undefined> {
  if (uses.length === 0) return undefined
  const domains = uses.map((use) => use.domainId)
  const pools = uses.map((use) => use.pool)
  await tx.$executeRaw`
    insert into rate_window (account_id, domain_id, pool, second, counts)
    select ${accountId}, u.domain_id, u.pool, 0, '{}' from unnest(${domains}::int[], ${pools}::text[]) u(domain_id, pool)
    order by 2, 3 on conflict do nothing`
  const rows = await tx.$queryRaw<(WindowRow & { now: number })[]>`
    select w.domain_id as "domainId", w.pool, w.second::float8, w.counts,
      floor(extract(epoch from clock_timestamp()))::float8 as now
    from rate_window w join unnest(${domains}::int[], ${pools}::text[]) u(domain_id, pool)
      on u.domain_id = w.domain_id and u.pool = w.pool
    where w.account_id = ${accountId} order by w.domain_id, w.pool for update of w`
  const moved: WindowRow[] = []
  for (const use of uses) {
    const row = rows.find((one) => one.domainId === use.domainId && one.pool === use.pool)
    if (!row) throw new Error('a window that was just made is not there')
    const window: Window | undefined = row.second === 0 ? undefined : row
    const used = fitWindow(window, row.now, use.lines, limits.perMinute[use.pool])
    if ('left' in used) return { ...use, left: used.left }
    moved.push({ domainId: use.domainId, pool: use.pool, second: used.second, counts: [...used.counts] })
  }
  await tx.$executeRaw`
    update rate_window w set second = m.second, counts = m.counts
    from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as m("domainId" int, pool text, second bigint, counts int[])
    where w.account_id = ${accountId} and w.domain_id = m."domainId" and w.pool = m.pool`
  return undefined
}

/** Whether an account has used up what may go ahead of long submissions in this minute. */
export async function isBusy(accountId: number, { urgentPerMinute }: Limits): Promise<boolean> {
  if (urgentPerMinute === 0) return true
  const [row] = await db().$queryRaw<{ busy: boolean }[]>`
    select accepted_at > clock_timestamp() - interval '1 minute' as busy from task
    where account_id = ${accountId} order by id desc offset ${urgentPerMinute - 1} limit 1`
  return row?.busy ?? false
}
