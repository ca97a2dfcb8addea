import { methods } from '#lib/core/line.ts'
import {
  dayEnd,
  type Limits,
  limitsOf,
  type OwnLimits,
  ownLimitsSchema,
  type Pool,
  type PoolState,
  poolState,
} from '#lib/core/quota.ts'
import { db, prepared, type Tx } from './client.ts'

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

/** Lines of one domain that count within a minute. */
export type MinuteUse = { domainId: number; pool: 'url' | 'directory'; lines: number }

/** What lines are charged to: the last minute of each domain, the pools of today, the queue of prefetches. */
export type Charge = { tasks: number; minutes: readonly MinuteUse[]; days: ReadonlyMap<Pool, number> }

/** What a charge is too much for. */
export type Short =
  | { is: 'minute'; domain: number; pool: MinuteUse['pool']; lines: number; left: number }
  | { is: 'day'; pool: Pool; limit: number; left: number; resetsAtMs: number }
  | { is: 'queue'; queued: number }

/**
 * A charge as the database reads it when a submission commits, which fails where there is too little left: see
 * `shortOf`. Submissions of an account are charged one after the other, exactly, and wait for each other no longer.
 */
export function dueOf(
  { accountId, limits }: { accountId: number; limits: Limits },
  { tasks, minutes, days }: Charge,
): string {
  return JSON.stringify({
    ...{ account: accountId, offset: limits.dayOffsetMinutes, queue: limits.queue, tasks },
    minutes: minutes.map(({ domainId, pool, lines }) => {
      return { domain: domainId, pool, lines, most: limits.perMinute[pool] }
    }),
    days: [...days].map(([pool, lines]) => ({ pool, lines, most: limits.perDay[pool] })),
  })
}

type ShortRow =
  | Exclude<Short, { is: 'day' }>
  | { is: 'day'; pool: Pool; most: number; used: number; at: number }

/** Why a commit failed, where it was the charge. */
export function shortOf(error: unknown, { dayOffsetMinutes }: Limits): Short | undefined {
  const [, json] = /too much is asked: (\{[^}]*\})/.exec(String(error)) ?? []
  if (!json) return undefined
  const short: ShortRow = JSON.parse(json)
  if (short.is !== 'day') return short
  const { pool, most, used, at } = short
  const resetsAtMs = dayEnd(at * 1_000, dayOffsetMinutes)
  return { is: 'day', pool, limit: most, left: Math.max(0, most - used), resetsAtMs }
}

/** The limits of an account, and whether it has used up what may go ahead of long submissions in this minute. */
export async function readLoad(accountId: number): Promise<{ limits: Limits; isBusy: boolean }> {
  const [row] = await db().$queryRaw<{ limits: unknown; recent: number }[]>`
    ${prepared} select a.limits, coalesce((
      select sum(c) from task_window w,
        unnest(minute_window(w.second, w.counts, floor(extract(epoch from clock_timestamp()))::bigint)) c
      where w.account_id = a.id), 0)::int as recent
    from account a where a.id = ${accountId}`
  const limits = limitsOf(ownLimitsSchema.parse(row?.limits ?? {}))
  return { limits, isBusy: (row?.recent ?? 0) >= limits.urgentPerMinute }
}
