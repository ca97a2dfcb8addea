import type { IncomingHttpHeaders } from 'node:http'
import type { Command, Mode } from '#lib/core/command.ts'
import type { Clock } from './clock.ts'
import { ageSeconds, type Entry, sizeOf, suits } from './entry.ts'
import { normaliseHost, normaliseTarget, pathOf } from './key.ts'
import { Marks } from './marks.ts'

/** Everything stored for one URL: its variants, newest first, and the purges of this very URL. */
export type Slot = {
  readonly key: string
  readonly host: string
  readonly path: string
  entries: Entry[]
  /** Orders of the newest purges of this URL. */
  hard: number
  soft: number
  /** Fetches under way. They keep the slot, so that a purge in the meantime has a place to sit. */
  pending: number
}

/** What is stored for a request: a response to use, one to ask about, other variants only, or nothing. */
export type Found =
  | { state: 'fresh' | 'stale'; entry: Entry }
  | { state: 'other-variants' | 'nothing'; entry?: undefined }

export type CacheOptions = {
  clock: Clock
  maxBytes: number
  /** No response is used longer than this after its fetch, whatever the origin says. */
  longestKeptMs?: number
  maxVariants?: number
  maxMarks?: number
}

const weekMs = 7 * 24 * 3600_000

/**
 * The stored responses, by host and target, in memory only: a restart is cold, and that is what
 * lets purges be kept in memory too.
 */
export class Cache {
  readonly marks: Marks
  readonly maxBytes: number
  readonly longestKeptMs: number
  bytes = 0
  /** Bytes of bodies on their way into the cache. */
  filling = 0
  readonly #clock: Clock
  readonly #maxVariants: number
  /** By key; the order of the map is that of last use. */
  readonly #slots = new Map<string, Slot>()
  /** By entry: up to which mark it was compared, and the newest soft purge found so far. */
  readonly #checked = new WeakMap<Entry, { upTo: number; soft: number }>()
  #newest: Slot | undefined

  constructor(options: CacheOptions) {
    this.#clock = options.clock
    this.maxBytes = options.maxBytes
    this.longestKeptMs = options.longestKeptMs ?? weekMs
    this.#maxVariants = options.maxVariants ?? 32
    this.marks = new Marks(options.clock, options.maxMarks)
  }

