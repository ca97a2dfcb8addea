import { coverageTest } from '#lib/core/matching.ts'
import type { PurgeEntry } from '#lib/log/log.ts'
import type { Tail } from './tail.ts'

type Known = { entry: PurgeEntry; covers: (target: string) => boolean }
type Followed = { from: number; scanned: number; purges: Known[] }

/** The purges of domains that are being prefetched: what they cover has to be fetched after them. */
export class PurgeIndex {
  readonly #domains = new Map<number, Followed>()

  /** Begins to look at purges of a domain behind `seq`. */
  follow(domainId: number, seq: number): void {
    const known = this.#domains.get(domainId)
    if (!known || known.from > seq) this.#domains.set(domainId, { from: seq, scanned: seq, purges: [] })
  }

  /** Forgets purges of a domain before `seq`, where nothing older is left to fetch. */
  trim(domainId: number, seq: number): void {
    const known = this.#domains.get(domainId)
    if (!known || known.from >= seq) return
    known.from = seq
    known.purges = known.purges.filter(({ entry }) => entry.seq > seq)
  }

  forget(domainId: number): void {
    this.#domains.delete(domainId)
  }

  /** Reads what was appended to the log since. */
  async advance(tail: Tail): Promise<void> {
    for (const [domainId, followed] of this.#domains) {
      for (;;) {
        const { entries, to } = await tail.after(followed.scanned)
        const before = followed.scanned
        followed.scanned = to
        for (const entry of entries) {
          const concerns =
            entry.is === 'purge' && (entry.domainId === domainId || entry.alsoIds.includes(domainId))
          if (concerns) followed.purges.push({ entry, covers: coverageTest(entry.command) })
        }
        if (to === before) break
      }
    }
  }

  /** Up to here the log was read for a domain. */
  scanned(domainId: number): number {
    return this.#domains.get(domainId)?.scanned ?? 0
  }

  /** Purges of a domain that cover a target, among those that are followed. */
  covering(domainId: number, target: string): PurgeEntry[] {
    const { purges = [] } = this.#domains.get(domainId) ?? {}
    return purges.filter(({ covers }) => covers(target)).map(({ entry }) => entry)
  }
}
