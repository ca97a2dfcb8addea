import { z } from 'zod'
import { type Method, methods } from './line.ts'
import type { RuleCode } from './rules.ts'
import type { Room } from './submission.ts'

/** What is counted apart: each way to use a line has its own daily limit. */
export type Pool = Method

/** Calls of the API that are counted apart, by what they ask for. */
export const callNames = [
  'RefreshDcdnObjectCaches',
  'RefreshDcdnObjectCacheByCacheTag',
  'PreloadDcdnObjectCaches',
  'DescribeDcdnRefreshTasks',
  'DescribeDcdnRefreshTaskById',
  'DescribeDcdnRefreshQuota',
  'DescribeDcdnUserQuota',
  'DescribeDcdnUserDomains',
  'DescribeTaskProgress',
  'ReadSitemap',
] as const
export type CallName = (typeof callNames)[number]

/** What an account may do; the vendor's numbers are the default. */
export type Limits = {
  /** Lines a day, by pool. */
  perDay: Record<Pool, number>
  /** Lines of one submission, by pool. */
  perSubmission: Record<Pool, number>
  /** Lines of one domain within a minute. */
  perMinute: Record<'url' | 'directory', number>
  /** Submissions that may go ahead of long ones within a minute; more of them wait with those. */
  urgentPerMinute: number
  /** URLs that wait for a prefetch or are being fetched. */
  queue: number
  /** When the day begins, minutes east of UTC. */
  dayOffsetMinutes: number
  /** Peak bandwidth, Mbit/s, from which the vendor considers a request for more. */
  considerFromMbps: Record<Pool, number>
  /** Lines of one call of the API, by pool. */
  perCall: Record<Pool, number>
  /** Domains of one call of the API. */
  domainsPerCall: number
  /** Calls of the API within a second; as many may come at once. */
  callsPerSecond: Record<CallName, number>
  /** Share of a day's limit from which a warning is shown, percent. */
  warnAtPercent: number
}

/** @see the vendor's guide to refresh and prefetch, and its page on quotas; a day begins at 00:00 UTC+8 */
export const defaultLimits: Limits = {
  perDay: { url: 10_000, directory: 100, regex: 20, 'ignore-parameters': 100, tag: 100, prefetch: 1_000 },
  perSubmission: {
    url: 10_000,
    directory: 100,
    regex: 100,
    'ignore-parameters': 100,
    tag: 100,
    prefetch: 100,
  },
  perMinute: { url: 10_000, directory: 100 },
  urgentPerMinute: 600,
  queue: 100_000,
  dayOffsetMinutes: 480,
  considerFromMbps: {
    url: 200,
    directory: 200,
    regex: 10_000,
    'ignore-parameters': 200,
    tag: 200,
    prefetch: 500,
  },
  perCall: { url: 1_000, directory: 100, regex: 100, 'ignore-parameters': 1_000, tag: 100, prefetch: 100 },
  domainsPerCall: 10,
  // The vendor's page of September 2025 has 5 for DescribeDcdnRefreshTasks, its packages have 10.
  callsPerSecond: {
    RefreshDcdnObjectCaches: 30,
    RefreshDcdnObjectCacheByCacheTag: 30,
    PreloadDcdnObjectCaches: 15,
    DescribeDcdnRefreshTasks: 10,
    DescribeDcdnRefreshTaskById: 30,
    DescribeDcdnRefreshQuota: 20,
    DescribeDcdnUserQuota: 30,
    DescribeDcdnUserDomains: 80,
    DescribeTaskProgress: 30,
    ReadSitemap: 5,
  },
  warnAtPercent: 80,
}

const whole = (code: RuleCode, least: number, most: number) => z.int(code).min(least, code).max(most, code)
const count = whole('limit-count', 0, 10_000_000)
const counts = z.partialRecord(z.enum(methods), count)

/** What an account has set of its limits; what it has not is as in `defaultLimits`. */
export const ownLimitsSchema = z.strictObject({
  perDay: counts.optional(),
  perSubmission: counts.optional(),
  perMinute: z.strictObject({ url: count.optional(), directory: count.optional() }).optional(),
  urgentPerMinute: count.optional(),
  queue: count.optional(),
  dayOffsetMinutes: whole('limit-offset', -720, 840).optional(),
  considerFromMbps: counts.optional(),
  perCall: counts.optional(),
  domainsPerCall: count.optional(),
  callsPerSecond: z.partialRecord(z.enum(callNames), count).optional(),
  warnAtPercent: whole('limit-warn', 1, 100).optional(),
})
export type OwnLimits = z.infer<typeof ownLimitsSchema>

/** The limits of an account. */
export function limitsOf(own: OwnLimits): Limits {
  return {
    ...defaultLimits,
    ...own,
    perDay: { ...defaultLimits.perDay, ...own.perDay },
    perSubmission: { ...defaultLimits.perSubmission, ...own.perSubmission },
    perMinute: { ...defaultLimits.perMinute, ...own.perMinute },
    perCall: { ...defaultLimits.perCall, ...own.perCall },
    callsPerSecond: { ...defaultLimits.callsPerSecond, ...own.callsPerSecond },
    considerFromMbps: { ...defaultLimits.considerFromMbps, ...own.considerFromMbps },
  } as Limits
}

/** What is left of a pool today. */
export type PoolState = { pool: Pool; limit: number; used: number; left: number; warns: boolean }

/** How a pool stands: its limit with the raises that hold today. */
export function poolState(limits: Limits, pool: Pool, used: number, raisedTo: number): PoolState {
  const limit = Math.max(limits.perDay[pool], raisedTo)
  return {
    pool,
    limit,
    used,
    left: Math.max(0, limit - used),
    warns: used * 100 >= limit * limits.warnAtPercent,
  }
}

/** How many more lines of each pool one submission may have now, and whether the day says so. */
export function roomOf(limits: Limits, pools: readonly PoolState[]): Room {
  return Object.fromEntries(
    pools.map(({ pool, left }) => {
      const most = limits.perSubmission[pool]
      return [pool, left < most ? { left, code: 'over-today' } : { left: most, code: 'over-submission' }]
    }),
  )
}

/** The day of a moment, `yyyy-mm-dd`, where days begin `offsetMinutes` east of UTC. */
export function dayOf(atMs: number, offsetMinutes: number): string {
  return new Date(atMs + offsetMinutes * 60_000).toISOString().slice(0, 10)
}

/** When the day of a moment ends, ms since 1970. */
export function dayEnd(atMs: number, offsetMinutes: number): number {
  const dayMs = 86_400_000
  const shifted = atMs + offsetMinutes * 60_000
  return (Math.floor(shifted / dayMs) + 1) * dayMs - offsetMinutes * 60_000
}
