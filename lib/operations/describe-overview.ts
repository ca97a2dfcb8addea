import { z } from 'zod'
import type { ActionName } from '#lib/core/actions.ts'
import type { Caller } from '#lib/core/caller.ts'
import { quantile, sizeOf } from '#lib/core/histogram.ts'
import {
  type Attention,
  type CacheFigures,
  type CacheLine,
  isHeld,
  type Overview,
  type Range,
  rangeSpans,
  ranges,
  shareRoom,
  slotsUntil,
  type TaskBar,
} from '#lib/core/overview.ts'
import { evaluate, mayAnywhere } from '#lib/core/policy.ts'
import type { PoolState } from '#lib/core/quota.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { Scope } from '#lib/core/scope.ts'
import { readCacheTimes, type SlotTimes, sumOf } from '#lib/store/cache-times.ts'
import { type CacheView, readCaches } from '#lib/store/caches.ts'
import {
  type Backlog,
  readAskedAccess,
  readAskedQuotas,
  readBacklogs,
  readFailedTasks,
  readStanding,
  readTaskCounts,
  type Standing,
  type TaskCount,
} from '#lib/store/overview.ts'
import { type Pools, readLimits, readPools } from '#lib/store/quotas.ts'
import { decideAccess } from './access-requests.ts'
import { describeRefreshQuota } from './describe-refresh-quota.ts'
import { listCaches } from './list-caches.ts'
import { readRows } from './list-records.ts'
import { operation } from './operation.ts'
import { decideQuota } from './request-quota.ts'
import { scopeOf } from './scope.ts'

const mostAttention = 8
const mostCaches = 50
const latestTasks = 8

/** How an account is: what needs a person, its caches, its tasks, its quota. */
export const describeOverview = operation({
  action: 'freshet:DescribeOverview',
  input: z.object({
    range: z.enum(ranges).default('24h'),
    /** The cache whose figures are wanted too. */
    figures: z.number().int().optional(),
  }),
  resources: (_, { accountId }) => [freshetResource(accountId, 'overview')],
  async run(caller, { range, figures }): Promise<Overview> {
    const { accountId } = caller
    const [standing, scope] = await Promise.all([readStanding(accountId), scopeOf(caller)])
    const { nowMs: atMs, done } = standing
    const [fleet, bars, quota, latest] = await Promise.all([
      readFleet(scope, range, atMs, {
        figures,
        maySeeCaches: maySeeAll(caller, listCaches.action, 'cache/*'),
      }),
      readBars(scope, range, atMs),
      readQuota(caller),
      readRows(scope, {}, { limit: latestTasks }),
    ])
    const { held, ...shown } = fleet
    const attention = await readAttention(caller, scope, standing, held, bars, quota.pools)
    const { pools, resetsAtMs } = quota
    return { range, atMs, ...shown, ...attention, bars, pools, resetsAtMs, latest: latest.rows, done }
  },
})

/** Whether a caller may do something to all of a kind: what stands here is not looked at one by one. */
const maySeeAll = (caller: Caller, action: ActionName, all: string) =>
  evaluate(caller, action, [freshetResource(caller.accountId, all)]).allowed

async function readQuota(caller: Caller): Promise<Pick<Pools, 'pools' | 'resetsAtMs'>> {
  if (!mayAnywhere(caller, describeRefreshQuota.action)) return { pools: [], resetsAtMs: 0 }
  return readPools(caller.accountId, await readLimits(caller.accountId))
}

type Fleet = Pick<Overview, 'caches' | 'cacheCount' | 'figures'> & { held: Attention[] }

/** The caches, those that need attention first, then by name. */
async function readFleet(
  scope: Scope,
  range: Range,
  atMs: number,
  { figures, maySeeCaches }: { figures: number | undefined; maySeeCaches: boolean },
): Promise<Fleet> {
  const { accountId } = scope
  const { seconds, plot } = rangeSpans[range]
  const slots = slotsUntil(atMs, seconds, plot)
  const [caches, backlogs, allTimes] = await Promise.all([
    maySeeCaches ? readCaches(accountId) : [],
    readBacklogs(scope),
    readCacheTimes(accountId, plot),
  ])
  const timesOf = (cacheId: number) =>
    allTimes.get(cacheId)?.filter(({ slot }) => slot >= (slots[0] as number)) ?? []
  const names = new Intl.Collator('en', { numeric: true })
  const sorted = caches.toSorted(
    (a, b) => Number(isHeld(b)) - Number(isHeld(a)) || names.compare(a.name, b.name),
  )
  const shown = sorted.slice(0, mostCaches)
  const backlogOf = new Map(backlogs.map((backlog) => [backlog.cacheId, backlog]))
  return {
    held: sorted.filter(isHeld).map((cache) => heldCache(cache, backlogOf.get(cache.id))),
    caches: shown.map((cache) => cacheLine(cache, slots, timesOf(cache.id), backlogOf.get(cache.id), atMs)),
    cacheCount: caches.length,
    figures:
      figures !== undefined && shown.some(({ id }) => id === figures)
        ? { cacheId: figures, slots: slotFigures(slots, timesOf(figures)) }
        : null,
  }
}

