/** What an origin may be asked by all caches together. */
export type OriginLimits = { perSecond: number; atOnce: number; bytesPerSecond: number }

/** One fetch that waits for its turn at an origin. */
export type Waiting = {
  accountId: number
  /** Fetches of an account start in this order. */
  order: number
  /** False where a shield that has the object answers. */
  reachesOrigin: boolean
  start: () => void
}

/** How a fetch went, as far as the origin is concerned. */
export type Passage = {
  bytes: number
  /** Until the first byte, ms; undefined where none came. */
  firstByteMs: number | undefined
  /** It answered with 5xx or 429, or was silent, or broke off. */
  failed: boolean
  /** For how long it asked to be left alone, ms. */
  retryAfterMs: number | undefined
}

const burstSeconds = 0.02
const longestPauseMs = 3_600_000
const gentlest = 1 / 64
/** An origin is slow when its first bytes take this many times as long as its quickest lately. */
const slowTimes = 3
const slowLeastMs = 200
const judgeEveryMs = 1_000

/**
 * Lets fetches start at one origin, those of an account in order and accounts in turn: so many a second,
 * so many at once, so many bytes. It slows down by itself when the origin fails or slows, and goes back
 * little by little; bytes are known too late to hold a fetch back, so those too many delay the next ones.
 */
export class OriginBudget {
  #limits: OriginLimits
  readonly #now: () => number
  readonly #queues = new Map<number, Waiting[]>()
  #running = 0
  /** When the next one may start. */
  #nextAt = 0
  /** When what was fetched is paid off. */
  #paidAt = 0
  #pausedUntil = 0
  /** Share of the limits that is used, 1 when all is well. */
  #share = 1
  #judgedAt = 0
  #quickestMs = Number.POSITIVE_INFINITY
  #usualMs = 0

  constructor(limits: OriginLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  setLimits(limits: OriginLimits): void {
    this.#limits = limits
  }

  /** Whether nothing waits or runs here, and the origin may be asked. */
  get isIdle(): boolean {
    return this.#running === 0 && this.#queues.size === 0 && this.#waitMs() <= 0
  }

  /** Lets a fetch wait for its turn. */
  add(waiting: Waiting): void {
    const queue = this.#queues.get(waiting.accountId) ?? []
    queue.splice(queue.findLastIndex((other) => other.order <= waiting.order) + 1, 0, waiting)
    this.#queues.set(waiting.accountId, queue)
  }

  /**
   * Starts what may start now.
   *
   * @returns ms until more may; infinity where that is for an end of a fetch to say
   */
  advance(): number {
    for (;;) {
      const next = this.#first()
      if (!next || this.#running >= Math.max(1, Math.floor(this.#limits.atOnce * this.#share)))
        return Number.POSITIVE_INFINITY
      const waitMs = next.reachesOrigin ? this.#waitMs() : 0
      if (waitMs > 0) return waitMs
      this.#take(next)
      this.#running += 1
      next.start()
    }
  }

  /** A fetch ended; its place is free. */
  ended(passage: Passage): void {
    this.#running -= 1
    const now = this.#now()
    const debtMs = (passage.bytes / this.#limits.bytesPerSecond) * 1000
    this.#paidAt = Math.max(this.#paidAt, now - 1000) + debtMs
    if (passage.retryAfterMs !== undefined)
      this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(passage.retryAfterMs, longestPauseMs))
    this.#judge(passage, now)
  }

  /** A fetch ended that never reached the origin. */
  released(): void {
    this.#running -= 1
  }

  #judge({ failed, firstByteMs }: Passage, now: number): void {
    if (!failed && firstByteMs !== undefined) {
      // The quickest is forgotten slowly, so that an origin may become another one.
      this.#quickestMs = Math.min(this.#quickestMs * 1.01, Math.max(1, firstByteMs))
      this.#usualMs = this.#usualMs === 0 ? firstByteMs : this.#usualMs * 0.8 + firstByteMs * 0.2
    }
    const slow = this.#usualMs > slowLeastMs && this.#usualMs > this.#quickestMs * slowTimes
    if (!failed && !slow) this.#share = Math.min(1, this.#share * 1.02 + 0.002)
    else if (now - this.#judgedAt >= judgeEveryMs || this.#judgedAt === 0) {
      this.#judgedAt = now
      this.#share = Math.max(gentlest, this.#share * (failed ? 0.5 : 0.8))
    }
  }

  #waitMs(): number {
    const now = this.#now()
    return Math.max(this.#nextAt, this.#paidAt, this.#pausedUntil) - now
  }

  /** The first of the account whose turn it is. */
  #first(): Waiting | undefined {
    for (const queue of this.#queues.values()) return queue[0]
    return undefined
  }

  #take(waiting: Waiting): void {
    const { accountId } = waiting
    const queue = this.#queues.get(accountId) ?? []
    queue.shift()
    // Behind the other accounts, whose turn comes first.
    this.#queues.delete(accountId)
    if (queue.length > 0) this.#queues.set(accountId, queue)
    if (!waiting.reachesOrigin) return
    const perSecond = Math.max(0.1, this.#limits.perSecond * this.#share)
    const earliest = this.#now() - burstSeconds * 1000
    this.#nextAt = Math.max(this.#nextAt, earliest) + 1000 / perSecond
  }
}
