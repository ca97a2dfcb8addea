import type { LogEntry, PrefetchEntry, PurgeEntry } from '#lib/log/log.ts'
import type { LaneMove, LaneState } from '#lib/store/lanes.ts'
import { Cursor } from './cursor.ts'
import { Milestones } from './milestones.ts'

/** The two passes over a lane: a command is applied, and later confirmed by its echo. */
export type Pass = 'apply' | 'echo'

/**
 * One lane of one cache. Everything in the log that is of its class and goes to its cache concerns
 * it; a side lane takes the commands of its domain only, and the main lane leaves those out.
 */
export class Lane<Entry extends LogEntry = PurgeEntry> {
  readonly state: LaneState
  readonly applied: Cursor<Entry>
  readonly confirmed: Cursor<Entry>
  readonly appliedAt = new Milestones()
  readonly confirmedAt = new Milestones()
  /** Domains of this lane that have a side lane. */
  readonly sides = new Set<number>()
  readonly key: string
  /** Why it does not move. */
  cause: string | null = null
  detail: string | null = null
  /** A lane's next try, on the monotonic clock, ms. */
  notBefore = 0
  /** Batches since the other class had its turn, by pass. */
  streak: Record<Pass, number> = { apply: 0, echo: 0 }
  /** Up to here side lanes that closed have done this lane's work. */
  owes = 0
  /** The most targets of a batch, by pass: halved when one fails though the cache works, and grown again. */
  readonly #most: Record<Pass, number> = { apply: Number.POSITIVE_INFINITY, echo: Number.POSITIVE_INFINITY }
  #written: { applied: number; confirmed: number }

  /** @param now applied but unconfirmed commands count as applied at this moment */
  constructor(
    state: LaneState,
    now: number,
    isKind: (entry: LogEntry) => entry is Entry,
    sizeOf: (entry: Entry) => number,
  ) {
    this.state = state
    this.key = `${state.cacheId}/${state.class}/${state.domainId}`
    const concerns = (entry: LogEntry): entry is Entry =>
      entry.class === state.class &&
      entry.caches.includes(state.cacheId) &&
      (state.domainId === 0 ? !this.sides.has(entry.domainId) : entry.domainId === state.domainId) &&
      isKind(entry)
    this.applied = new Cursor(state.applied, concerns, sizeOf)
    this.confirmed = new Cursor(state.confirmed, concerns, sizeOf)
    this.appliedAt.reach(state.applied, now)
    this.confirmedAt.reach(state.confirmed, now)
    this.#written = { applied: state.applied, confirmed: state.confirmed }
  }

  get isSide(): boolean {
    return this.state.domainId !== 0
  }

  /** Whether something of it was tried and waits for its next time. */
  get hasPostponed(): boolean {
    return this.applied.hasPostponed || this.confirmed.hasPostponed
  }

  /** How many targets the next batch may have, where a cache takes `most`. */
  batchSize(pass: Pass, most: number): number {
    return Math.min(this.#most[pass], most)
  }

  /** A batch of this many targets failed though the cache works: half of it may show which one it is. */
  halve(pass: Pass, targets: number): void {
    this.#most[pass] = Math.max(1, Math.floor(targets / 2))
  }

  /** A batch went through: the next one may be a tenth larger. */
  grow(pass: Pass): void {
    this.#most[pass] = this.#most[pass] * 1.1 + 1
  }

  /** Whether this side lane has done all that its main lane, having read past it, left out. */
  hasCaughtUpWith(main: Lane<Entry>): boolean {
    return this.applied.seq >= main.applied.scanned && this.confirmed.seq >= main.confirmed.scanned
  }

  /** When a pass got by a command, monotonic ms; undefined while it has not. */
  passedAt(pass: Pass, seq: number): number | undefined {
    return (pass === 'apply' ? this.appliedAt : this.confirmedAt).passedAt(seq)
  }

  /** Takes over how far both cursors are now; true when more is confirmed than before. */
  note(now: number): boolean {
    this.appliedAt.reach(this.applied.seq, now)
    return this.confirmedAt.reach(this.confirmed.seq, now)
  }

  /** What to write of this lane. */
  move(): LaneMove {
    const applied = this.applied.seq
    const confirmed = Math.min(this.confirmed.seq, applied)
    return { ...this.state, applied, confirmed, cause: this.cause, detail: this.detail }
  }

  /** Whether the database does not know yet how far this lane is. */
  get hasMoved(): boolean {
    return this.applied.seq > this.#written.applied || this.confirmed.seq > this.#written.confirmed
  }

  /**
   * Whether a move is to be written though nothing was delivered: a side lane that closed took this
   * lane's work up to `owes`, and tasks look at this lane for it now.
   */
  get owesMove(): boolean {
    return this.hasMoved && Math.min(this.#written.applied, this.#written.confirmed) < this.owes
  }

  /** Notes that a move was written. */
  written(move: LaneMove): void {
    this.#written = { applied: move.applied, confirmed: move.confirmed }
  }
}

/** A lane of purges. */
export function purgeLane(state: LaneState, now: number): Lane {
  const isPurge = (entry: LogEntry) => entry.is === 'purge'
  return new Lane<PurgeEntry>(state, now, isPurge, ({ command }) => command.targets.length)
}

/** A lane of prefetches. */
export function prefetchLane(state: LaneState, now: number): Lane<PrefetchEntry> {
  const isPrefetch = (entry: LogEntry) => entry.is === 'prefetch'
  return new Lane<PrefetchEntry>(state, now, isPrefetch, ({ targets }) => targets.length)
}