function heldCache(cache: CacheView, backlog: Backlog | undefined): Attention {
  const { id, name, status, cause, detail, since } = cache
  return {
    is: 'cache',
    id,
    name,
    paused: status === 'paused',
    cause: cause ?? 'unexpected',
    detail: detail ?? '',
    since,
    waiting: backlog?.waiting ?? 0,
  }
}

function cacheLine(
  { id, name, kind, tier, pop, status }: CacheView,
  slots: readonly number[],
  times: readonly SlotTimes[],
  backlog: Backlog | undefined,
  atMs: number,
): CacheLine {
  const applied = sumOf(times, 'applied')
  const bySlot = new Map(times.map((of) => [of.slot, of]))
  const oldestMs = backlog?.oldestMs ?? atMs
  return {
    id,
    name,
    kind,
    tier,
    pop,
    status,
    p50: quantile(applied, 0.5),
    p99: quantile(applied, 0.99),
    confirmedP99: quantile(sumOf(times, 'confirmed'), 0.99),
    series: slots.map((slot) => bySlot.get(slot)?.p99 ?? null),
    lagMs: Math.max(0, atMs - oldestMs),
    waiting: backlog?.waiting ?? 0,
  }
}

function slotFigures(slots: readonly number[], times: readonly SlotTimes[]): CacheFigures['slots'] {
  const bySlot = new Map(times.map((of) => [of.slot, of]))
  return slots.map((slot) => {
    const { applied = [], confirmed = [] } = bySlot.get(slot) ?? {}
    return {
      atMs: slot * 1000,
      purges: sizeOf(applied),
      p50: quantile(applied, 0.5),
      p99: quantile(applied, 0.99),
      confirmedP99: quantile(confirmed, 0.99),
    }
  })
}

/** Tasks by the slot of their acceptance; the slots of the counts are parts of those of the bars. */
async function readBars(scope: Scope, range: Range, atMs: number): Promise<TaskBar[]> {
  const { seconds, bar, counted } = rangeSpans[range]
  const slots = slotsUntil(atMs, seconds, bar)
  const counts = await readTaskCounts(scope, counted, slots[0] as number)
  const bySlot = Map.groupBy(counts, ({ slot }) => Math.floor(slot / bar) * bar)
  return slots.map((slot) => barOf(slot, bySlot.get(slot) ?? []))
}

function barOf(slot: number, counts: readonly TaskCount[]): TaskBar {
  const tasks = (...states: TaskCount['state'][]) =>
    counts.filter(({ state }) => states.includes(state)).reduce((sum, count) => sum + count.tasks, 0)
  return {
    atMs: slot * 1000,
    complete: tasks('complete'),
    failed: tasks('partial', 'failed'),
    open: tasks('open'),
    lines: counts.reduce((sum, count) => sum + count.lines, 0),
  }
}

type Group = { items: Attention[]; count: number }
const group = (items: Attention[], count = items.length): Group => ({ items, count })

/** What needs a person, as far as there is room, and how much more of each kind there is. */
async function readAttention(
  caller: Caller,
  scope: Scope,
  standing: Standing,
  held: Attention[],
  bars: readonly TaskBar[],
  pools: readonly PoolState[],
): Promise<Pick<Overview, 'attention' | 'more'>> {
  const failedCount = bars.reduce((sum, bar) => sum + bar.failed, 0)
  const [failed, asked, rights] = await Promise.all([
    failedCount === 0 ? [] : readFailedTasks(scope, bars[0]?.atMs ?? 0, mostAttention),
    maySeeAll(caller, decideQuota.action, 'quota/*') ? readAskedQuotas(scope.accountId) : [],
    maySeeAll(caller, decideAccess.action, 'request/*') ? readAskedAccess(scope.accountId) : [],
  ])
  const isLeft = standing.done.cache && !standing.isWorked
  return fitAttention([
    group(isLeft ? [{ is: 'worker', since: standing.beatAt?.toISOString() ?? null }] : []),
    group(held),
    group(
      failed.map((task) => ({ is: 'task', task })),
      failedCount,
    ),
    group(asked.map((request) => ({ is: 'request', request }))),
    group(rights.map((request) => ({ is: 'access', request }))),
    group(pools.filter(({ warns, limit }) => warns && limit > 0).map((pool) => ({ is: 'pool', pool }))),
  ])
}

function fitAttention(groups: readonly Group[]): Pick<Overview, 'attention' | 'more'> {
  const rooms = shareRoom(
    groups.map(({ items }) => items.length),
    mostAttention,
  )
  const more: Overview['more'] = {}
  const attention = groups.flatMap(({ items, count }, at) => {
    const shown = items.slice(0, rooms[at])
    const [first] = shown
    if (first && first.is !== 'worker' && count > shown.length) more[first.is] = count - shown.length
    return shown
  })
  return { attention, more }
}
