import type { PoolState } from './quota.ts'
import type { RecordRow } from './records.ts'

export const ranges = ['1h', '24h', '7d', '30d'] as const
export type Range = (typeof ranges)[number]

/**
 * How long a range is, and the slots of its plots and of its bars, seconds. Bars of six hours are made
 * of those of an hour.
 */
export const rangeSpans: Record<Range, { seconds: number; plot: number; bar: number; counted: number }> = {
  '1h': { seconds: 3600, plot: 300, bar: 300, counted: 300 },
  '24h': { seconds: 86_400, plot: 1800, bar: 3600, counted: 3600 },
  '7d': { seconds: 604_800, plot: 21_600, bar: 21_600, counted: 3600 },
  '30d': { seconds: 2_592_000, plot: 21_600, bar: 21_600, counted: 3600 },
}

/** The slots in which times of caches are counted, seconds. */
export const timeGrains = [300, 1800, 21_600] as const

/** The slots in which tasks are counted, seconds. */
export const taskGrains = [300, 3600] as const

/** For how long the slots of a grain are kept, seconds: a little longer than the longest range needs. */
export const keptSeconds: Record<number, number> = {
  300: 7200,
  1800: 2 * 86_400,
  3600: 31 * 86_400,
  21_600: 31 * 86_400,
}

/** The beginning of a moment's slot, seconds since 1970. */
export const slotOf = (atMs: number, grain: number): number => Math.floor(atMs / 1000 / grain) * grain

/** The slots that a range which ends now reaches into, oldest first; the first may begin before it. */
export function slotsUntil(nowMs: number, seconds: number, grain: number): number[] {
  const first = slotOf(nowMs - seconds * 1000, grain)
  const count = (slotOf(nowMs, grain) - first) / grain + 1
  return Array.from({ length: count }, (_, at) => first + at * grain)
}

/** Something that a person should look at. */
export type Attention =
  | { is: 'worker'; since: string | null }
  | {
      is: 'cache'
      id: number
      name: string
      paused: boolean
      cause: string
      detail: string
      since: string
      waiting: number
    }
  | { is: 'task'; task: FailedTask }
  | { is: 'request'; request: AskedQuota }
  | { is: 'access'; request: AskedAccess }
  | { is: 'pool'; pool: PoolState }

/** A task that failed somewhere, and the first thing that did. */
export type FailedTask = {
  id: string
  state: 'partial' | 'failed'
  operation: 'purge' | 'prefetch'
  domain: string
  target: string
  lines: number
  /** Caches that failed, and the name of the first. */
  caches: number
  cache: string
  cause: string
  detail: string
}

/** A request for more of a pool that waits for a decision. */
export type AskedQuota = Pick<PoolState, 'pool'> & {
  id: number
  wanted: number
  until: string | null
  requestedBy: string
}

/** A request for a right that waits for a decision. */
export type AskedAccess = { id: number; userName: string; domain: string }

/** One cache of the overview; times are of purges accepted within the range. */
export type CacheLine = {
  id: number
  name: string
  kind: string
  tier: 'edge' | 'shield'
  pop: string
  status: 'unknown' | 'up' | 'waiting' | 'paused'
  p50: number | null
  p99: number | null
  confirmedP99: number | null
  /** By slot: the time to applied that 99 of 100 purges did not exceed, ms. */
  series: (number | null)[]
  /** Age of the oldest purge that it has not applied, ms. */
  lagMs: number
  /** Tasks that it has not confirmed. */
  waiting: number
}

/** The figures behind the plot of one cache. */
export type CacheFigures = {
  cacheId: number
  slots: {
    atMs: number
    purges: number
    p50: number | null
    p99: number | null
    confirmedP99: number | null
  }[]
}

/** Tasks accepted within a slot; failed ones failed at least at one cache. */
export type TaskBar = { atMs: number; complete: number; failed: number; open: number; lines: number }

/** How an account is at a moment. */
export type Overview = {
  range: Range
  /** The moment, by the database's clock, ms since 1970. */
  atMs: number
  attention: Attention[]
  /** What there was no room for, by kind. */
  more: Partial<Record<Exclude<Attention['is'], 'worker'>, number>>
  caches: CacheLine[]
  cacheCount: number
  figures: CacheFigures | null
  bars: TaskBar[]
  pools: PoolState[]
  resetsAtMs: number
  latest: RecordRow[]
  /** What was done of what leads to a first purge. */
  done: { cache: boolean; domain: boolean; task: boolean }
}

/** As many open tasks are looked at, the oldest first: a cache that is away for a week leaves more. */
export const mostOpen = 2000

/** Whether a cache is held off. */
export const isHeld = ({ status }: Pick<CacheLine, 'status'>): boolean =>
  status === 'waiting' || status === 'paused'

/**
 * The first of each group, as many as fit: groups take turns, so that many of one kind hide none of
 * another.
 *
 * @param counts how many there are of each group
 * @returns how many of each are shown
 */
export function shareRoom(counts: readonly number[], room: number): number[] {
  const shown = counts.map(() => 0)
  for (
    let left = Math.min(
      room,
      counts.reduce((sum, count) => sum + count, 0),
    );
    left > 0;
  ) {
    for (const [at, count] of counts.entries()) {
      if (left === 0 || shown[at] === count) continue
      shown[at] = (shown[at] as number) + 1
      left -= 1
    }
  }
  return shown
}

/** How much slower than a usual cache one may be and still set the scale. */
const mostTimesUsual = 8

/** How far above that the slowest moments may be and still fit. */
const mostAbove = 1.6

/**
 * The upper end of the one scale of all plots, ms: the slowest moment, unless it would flatten all others.
 * Each cache counts with what it is at most nine times out of ten, and none with much more than the usual
 * cache, or the hours of one that was away would be the scale.
 */
export function scaleOf(plots: readonly (readonly (number | null)[])[]): number {
  const sorted = plots
    .map((series) => series.filter((value) => value !== null).toSorted((a, b) => a - b))
    .filter((values) => values.length > 0)
  const slowest = Math.max(0, ...sorted.map((values) => values.at(-1) as number))
  const levels = sorted.map((values) => values[Math.ceil(values.length * 0.9) - 1] as number)
  levels.sort((a, b) => a - b)
  const usual = levels[Math.ceil(levels.length / 2) - 1] ?? 0
  const level = Math.min(levels.at(-1) ?? 0, mostTimesUsual * Math.max(1, usual))
  return roundUp(Math.min(slowest, mostAbove * level))
}

const steps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

/** The next number of which people like to read multiples; at least 10. */
export function roundUp(value: number): number {
  const least = Math.max(10, value)
  const power = 10 ** Math.floor(Math.log10(least))
  return Math.round((steps.find((step) => step * power >= least) ?? 10) * power)
}
