import { type CacheKind, capabilities } from '#lib/core/capabilities.ts'
import type { PurgeEntry } from '#lib/log/log.ts'
import type { Lane } from './lane.ts'

type Target = { id: number; kind: string }

/** When a shield confirmed a command, monotonic ms; undefined while it has not. */
export type ConfirmedAt = (cacheId: number, entry: PurgeEntry) => number | undefined

/** Whether a cache fetches through the shields of a command's route. */
function isBehindShield(cache: Target, entry: PurgeEntry): boolean {
  return entry.shields.length > 0 && !entry.shields.includes(cache.id)
}

/** A race-safe cache that no shield can refill with an old body needs no second pass. */
export function needsEcho(cache: Target, entry: PurgeEntry): boolean {
  return !capabilities[cache.kind as CacheKind].raceSafe || isBehindShield(cache, entry)
}

/**
 * When a command may be sent again: no earlier than the in-flight time after the cache's own first
 * pass and after every shield of the route was confirmed. Applied is not enough: a shield can still
 * store an old body and hand it on.
 *
 * @returns monotonic ms; infinity while it cannot be said
 */
export function echoAt(cache: Target, lane: Lane, entry: PurgeEntry, confirmedAt: ConfirmedAt): number {
  const { raceSafe, inFlightMs } = capabilities[cache.kind as CacheKind]
  const shields = isBehindShield(cache, entry) ? entry.shields : []
  const from = Math.max(
    lane.appliedAt.passedAt(entry.seq) ?? Number.POSITIVE_INFINITY,
    ...shields.map((shield) => confirmedAt(shield, entry) ?? Number.POSITIVE_INFINITY),
  )
  return from + (raceSafe ? 0 : Math.max(inFlightMs, entry.inFlightMs ?? 0))
}
