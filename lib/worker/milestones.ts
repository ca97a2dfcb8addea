const mostPoints = 4096

/** When a cursor passed each place of the log, on this process's monotonic clock, ms. */
export class Milestones {
  #points: { seq: number; at: number }[] = []

  /** Notes that everything up to `seq` was passed at `at`; false when that was known. */
  reach(seq: number, at: number): boolean {
    const last = this.#points.at(-1)
    if (last && seq <= last.seq) return false
    this.#points.push({ seq, at })
    // Without the oldest point its numbers seem to have passed later, which only waits longer.
    if (this.#points.length > mostPoints) this.#points.shift()
    return true
  }

  /** When `seq` was passed, or undefined while it was not. */
  passedAt(seq: number): number | undefined {
    let low = 0
    let high = this.#points.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#points[middle]?.seq ?? 0) < seq) low = middle + 1
      else high = middle
    }
    return this.#points[low]?.at
  }
}
