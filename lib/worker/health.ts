import type { Cause, ProbeResult } from '#lib/drivers/driver.ts'
import { type OpenableCache, writeCacheHealth } from '#lib/store/caches.ts'

const retryMs = 2000
const pausedRetryMs = 30_000

/** How one cache is: whether it is held off, since when, and what of that the account was told. */
export class Health {
  readonly #now: () => number
  #cache: OpenableCache
  #heldUntil = 0
  #told = ''
  #lastAnswerAt: number

  constructor(cache: OpenableCache, now: () => number) {
    this.#cache = cache
    this.#now = now
    this.#lastAnswerAt = now()
  }

  /** How long the cache is to be left alone, ms; not above 0 when it is not. */
  get heldMs(): number {
    return this.#heldUntil - this.#now()
  }

  /** Whether nothing was heard of the cache for a while, or it is to be tried again. */
  isQuiet(quietMs: number): boolean {
    const now = this.#now()
    return this.#heldUntil === 0 ? now - this.#lastAnswerAt >= quietMs : this.#heldUntil <= now
  }

  /** Starts anew: the cache was changed, or somebody asked to try it now. */
  reset(cache: OpenableCache): void {
    this.#cache = cache
    this.#heldUntil = 0
    this.#told = ''
  }

  /** The cache did not do its part: it is tried again later. */
  hold(cause: Cause, detail: string): void {
    const paused = cause === 'credentials'
    this.#heldUntil = this.#now() + (paused ? pausedRetryMs : retryMs)
    this.#tell(paused ? 'paused' : 'waiting', cause, detail)
  }

  /** The cache did its part. */
  answered(): void {
    this.#heldUntil = 0
    this.#lastAnswerAt = this.#now()
    this.#tell('up', null, null)
  }

  /** A probe went well; that ends no hold, for what was held may need more than a probe. */
  probed({ ok }: ProbeResult): void {
    if (ok && this.#heldUntil === 0) this.answered()
  }

  #tell(status: OpenableCache['status'], cause: string | null, detail: string | null): void {
    const told = JSON.stringify([status, cause, detail])
    if (told === this.#told) return
    this.#told = told
    const since = status === this.#cache.status ? this.#cache.since : new Date()
    this.#cache = { ...this.#cache, status, since }
    writeCacheHealth(this.#cache.id, { status, cause, detail, since }).catch(() => {
      this.#told = ''
    })
  }
}
