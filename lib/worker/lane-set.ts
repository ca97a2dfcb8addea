import type { LogEntry } from '#lib/log/log.ts'
import type { Flusher } from './flush.ts'
import type { Lane, Pass } from './lane.ts'
import type { Milestones } from './milestones.ts'

/** The lanes of one cache: main ones, and beside them the side lanes of single domains. */
export class LaneSet<Entry extends LogEntry> {
  readonly #cacheId: number
  readonly #lanes = new Map<string, Lane<Entry>>()
  /** When the last side lane of a domain that closed had passed what, by class and domain. */
  readonly #closed = new Map<string, Record<Pass, Milestones>>()

  constructor(cacheId: number) {
    this.#cacheId = cacheId
  }

  get all(): Lane<Entry>[] {
    return [...this.#lanes.values()]
  }

  has(lane: Lane<Entry>): boolean {
    return this.#lanes.get(lane.key) === lane
  }

  /** The main lane of a class, or the side lane of a domain. */
  get(laneClass: number, domainId = 0): Lane<Entry> | undefined {
    return this.#lanes.get(`${this.#cacheId}/${laneClass}/${domainId}`)
  }

  /** Adds a lane; a side lane takes its domain away from the main one. */
  add(lane: Lane<Entry>): void {
    const { class: laneClass, domainId } = lane.state
    this.#lanes.set(lane.key, lane)
    if (lane.isSide) {
      const main = this.get(laneClass)
      main?.sides.add(domainId)
      main?.applied.reconsider()
      main?.confirmed.reconsider()
      return
    }
    for (const other of this.#lanes.values()) {
      if (other.isSide && other.state.class === laneClass) lane.sides.add(other.state.domainId)
    }
  }

  /** Gives a lane up, unless another has taken its place meanwhile. */
  drop(lane: Pick<Lane, 'key'>): void {
    if (this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key)
  }

  /**
   * When a pass got by a command here, monotonic ms; undefined while it has not. Where a side lane
   * did it, its time counts, also after it closed: its main lane read past the command earlier.
   */
  passedAt(pass: Pass, laneClass: number, domainId: number, seq: number): number | undefined {
    const side = this.get(laneClass, domainId)
    if (side) return side.passedAt(pass, seq)
    const closed = this.#closed.get(`${laneClass}/${domainId}`)?.[pass].passedAt(seq)
    return closed ?? this.get(laneClass)?.passedAt(pass, seq)
  }

  /** Ends a side lane that has done all that its main lane left out; true when it did. */
  closeIfCaughtUp(side: Lane<Entry>, flusher: Flusher): boolean {
    const { class: laneClass, domainId } = side.state
    const main = this.get(laneClass)
    if (!main || side.cause || !this.has(side) || !side.hasCaughtUpWith(main)) return false
    this.#lanes.delete(side.key)
    main.owes = Math.max(main.owes, side.applied.seq)
    main.sides.delete(domainId)
    this.#closed.set(`${laneClass}/${domainId}`, { apply: side.appliedAt, echo: side.confirmedAt })
    flusher.endSide(side, main)
    return true
  }
}
