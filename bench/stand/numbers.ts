/** The value that a share of all values does not exceed; `share` 0.5 is the median. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** Prints how long rounds took. */
export function tell(what: string, timesMs: readonly number[]): void {
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => percentile(timesMs, share).toFixed(1))
  console.log(`${what}: ${timesMs.length} rounds, p50 ${p50} ms, p99 ${p99} ms, longest ${most} ms`)
}

/** Prints one measure against its target; a missed one makes the benchmark fail. */
export function judge(what: string, value: number, target: { atLeast: number } | { atMost: number }): void {
  const met = 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
  const wanted = 'atLeast' in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`
  console.log(`${met ? 'met   ' : 'MISSED'}  ${what}: ${value.toFixed(2)} (${wanted})`)
  if (!met) process.exitCode = 1
}
