import type { LogEntry } from '#lib/log/log.ts'
import type { LaneMove, LaneState } from '#lib/store/lanes.ts'
import { Cursor } from './cursor.ts'
import { Milestones } from './milestones.ts'

/** The two passes over a lane: a command is applied, and later confirmed by its echo. */
export type Pass = 'apply' | 'echo'

/**
 * One lane of one cache. Everything in the log that is of its class and goes to its cache concerns
 * it; a side lane takes the commands of its domain only, and the main lane leaves those out.
 */
export class Lane {
  readonly state: LaneState
  readonly applied: Cursor
  readonly confirmed: Cursor
  readonly appliedAt = new Milestones()
  readonly confirmedAt = new Milestones()
  /** Domains of this lane that have a side lane. */
  readonly sides = new Set<number>()
  /** Why a side lane is not at its end. */
  cause: string | null = null
  detail: string | null = null
  /** A side lane's next try, on the monotonic clock, ms. */
  notBefore = 0
  /** Batches since the other class had its turn, by pass. */
  streak: Record<Pass, number> = { apply: 0, echo: 0 }
  /** Up to here side lanes that closed have done this lane's work. */
  owes = 0
  #written: { applied: number; confirmed: number }

  /** @param now applied but unconfirmed commands count as applied at this moment */
  constructor(state: LaneState, now: number) {
    this.state = state
    const concerns = (entry: LogEntry) =>
      entry.class === state.class &&
      entry.caches.includes(state.cacheId) &&
      (state.domainId === 0 ? !this.sides.has(entry.domainId) : entry.domainId === state.domainId)
    this.applied = new Cursor(state.applied, concerns)
    this.confirmed = new Cursor(state.confirmed, concerns)
    this.appliedAt.reach(state.applied, now)
    this.confirmedAt.reach(state.confirmed, now)
    this.#written = { applied: state.applied, confirmed: state.confirmed }
  }

  get key(): string {
    return `${this.state.cacheId}/${this.state.class}/${this.state.domainId}`
  }

  get isSide(): boolean {
    return this.state.domainId !== 0
  }

  /** Whether this side lane has done all that its main lane, having read past it, left out. */
  hasCaughtUpWith(main: Lane): boolean {
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
