/** How long things took, as counts by bucket; trailing buckets that are empty may be left out. */
export type Histogram = readonly number[]

/** A bucket's upper end over its lower one. */
const ratio = 1.1
const longestMs = 86_400_000

/**
 * Where each bucket after the first begins, ms; the first holds what took no whole millisecond, the last
 * all that took more than about a day. Up to 14 ms every millisecond has a bucket of its own.
 */
const bounds: readonly number[] = makeBounds()

function makeBounds(): number[] {
  const made = [1]
  for (let last = 1; last < longestMs; made.push(last)) last = Math.max(last + 1, Math.round(last * ratio))
  return made
}

/** The bucket of a time. */
export function bucketOf(ms: number): number {
  let [low, high] = [0, bounds.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((bounds[middle] as number) <= ms) low = middle + 1
    else high = middle
  }
  return low
}

/** Counts one more time. */
export function countTime(counts: number[], ms: number): void {
  const bucket = bucketOf(ms)
  while (counts.length <= bucket) counts.push(0)
  counts[bucket] = (counts[bucket] as number) + 1
}

/** Adds what another histogram counted. */
export function addHistogram(counts: number[], more: Histogram): void {
  // No iterator: a month of fifty caches is half a million of these.
  for (let bucket = 0; bucket < more.length; bucket += 1)
    counts[bucket] = (counts[bucket] ?? 0) + (more[bucket] as number)
}

/** How many times a histogram holds. */
export const sizeOf = (counts: Histogram): number => counts.reduce((sum, count) => sum + count, 0)

/**
 * The time that a share of all times did not exceed, ms: the middle of its bucket, which is at most 5 %
 * off; null where nothing was counted.
 */
export function quantile(counts: Histogram, share: number): number | null {
  const rank = Math.max(1, Math.ceil(sizeOf(counts) * share))
  let passed = 0
  const bucket = counts.findIndex((count) => (passed += count) >= rank)
  if (bucket < 0) return null
  const first = bounds[bucket - 1] ?? 0
  const last = (bounds[bucket] ?? first + 1) - 1
  return Math.round(Math.sqrt(first * last))
}