  /** How many responses are stored. */
  get entries(): number {
    let count = 0
    for (const slot of this.#slots.values()) count += slot.entries.length
    return count
  }

  /** Looks for a response to a request. */
  find(host: string, target: string, request: IncomingHttpHeaders): Found {
    const slot = this.#slots.get(host + target)
    if (!slot || slot.entries.length === 0) return nothing
    for (const entry of slot.entries) {
      if (!suits(entry, request)) continue
      const purged = this.#purged(slot, entry)
      if (purged === 'hard') {
        this.#remove(slot, entry)
        return this.find(host, target, request)
      }
      this.#use(slot)
      const fresh = !purged && entry.lifetimeSeconds > ageSeconds(entry, this.#clock.monotonicMs())
      return { state: fresh ? 'fresh' : 'stale', entry }
    }
    return otherVariants
  }

  /** The place of a URL for a fetch that starts now; `release` it when the fetch is over. */
  hold(host: string, target: string): Slot {
    const key = host + target
    let slot = this.#slots.get(key)
    if (!slot) {
      slot = { key, host, path: pathOf(target), entries: [], hard: 0, soft: 0, pending: 0 }
      this.#slots.set(key, slot)
      this.bytes += slotBytes(slot)
    }
    slot.pending += 1
    this.#use(slot)
    return slot
  }

  release(slot: Slot): void {
    slot.pending -= 1
    this.#drop(slot)
  }

  /** Whether a purge that may concern this URL is newer than a fetch. */
  purgedSince(slot: Slot, born: number): boolean {
    return Math.max(slot.hard, slot.soft, this.marks.newest(slot.host)) > born
  }

  /** Stores a response in a slot that is held, unless a purge or a newer response overtook it. */
  store(slot: Slot, entry: Entry, request: IncomingHttpHeaders): void {
    if (this.#purged(slot, entry) === 'hard') return
    const rivals = slot.entries.filter((one) => suits(one, request))
    if (rivals.some((one) => one.born > entry.born)) return
    for (const one of rivals) this.#remove(slot, one)
    slot.entries.unshift(entry)
    this.bytes += sizeOf(entry)
    for (const one of slot.entries.slice(this.#maxVariants)) this.#remove(slot, one)
    this.#evict()
  }

  /**
   * Purges what a command names.
   *
   * @returns how many targets were taken, or why the command never will be
   */
  purge(command: Command): { taken: number } | { rejected: string } {
    const host = normaliseHost(command.domain)
    if (host === undefined) return { rejected: 'the domain is no host name' }
    if (command.kind === 'regex') return { rejected: 'this version takes no regex' }
    const shape = shapes[command.kind]
    const wrong = command.targets.findIndex((target) => !shape.test(target))
    if (wrong >= 0) return { rejected: `target ${wrong} is no ${command.kind}` }
    if (command.kind === 'everything') this.marks.add(host, 'everything', command.mode, '')
    for (const target of command.targets) this.#purgeOne(host, command, target)
    return { taken: command.targets.length }
  }

  /** Purges one URL with all its variants. */
  purgeUrl(host: string, target: string, mode: Mode): void {
    const slot = this.#slots.get(host + target)
    if (!slot) return
    slot[mode] = this.marks.next()
    if (mode === 'hard') for (const entry of [...slot.entries]) this.#remove(slot, entry)
    this.#drop(slot)
  }

  #purgeOne(host: string, { kind, mode }: Command, target: string): void {
    const normal = normaliseTarget(target)
    if (kind === 'url') this.purgeUrl(host, normal, mode)
    if (kind === 'directory') this.marks.add(host, kind, mode, normal)
    if (kind === 'ignore-parameters') this.marks.add(host, kind, mode, pathOf(normal))
    if (kind === 'tag') this.marks.add(host, kind, mode, target.toLowerCase())
  }

  /** How an entry was purged. An entry remembers the marks it was compared with, so each counts once. */
  #purged(slot: Slot, entry: Entry): Mode | undefined {
    if (slot.hard > entry.born) return 'hard'
    if (this.#clock.monotonicMs() - entry.bornMs > this.longestKeptMs) return 'hard'
    let soft = 0
    const newest = this.marks.newest(slot.host)
    if (newest > entry.born) {
      const known = this.#checked.get(entry)
      soft = known?.soft ?? 0
      if (newest > (known?.upTo ?? 0)) {
        const cover = this.marks.covering(slot.host, slot.path, entry.tags)
        if (cover.hard > entry.born) return 'hard'
        soft = Math.max(soft, cover.soft)
        this.#checked.set(entry, { upTo: newest, soft })
      }
    }
    return Math.max(slot.soft, soft) > entry.born ? 'soft' : undefined
  }

  #use(slot: Slot): void {
    if (slot === this.#newest) return
    this.#slots.delete(slot.key)
    this.#slots.set(slot.key, slot)
    this.#newest = slot
  }

  #remove(slot: Slot, entry: Entry): void {
    const index = slot.entries.indexOf(entry)
    if (index < 0) return
    slot.entries.splice(index, 1)
    this.bytes -= sizeOf(entry)
    this.#drop(slot)
  }

  #drop(slot: Slot): void {
    if (slot.pending > 0 || slot.entries.length > 0 || this.#slots.get(slot.key) !== slot) return
    this.#slots.delete(slot.key)
    this.bytes -= slotBytes(slot)
    if (this.#newest === slot) this.#newest = undefined
  }

  /** Gives up what was not used for longest; a slot with a fetch under way stays, empty. */
  #evict(): void {
    for (const slot of this.#slots.values()) {
      if (this.bytes <= this.maxBytes) return
      for (const entry of [...slot.entries]) this.#remove(slot, entry)
    }
  }
}

/** About what a slot takes in memory besides its entries. */
function slotBytes({ key, path }: Slot): number {
  return 256 + key.length + path.length
}

const nothing: Found = { state: 'nothing' }
const otherVariants: Found = { state: 'other-variants' }

/** What a target of each kind looks like; the rest was checked before it came here. */
const shapes: Record<Exclude<Command['kind'], 'regex'>, RegExp> = {
  url: /^\/[^\s#]*$/,
  directory: /^\/(?:[^\s?#]*\/)?$/,
  'ignore-parameters': /^\/[^\s#]*$/,
  tag: /^[^\s,]+$/,
  everything: /^(?!)/,
}
