import type { LogEntry } from '#lib/log/log.ts'
import type { Tail } from './tail.ts'

const windowEntries = 64

/** A part of an entry: which of its targets, by place. An entry without targets has one place. */
export type Piece<Entry> = { entry: Entry; places: readonly number[] }

type Slot<Entry> = {
  entry: Entry
  /** Places that are still to be done. */
  left: number[]
  /** By place: when it may be tried again, monotonic ms. */
  notBefore: Map<number, number>
}

/** One walk over the log: everything up to `seq` is behind it, some of what follows is in its window. */
export class Cursor<Entry extends LogEntry> {
  #seq: number
  #scanned: number
  #window: Slot<Entry>[] = []
  readonly #concerns: (entry: LogEntry) => entry is Entry
  readonly #sizeOf: (entry: Entry) => number

  /**
   * @param concerns what this walk is about
   * @param sizeOf how many targets an entry has
   */
  constructor(seq: number, concerns: (entry: LogEntry) => entry is Entry, sizeOf: (entry: Entry) => number) {
    this.#seq = seq
    this.#scanned = seq
    this.#concerns = concerns
    this.#sizeOf = sizeOf
  }

  /** Up to here nothing is left to do. */
  get seq(): number {
    return this.#seq
  }

  /** Up to here the log was read; what is between `seq` and this waits in the window, or concerns others. */
  get scanned(): number {
    return this.#scanned
  }

  /** Reads on from the log until the window is full, `limit` is reached or nothing more is there. */
  async fill(tail: Tail, limit = Number.POSITIVE_INFINITY): Promise<void> {
    while (this.#window.length < windowEntries && this.#scanned < limit) {
      const { entries, to } = await tail.after(this.#scanned)
      const before = this.#scanned
      this.#scanned = Math.min(to, limit)
      for (const entry of entries) {
        if (entry.seq > limit) break
        if (this.#window.length >= windowEntries) {
          this.#scanned = entry.seq - 1
          break
        }
        if (this.#concerns(entry)) this.#window.push(this.#slotOf(entry))
      }
      if (this.#scanned === before) break
    }
    this.#settle()
  }

  #slotOf(entry: Entry): Slot<Entry> {
    const left = Array.from({ length: Math.max(1, this.#sizeOf(entry)) }, (_, place) => place)
    return { entry, left, notBefore: new Map() }
  }

  /**
   * What to deliver now, accounts in turn, up to `maxTargets` targets together and at least one.
   *
   * @param ready whether an entry's time has come
   */
  take(maxTargets: number, now: number, ready: (entry: Entry) => boolean): Piece<Entry>[] {
    const open = this.#window
      .filter((slot) => ready(slot.entry))
      .map((slot) => ({ entry: slot.entry, places: slot.left.filter((place) => isDue(slot, place, now)) }))
      .filter((piece) => piece.places.length > 0)
    const queues = [...Map.groupBy(open, (piece) => piece.entry.accountId).values()]
    const batch: Piece<Entry>[] = []
    let room = maxTargets
    for (let turn = 0; batch.length < open.length; turn += 1) {
      for (const queue of queues) {
        const piece = queue[turn]
        if (!piece) continue
        if (batch.length > 0 && piece.places.length > room) return batch
        const places = piece.places.slice(0, Math.max(1, room))
        batch.push({ entry: piece.entry, places })
        room -= places.length
      }
    }
    return batch
  }

  /** When the next of what waits for its time may be tried, monotonic ms. */
  nextDue(now: number): number {
    const times = this.#window.flatMap(({ left, notBefore }) =>
      left.map((place) => notBefore.get(place) ?? 0),
    )
    return Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > now))
  }

  /** Whether something was tried and waits for its next time. */
  get hasPostponed(): boolean {
    return this.#window.some(({ left, notBefore }) => left.some((place) => notBefore.has(place)))
  }

  /** What is still to be done in the window, in order. */
  pending(): Entry[] {
    return this.#window.filter((slot) => slot.left.length > 0).map((slot) => slot.entry)
  }

  /** Marks pieces as done; the cursor passes what is done from its beginning on. */
  finish(pieces: Iterable<Piece<Entry>>): void {
    for (const { entry, places } of pieces) {
      const slot = this.#window.find((one) => one.entry === entry)
      if (slot) slot.left = slot.left.filter((place) => !places.includes(place))
    }
    this.#settle()
  }

  /** Marks whole entries as done. */
  finishEntries(entries: readonly Entry[]): void {
    for (const slot of this.#window) if (entries.includes(slot.entry)) slot.left = []
    this.#settle()
  }

  /** Lets a piece wait while others go on. */
  postpone({ entry, places }: Piece<Entry>, until: number): void {
    const slot = this.#window.find((one) => one.entry === entry)
    for (const place of places) slot?.notBefore.set(place, until)
  }

  /** Forgets entries that no longer concern this walk. */
  reconsider(): void {
    for (const slot of this.#window) if (!this.#concerns(slot.entry)) slot.left = []
    this.#settle()
  }

  #settle(): void {
    while (this.#window[0]?.left.length === 0) this.#seq = this.#window.shift()?.entry.seq ?? this.#seq
    if (this.#window.length === 0) this.#seq = Math.max(this.#seq, this.#scanned)
  }
}

function isDue({ notBefore }: Slot<unknown>, place: number, now: number): boolean {
  return (notBefore.get(place) ?? 0) <= now
}
