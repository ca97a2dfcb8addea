import type { LogEntry } from '#lib/log/log.ts'
import type { Tail } from './tail.ts'

const windowEntries = 64

/** One walk over the log: everything up to `seq` is behind it, some of what follows is in its window. */
export class Cursor {
  #seq: number
  #scanned: number
  #window: { entry: LogEntry; done: boolean }[] = []
  #concerns: (entry: LogEntry) => boolean

  constructor(seq: number, concerns: (entry: LogEntry) => boolean) {
    this.#seq = seq
    this.#scanned = seq
    this.#concerns = concerns
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
        if (this.#concerns(entry)) this.#window.push({ entry, done: false })
      }
      if (this.#scanned === before) break
    }
    this.#settle()
  }

  /**
   * Entries to deliver now, accounts in turn, up to `maxTargets` targets together.
   *
   * @param ready whether an entry's time has come
   */
  take(maxTargets: number, ready: (entry: LogEntry) => boolean): LogEntry[] {
    const open = this.#window.filter((slot) => !slot.done && ready(slot.entry)).map((slot) => slot.entry)
    const queues = [...Map.groupBy(open, (entry) => entry.accountId).values()]
    const batch: LogEntry[] = []
    let targets = 0
    for (let turn = 0; batch.length < open.length; turn += 1) {
      for (const queue of queues) {
        const entry = queue[turn]
        if (!entry) continue
        targets += Math.max(1, entry.command.targets.length)
        if (batch.length > 0 && targets > maxTargets) return batch
        batch.push(entry)
      }
    }
    return batch
  }

  /** What is still to be done in the window, in order. */
  pending(): LogEntry[] {
    return this.#window.filter((slot) => !slot.done).map((slot) => slot.entry)
  }

  /** Marks entries as done; the cursor passes what is done from its beginning on. */
  finish(entries: Iterable<LogEntry>): void {
    const done = new Set(entries)
    for (const slot of this.#window) if (done.has(slot.entry)) slot.done = true
    this.#settle()
  }

  /** Forgets entries that no longer concern this walk. */
  reconsider(): void {
    for (const slot of this.#window) if (!this.#concerns(slot.entry)) slot.done = true
    this.#settle()
  }

  #settle(): void {
    while (this.#window[0]?.done) this.#seq = this.#window.shift()?.entry.seq ?? this.#seq
    if (this.#window.length === 0) this.#seq = Math.max(this.#seq, this.#scanned)
  }
}
