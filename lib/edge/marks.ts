import type { Command, CommandKind, Mode } from '#lib/core/command.ts'
import { keyReader } from '#lib/core/domain-rules.ts'
import { type Pattern, parsePattern, patternTest } from '#lib/core/pattern.ts'
import { pathOf } from '#lib/core/spelling.ts'
import type { Clock } from './clock.ts'

/** The newest purge of each mode that covers something, as orders; 0 where there was none. */
export type Cover = { hard: number; soft: number }
type Mark = Cover & { atMs: number; covers?: (target: string) => boolean }

/** Where a mark may sit. A purge of one URL has its place at the stored object; see cache.ts. */
export type MarkKind = Exclude<CommandKind, 'url'> | 'key'

type HostMarks = Record<MarkKind, Map<string, Mark>> & {
  /** The order of the newest mark: what was born or checked after it needs no look at the maps. */
  newest: number
  /** The length of the longest directory that was purged: no longer part of a URL needs a look. */
  longest: number
  /** What reads the keys of `key`, by the name of its rule; that name and a blank begin the targets there. */
  readers: Map<string, (target: string) => string>
}

// A lookup tests every pattern that its object has not met: 1,000 of the usual kind take 2 ms.
const maxPatternsPerHost = 1_000

/**
 * The purges that stored responses are compared with.
 *
 * Fetches and purges draw from one counter, the order. A response is stamped with the order at the
 * START of its fetch, so a purge that came while the fetch ran is newer than the response, and the
 * response is not served after it: there is no race. The order lives in memory like the responses:
 * after a restart both are gone, so no old response can meet a forgotten mark.
 */
export class Marks {
  #order = 0
  #count = 0
  #floor = 0
  readonly #hosts = new Map<string, HostMarks>()
  readonly #clock: Clock
  readonly #maxMarks: number

  constructor(clock: Clock, maxMarks = 100_000) {
    this.#clock = clock
    this.#maxMarks = maxMarks
  }

  /** The next order: the stamp of a fetch that starts now, or of a purge that arrived now. */
  next(): number {
    this.#order += 1
    return this.#order
  }

  /** Marks what a purge names; `target` is normalised, and empty for everything. */
  add(host: string, kind: MarkKind, mode: Mode, target: string): void {
    const marks = this.#hosts.get(host) ?? this.#open(host)
    const mark = marks[kind].get(target) ?? newMark(kind, target)
    // Set anew, so that a map begins with what was purged longest ago.
    if (!marks[kind].delete(target)) this.#count += 1
    marks.newest = this.next()
    mark[mode] = marks.newest
    mark.atMs = this.#clock.monotonicMs()
    marks[kind].set(target, mark)
    if (kind === 'directory') marks.longest = Math.max(marks.longest, target.length)
    this.#foldPatterns(marks)
    if (this.#count > this.#maxMarks) this.#raiseFloor()
  }

  /** Marks a URL whatever it has of the parameters that do not count. */
  addKey(host: string, mode: Mode, target: string, query: NonNullable<Command['query']>): void {
    const marks = this.#hosts.get(host) ?? this.#open(host)
    const rule = JSON.stringify(query)
    const reader = marks.readers.get(rule) ?? keyReader(query)
    marks.readers.set(rule, reader)
    this.add(host, 'key', mode, `${rule} ${reader(target)}`)
  }

  /** The order of the newest purge that may concern a host. */
  newest(host: string): number {
    return Math.max(this.#floor, this.#hosts.get(host)?.newest ?? 0)
  }

  /**
   * The newest purges that cover an object; walks one directory at a time, as far as any was purged.
   *
   * @param since  the order up to which patterns need no test, for the object is younger or passed them
   */
  covering(host: string, target: string, tags: readonly string[], since: number): Cover {
    const path = pathOf(target)
    const cover = { hard: this.#floor, soft: 0 }
    const marks = this.#hosts.get(host)
    if (!marks) return cover
    widen(cover, marks.everything.get(''))
    widen(cover, marks['ignore-parameters'].get(path))
    for (const [rule, reader] of marks.readers) widen(cover, marks.key.get(`${rule} ${reader(target)}`))
    for (const tag of tags) widen(cover, marks.tag.get(tag))
    for (let end = path.indexOf('/'); end >= 0 && end < marks.longest; end = path.indexOf('/', end + 1)) {
      widen(cover, marks.directory.get(path.slice(0, end + 1)))
    }
    for (const mark of marks.regex.values()) {
      if (Math.max(mark.hard, mark.soft) > since && mark.covers?.(target)) widen(cover, mark)
    }
    return cover
  }

  /** Forgets marks that are older than any response may be kept. */
  prune(longestKeptMs: number): void {
    const oldestMs = this.#clock.monotonicMs() - longestKeptMs
    for (const [host, marks] of this.#hosts) {
      const maps = kinds.map((kind) => marks[kind])
      for (const map of maps) {
        for (const [target, mark] of map) {
          if (mark.atMs < oldestMs && map.delete(target)) this.#count -= 1
        }
      }
      if (marks.key.size === 0) marks.readers.clear()
      if (maps.every((map) => map.size === 0)) this.#hosts.delete(host)
    }
  }

  /** Past the limit the patterns that were purged longest ago count for their whole host. */
  #foldPatterns(marks: HostMarks): void {
    for (const [pattern, mark] of marks.regex) {
      if (marks.regex.size <= maxPatternsPerHost) return
      const whole = marks.everything.get('') ?? newMark('everything', '')
      if (marks.everything.has('')) this.#count -= 1
      widen(whole, mark)
      whole.atMs = Math.max(whole.atMs, mark.atMs)
      marks.everything.set('', whole)
      marks.regex.delete(pattern)
    }
  }

  /** Past the limit all marks become one: whatever is stored now counts as purged. */
  #raiseFloor(): void {
    this.#floor = this.next()
    this.#hosts.clear()
    this.#count = 0
  }

  #open(host: string): HostMarks {
    const marks: HostMarks = {
      newest: 0,
      longest: 0,
      readers: new Map(),
      key: new Map(),
      'ignore-parameters': new Map(),
      directory: new Map(),
      regex: new Map(),
      tag: new Map(),
      everything: new Map(),
    }
    this.#hosts.set(host, marks)
    return marks
  }
}

/** Has the search for patterns compiled before a visitor waits for it, who else would wait ten times as long. */
export function warmUp(): void {
  const shapes = [`/.*${'a'.repeat(980)}b.*`, `/.*${'[a-z]'.repeat(100)}[^/]*[0-9].*b`]
  for (let round = 0; round < 30; round += 1) {
    for (const shape of shapes) {
      const covers = patternTest(parsePattern(shape) as Pattern)
      for (const path of ['/b', `/${'a'.repeat(8_000)}`]) covers(path)
    }
  }
}

const kinds = ['key', 'ignore-parameters', 'directory', 'regex', 'tag', 'everything'] as const

function newMark(kind: MarkKind, target: string): Mark {
  const mark = { hard: 0, soft: 0, atMs: 0 }
  // Only patterns come here that were read before; see targets.ts.
  return kind === 'regex' ? { ...mark, covers: patternTest(parsePattern(target) as Pattern) } : mark
}

function widen(cover: Cover, mark: Mark | undefined): void {
  if (!mark) return
  cover.hard = Math.max(cover.hard, mark.hard)
  cover.soft = Math.max(cover.soft, mark.soft)
}
