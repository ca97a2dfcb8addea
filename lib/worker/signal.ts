/** Wakes whoever waits; a wake between looking and waiting is not lost. */
export class Signal {
  #version = 0
  #waiters = new Set<() => void>()

  /** What to hand to `wait` later: taken before looking for work. */
  get version(): number {
    return this.#version
  }

  /** Wakes all who wait, and those who looked before this and wait after it. */
  wake(): void {
    this.#version += 1
    for (const resolve of this.#waiters) resolve()
    this.#waiters.clear()
  }

  /** Resolves at the next wake after `version` was taken, at the latest after `ms`. */
  wait(version: number, ms: number): Promise<void> {
    if (version !== this.#version || ms <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiters.delete(done)
        resolve()
      }
      // setTimeout takes at most 2^31 - 1 ms and would fire at once above it.
      const timer = setTimeout(done, Math.min(ms, 60_000))
      this.#waiters.add(done)
    })
  }
}
