import { setImmediate } from 'node:timers/promises'
import type { Command } from '#lib/core/command.ts'
import { coverageTest } from '#lib/core/matching.ts'
import type { Holdings } from '#lib/core/question.ts'
import type { Cache, Slot } from './cache.ts'
import type { Clock } from './clock.ts'

/** What a purge would cover, its targets spelled as what is stored. */
export type Coverage = Pick<Command, 'kind' | 'targets' | 'query'> & { host: string }

const maxTargets = 20
/** Longer targets are counted and not listed, so that an answer stays short. */
const longestTarget = 2_000
const maxSlots = 200_000
const maxMs = 2_000
/** Visitors are answered in between. */
const sliceMs = 5

/** Looks through all that is stored, in slices; `complete` unless the search was given up. */
export async function findHoldings(cache: Cache, clock: Clock, coverage: Coverage): Promise<Holdings> {
  const search = new Search(cache, coverage)
  const startMs = clock.monotonicMs()
  let sliceStartMs = startMs
  let slots = 0
  for (const slot of cache.slots()) {
    if (slots === maxSlots) return { ...search.found, complete: false }
    slots += 1
    search.look(slot)
    const nowMs = clock.monotonicMs()
    if (nowMs - sliceStartMs < sliceMs) continue
    if (nowMs - startMs > maxMs) return { ...search.found, complete: false }
    await setImmediate()
    sliceStartMs = clock.monotonicMs()
  }
  return { ...search.found, complete: true }
}

class Search {
  readonly found = { objects: 0, bytes: 0, targets: [] as string[], freshSeconds: 0 }
  readonly #cache: Cache
  readonly #coverage: Coverage
  readonly #covers: (target: string) => boolean
  readonly #number: number

  constructor(cache: Cache, coverage: Coverage) {
    this.#cache = cache
    this.#coverage = coverage
    this.#covers = coverageTest(coverage)
    this.#number = cache.marks.next()
  }

  look(slot: Slot): void {
    const { found } = this
    const { host, kind, targets } = this.#coverage
    // A slot that is used in the meantime moves to the end and is met again.
    if (slot.searched === this.#number || slot.host !== host || !this.#covers(slot.target)) return
    slot.searched = this.#number
    const before = found.objects
    for (const entry of slot.entries) {
      if (kind === 'tag' && !targets.some((tag) => entry.tags.includes(tag))) continue
      const seconds = this.#cache.freshSeconds(slot, entry)
      if (seconds === undefined) continue
      found.objects += 1
      found.bytes += entry.body.length
      found.freshSeconds = Math.max(found.freshSeconds, Math.floor(seconds))
    }
    if (found.objects === before) return
    const listed = found.targets.length < maxTargets && slot.target.length <= longestTarget
    if (listed) found.targets.push(slot.target)
  }
}
