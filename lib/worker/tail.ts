import type { Log, LogEntry } from '#lib/log/log.ts'

const readLimit = 500
const keepEntries = 2000

/** Entries behind a place of the log, and how far that search went. */
export type Stretch = { entries: readonly LogEntry[]; to: number }

/** The newest part of the log in memory, read once for all lanes; a lane far behind reads pages. */
export class Tail {
  #log: Log
  #entries: LogEntry[] = []
  /** The memory holds every entry in (#from, #to]. */
  #from: number
  #to: number

  /** @param start a number up to which all entries are visible already */
  constructor(log: Log, start: number) {
    this.#log = log
    this.#from = start
    this.#to = start
  }

  /** Reads what was appended since; true when there was something. */
  async advance(): Promise<boolean> {
    const before = this.#to
    for (;;) {
      const entries = await this.#log.read(this.#to, readLimit)
      this.#entries.push(...entries)
      this.#to = entries.at(-1)?.seq ?? this.#to
      const surplus = this.#entries.length - keepEntries
      if (surplus > 0) {
        this.#from = this.#entries[surplus - 1]?.seq ?? this.#from
        this.#entries.splice(0, surplus)
      }
      if (entries.length < readLimit) return this.#to > before
    }
  }

  /** Entries behind `seq`, some or all of them; call again with `to` until it stands still. */
  async after(seq: number): Promise<Stretch> {
    if (seq >= this.#to) return { entries: [], to: seq }
    if (seq >= this.#from) return { entries: this.#entries.slice(this.#indexAfter(seq)), to: this.#to }
    const reachable = this.#to
    const entries = await this.#log.read(seq, readLimit)
    const last = entries.at(-1)?.seq ?? seq
    return { entries, to: entries.length < readLimit ? Math.max(last, reachable) : last }
  }

  #indexAfter(seq: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle]?.seq ?? 0) <= seq) low = middle + 1
      else high = middle
    }
    return low
  }
}
