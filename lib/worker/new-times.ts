import { laneClasses } from '#lib/core/command.ts'
import { countTime } from '#lib/core/histogram.ts'
import { slotOf, timeGrains } from '#lib/core/overview.ts'
import type { CacheTimes, OpenTask, SettledTask } from '#lib/store/settle.ts'

type Timed = Pick<OpenTask, 'accountId' | 'class' | 'caches' | 'acceptedAtMs'> &
  Pick<SettledTask, 'applied' | 'confirmed' | 'written'>

/**
 * What the times of tasks add to those of their caches: each counts once, when it is first known, and
 * does not wait for the other caches of its task. A prefetch takes as long as its files are; it would
 * say nothing about a cache.
 */
export function newTimes(tasks: readonly Timed[]): CacheTimes[] {
  const sums = new Map<string, CacheTimes>()
  for (const task of tasks.filter((one) => one.class !== laneClasses.prefetch)) {
    for (const [at, cacheId] of task.caches.entries()) {
      const applied = firstKnown(task.written?.applied[at], task.applied[at])
      const confirmed = firstKnown(task.written?.confirmed[at], task.confirmed[at])
      if (applied === null && confirmed === null) continue
      for (const sum of timesOf(sums, task, cacheId)) {
        if (applied !== null) countTime(sum.applied, applied)
        if (confirmed !== null) countTime(sum.confirmed, confirmed)
      }
    }
  }
  // In one order, or two writers could wait for each other.
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum)
}

const firstKnown = (written: number | null | undefined, now: number | null | undefined) =>
  (written ?? null) === null ? (now ?? null) : null

/** The sums of a cache in the slots, one of each length, in which a task was accepted. */
function timesOf(sums: Map<string, CacheTimes>, task: Timed, cacheId: number): CacheTimes[] {
  return timeGrains.map((grain) => {
    const slot = slotOf(task.acceptedAtMs, grain)
    const key = `${grain}/${slot}/${cacheId}`
    const sum = sums.get(key) ?? {
      accountId: task.accountId,
      cacheId,
      grain,
      slot,
      applied: [],
      confirmed: [],
    }
    sums.set(key, sum)
    return sum
  })
}
