import { addHistogram, type Histogram, quantile } from '#lib/core/histogram.ts'
import { keptSeconds } from '#lib/core/overview.ts'
import { db } from './client.ts'

/** How long purges of a slot took at a cache. */
export type SlotTimes = {
  cacheId: number
  slot: number
  applied: Histogram
  confirmed: Histogram
  /** Of applied, ms. */
  p99: number | null
}

/** What was read of an account and a grain, by cache and slot, and up to which change. */
type Held = { changedMs: number; usedMs: number; slots: Map<string, SlotTimes> }

// A month of fifty caches is ten megabytes of numbers, and somebody who looks asks every two seconds:
// only what changed is read again. Next may load this module once per bundle.
const held = globalThis as { freshetTimes?: Map<string, Held> }
held.freshetTimes ??= new Map()
const times = held.freshetTimes

/** A row may become visible this much later than it was changed: no transaction takes longer. */
const lateMs = 20_000
const heldMs = 60_000

/** The times of an account's caches in the slots of a grain, as far as these are kept. */
export async function readCacheTimes(accountId: number, grain: number): Promise<Map<number, SlotTimes[]>> {
  const key = `${accountId}/${grain}`
  const { changedMs, slots } = times.get(key) ?? { changedMs: lateMs, slots: new Map() }
  const rows = await readChanged(accountId, grain, changedMs - lateMs)
  for (const row of rows) slots.set(`${row.cacheId}/${row.slot}`, slotTimes(row))
  const nowMs = Date.now()
  for (const [name, { slot }] of slots)
    if (slot < nowMs / 1000 - (keptSeconds[grain] ?? 0)) slots.delete(name)
  times.set(key, {
    changedMs: rows.reduce((latest, row) => Math.max(latest, row.changedMs), changedMs),
    usedMs: nowMs,
    slots,
  })
  for (const [name, { usedMs }] of times) if (usedMs < nowMs - heldMs) times.delete(name)
  return Map.groupBy(slots.values(), ({ cacheId }) => cacheId)
}

type Row = { cacheId: number; slot: number; applied: string; confirmed: string; changedMs: number }

/** Arrays travel as text, which is read quicker. */
function readChanged(accountId: number, grain: number, sinceMs: number): Promise<Row[]> {
  return db().$queryRaw<Row[]>`
    select cache_id as "cacheId", extract(epoch from slot)::float8 as slot,
      array_to_string(applied, ',') as applied, array_to_string(confirmed, ',') as confirmed,
      extract(epoch from changed_at)::float8 * 1000 as "changedMs"
    from cache_times
    where account_id = ${accountId} and grain = ${grain}
      and slot > clock_timestamp() - make_interval(secs => ${keptSeconds[grain] ?? 0}::int)
      and changed_at > to_timestamp(${sinceMs}::float8 / 1000)`
}

function slotTimes({ cacheId, slot, applied, confirmed }: Row): SlotTimes {
  const counted = counts(applied)
  return { cacheId, slot, applied: counted, confirmed: counts(confirmed), p99: quantile(counted, 0.99) }
}

const counts = (text: string): number[] => (text === '' ? [] : text.split(',').map(Number))

/** All slots of a cache together. */
export function sumOf(slots: readonly SlotTimes[], pass: 'applied' | 'confirmed'): number[] {
  const sum: number[] = []
  for (const slot of slots) addHistogram(sum, slot[pass])
  return sum
}
