import { coverageTest } from '#lib/core/matching.ts'
import type { PrefetchEntry, PurgeEntry } from '#lib/log/log.ts'
import { type PrefetchDomain, readFailedPurges, readPrefetchNotes } from '#lib/store/prefetches.ts'
import type { Fetching, Shortfall, Work } from './fetching.ts'
import type { Flusher } from './flush.ts'
import type { PurgeIndex } from './purge-index.ts'
import type { Tail } from './tail.ts'

type Ground = {
  tail: Tail
  flusher: Flusher
  /** Whether a purge lane of a cache, with its side lane of a domain, has confirmed everything up to `seq`. */
  isConfirmed: (cacheId: number, laneClass: number, domainId: number, seq: number) => boolean
  domains: ReadonlyMap<number, PrefetchDomain>
  /** Commands that are being worked on, by place in the log and by cache. */
  works: ReadonlyMap<number, ReadonlyMap<number, Work>>
  purges: PurgeIndex
  /** Whether the prefetch lanes of a cache are in this worker. */
  isHere: (cacheId: number) => boolean
  /** Whether a cache has a command behind it. */
  hasPassed: (cacheId: number, entry: PrefetchEntry) => boolean
}

/** Says when a prefetch may begin at a cache, and what of it is in vain: by purges and by shields. */
export class PrefetchGate {
  readonly #ground: Ground

  constructor(ground: Ground) {
    this.#ground = ground
  }

  /** The shields that fetch a command before this cache does. */
  shieldsBefore({ entry, lane }: Work): number[] {
    if (entry.shields.includes(lane.state.cacheId)) return []
    return entry.shields.filter((id) => entry.caches.includes(id) && this.#ground.isHere(id))
  }

  /** What a command waits for before it begins at its cache. */
  waitsFor(work: Work): 'shield' | 'purge' | undefined {
    const { entry } = work
    if (!this.shieldsBefore(work).every((id) => this.#ground.hasPassed(id, entry))) return 'shield'
    return this.#isPurged(work) ? undefined : 'purge'
  }

  /** What of a command that may begin is known to be in vain: after failed purges, and behind shields. */
  async knownShortfalls(work: Work): Promise<((fetching: Fetching) => Shortfall | undefined)[]> {
    return [await this.#afterPurges(work), await this.#behindShields(work)]
  }

  /** Whether a purge that was accepted later covers a URL and is not confirmed yet where it is fetched. */
  isBlocked({ work, target }: Fetching): boolean {
    const { entry, lane } = work
    return this.#ground.purges
      .covering(entry.domainId, target)
      .some((purge) => !this.#isOver(purge, [lane.state.cacheId, ...entry.shields]))
  }

  /** Whether a purge that came while a URL was fetched covers it. */
  async wasPurged({ work, target, knownSeq }: Fetching): Promise<boolean> {
    const { purges, tail } = this.#ground
    await purges.advance(tail)
    return purges.covering(work.entry.domainId, target).some((purge) => purge.seq > knownSeq)
  }

  #isOver({ caches, class: laneClass, domainId, seq }: PurgeEntry, at: readonly number[]): boolean {
    return at
      .filter((id) => caches.includes(id))
      .every((id) => this.#ground.isConfirmed(id, laneClass, domainId, seq))
  }

  /** Whether the purges that were accepted before a command are confirmed at its cache and its shields. */
  #isPurged({ entry, lane }: Work): boolean {
    const before = [entry.afterUrgent, entry.afterBulk]
    const groupIds = this.#groupOf(entry)
    return [lane.state.cacheId, ...entry.shields].every((cacheId) =>
      before.every((seq, laneClass) =>
        groupIds.every((id) => seq === 0 || this.#ground.isConfirmed(cacheId, laneClass, id, seq)),
      ),
    )
  }

  /** The domains whose purges concern a command: its own, and those that share its cache. */
  #groupOf({ domainId }: PrefetchEntry): readonly number[] {
    return this.#ground.domains.get(domainId)?.groupIds ?? [domainId]
  }

  async #afterPurges({ entry, lane }: Work): Promise<(fetching: Fetching) => Shortfall | undefined> {
    const seq = Math.max(entry.afterUrgent, entry.afterBulk)
    if (seq === 0) return () => undefined
    const caches = [lane.state.cacheId, ...entry.shields]
    // Those purges are over, but what they noted may not be written yet.
    await this.#ground.flusher.drain()
    const failed = await readFailedPurges(caches, this.#groupOf(entry), seq, entry.acceptedAtMs)
    const covers = failed.map(coverageTest)
    return ({ target }) =>
      covers.some((isCovered) => isCovered(target))
        ? { is: 'failed', cause: 'purge-failed', detail: '' }
        : undefined
  }

  /** What no shield could fetch or keep, the caches behind them need not ask for. */
  async #behindShields(work: Work): Promise<(fetching: Fetching) => Shortfall | undefined> {
    const { entry } = work
    const shieldIds = this.shieldsBefore(work)
    const here = shieldIds.map((id) => this.#ground.works.get(entry.seq)?.get(id)?.shortfalls)
    const missing = here.every((each) => each !== undefined)
      ? here
      : await this.#readMissing(shieldIds, entry)
    return ({ place }) => {
      const [first, ...others] = missing.map((each) => each.get(place))
      if (!first || others.includes(undefined)) return undefined
      if (first.is === 'degraded') return first
      return { is: 'failed', cause: 'shield-failed', detail: first.detail }
    }
  }

  /** What each cache noted of a command, by place; for what another worker has done. */
  async #readMissing(cacheIds: readonly number[], entry: PrefetchEntry): Promise<Map<number, Shortfall>[]> {
    await this.#ground.flusher.drain()
    const notes = await readPrefetchNotes(cacheIds, entry.seq)
    return cacheIds.map((id) => {
      const missing = new Map<number, Shortfall>()
      for (const { cacheId, targets, state, cause, detail } of notes) {
        if (cacheId !== id) continue
        const places = targets.length > 0 ? targets : entry.targets.keys()
        for (const place of places) missing.set(place, { is: state, cause, detail } as Shortfall)
      }
      return missing
    })
  }
}
