import type { Command, Mode } from '#lib/core/command.ts'
import { Backlog } from './backlog.ts'
import type { Body } from './body.ts'
import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import { ageSeconds, type Entry, type Sent, sizeOf, suits } from './entry.ts'
import { normaliseHost } from './key.ts'
import { Marks } from './marks.ts'
import { readTargets } from './targets.ts'

/** Everything stored for one URL: its variants, newest first, and the purges of this very URL. */
export type Slot = {
  readonly key: string
  readonly host: string
  readonly target: string
  entries: Entry[]
  /** Orders of the newest purges of this URL. */
  hard: number
  soft: number
  /** Fetches under way. They keep the slot, so that a purge in the meantime has a place to sit. */
  pending: number
  /** The search for holdings that met it last. */
  searched: number
}

/** What is stored for a request: a response to use, one to ask about, other variants only, or nothing. */
export type Found =
  | { state: 'fresh' | 'stale'; entry: Entry }
  | { state: 'other-variants' | 'nothing'; entry?: undefined }

export type CacheOptions = {
  clock: Clock
  maxBytes: number
  /** Where large bodies go; without it all are kept in memory. */
  disk?: Disk | undefined
  /** No response is used longer than this after its fetch, whatever the origin says. */
  longestKeptMs?: number
  maxVariants?: number
  maxMarks?: number
}

const weekMs = 7 * 24 * 3600_000
const largeBytes = 1024 * 1024
/** How much more than the memory for stored responses slow visitors may hold. */
const backlogShare = 1 / 4

/**
 * The stored responses, by host and target. A restart is cold, and that is what lets purges be kept
 * in memory.
 */
export class Cache {
  readonly marks: Marks
  readonly maxBytes: number
  readonly longestKeptMs: number
  readonly disk: Disk | undefined
  /** Larger bodies go to the disk. */
  readonly largestInMemory: number
  bytes = 0
  /** Bytes of bodies on their way into the cache, as far as they are in memory. */
  filling = 0
  /** What is in memory for slow visitors alone. */
  readonly backlog: Backlog
  readonly #clock: Clock
  readonly #maxVariants: number
  /** By key; the order of the map is that of last use. */
  readonly #slots = new Map<string, Slot>()
  /** Those with a body on disk, in the order of last use. */
  readonly #onDisk = new Map<Entry, Slot>()
  #newest: Slot | undefined

  constructor(options: CacheOptions) {
    this.#clock = options.clock
    this.maxBytes = options.maxBytes
    this.largestInMemory = options.disk ? Math.min(largeBytes, options.maxBytes / 8) : Infinity
    this.disk = options.disk
    this.longestKeptMs = options.longestKeptMs ?? weekMs
    this.#maxVariants = options.maxVariants ?? 32
    this.backlog = new Backlog(options.maxBytes * backlogShare)
    this.marks = new Marks(options.clock, options.maxMarks)
  }

  /** How many responses are stored. */
  get entries(): number {
    let count = 0
    for (const slot of this.#slots.values()) count += slot.entries.length
    return count
  }

  /** Looks for a response to a request. */
  find(host: string, target: string, sent: Sent): Found {
    const slot = this.#slots.get(host + target)
    if (!slot || slot.entries.length === 0) return nothing
    for (const entry of slot.entries) {
      if (!suits(entry, sent)) continue
      const freshSeconds = this.freshSeconds(slot, entry)
      if (freshSeconds === undefined) {
        this.#remove(slot, entry)
        return this.find(host, target, sent)
      }
      this.#use(slot)
      if (this.#onDisk.delete(entry)) this.#onDisk.set(entry, slot)
      return { state: freshSeconds > 0 ? 'fresh' : 'stale', entry }
    }
    return otherVariants
  }

  /** All places, in the order of last use. */
  slots(): MapIterator<Slot> {
    return this.#slots.values()
  }

  /** How long a response may be used without asking; undefined if it is as good as removed. */
  freshSeconds(slot: Slot, entry: Entry): number | undefined {
    const nowMs = this.#clock.monotonicMs()
    const keptMs = entry.bornMs + this.longestKeptMs - nowMs
    const purged = keptMs < 0 ? 'hard' : this.#purged(slot, entry)
    if (purged === 'hard') return undefined
    if (purged === 'soft') return 0
    return Math.max(0, Math.min(keptMs / 1000, entry.lifetimeSeconds - ageSeconds(entry, nowMs)))
  }

  /** The place of a URL for a fetch that starts now; `release` it when the fetch is over. */
  hold(host: string, target: string): Slot {
    const key = host + target
    let slot = this.#slots.get(key)
    if (!slot) {
      slot = { key, host, target, entries: [], hard: 0, soft: 0, pending: 0, searched: 0 }
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

  /** Forgets responses whose body turned out to be lost. */
  lose(host: string, target: string, body: Body): void {
    const slot = this.#slots.get(host + target)
    if (!slot) return
    for (const entry of slot.entries.filter((one) => one.body === body)) this.#remove(slot, entry)
  }

  /** Makes room for what is on its way; false if there is none to be had. */
  makeRoom(): boolean {
    this.#evict()
    return this.filling <= this.maxBytes && !this.#isDiskFull()
  }

  /** Forgets marks that nothing is old enough for, and files of purged responses that nobody asked for since. */
  tidy(): void {
    for (const [entry, slot] of this.#onDisk) {
      if (this.freshSeconds(slot, entry) === undefined) this.#remove(slot, entry)
    }
    this.marks.prune(this.longestKeptMs)
  }

  /** Whether a purge that may concern this URL is newer than a fetch. */
  purgedSince(slot: Slot, born: number): boolean {
    return Math.max(slot.hard, slot.soft, this.marks.newest(slot.host)) > born
  }

  /** Stores a response in a slot that is held, unless a purge or a newer response overtook it. */
  store(slot: Slot, entry: Entry, sent: Sent): void {
    if (this.#purged(slot, entry) === 'hard') return
    const rivals = slot.entries.filter((one) => suits(one, sent))
    if (rivals.some((one) => one.born > entry.born)) return
    if (Buffer.isBuffer(entry.body)) this.backlog.keep(entry.body)
    else {
      // What a 304 confirmed may have been evicted in the meantime.
      if (!entry.body.keep()) return
      this.#onDisk.set(entry, slot)
    }
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
    const read = readTargets(command)
    if ('rejected' in read) return read
    const { kind, mode } = command
    if (kind === 'everything') this.marks.add(host, kind, mode, '')
    for (const target of read.targets) {
      if (command.query) this.marks.addKey(host, mode, target, command.query)
      else if (kind === 'url') this.purgeUrl(host, target, mode)
      else this.marks.add(host, kind, mode, target)
    }
    return { taken: read.targets.length }
  }

  /** Purges one URL with all its variants. */
  purgeUrl(host: string, target: string, mode: Mode): void {
    const slot = this.#slots.get(host + target)
    if (!slot) return
    slot[mode] = this.marks.next()
    if (mode === 'hard') for (const entry of [...slot.entries]) this.#remove(slot, entry)
    this.#drop(slot)
  }

  /** How an entry was purged. An entry remembers the marks it was compared with, so each counts once. */
  #purged(slot: Slot, entry: Entry): Mode | undefined {
    if (slot.hard > entry.born) return 'hard'
    const newest = this.marks.newest(slot.host)
    if (newest > entry.comparedUpTo) {
      const cover = this.marks.covering(slot.host, slot.target, entry.tags, entry.comparedUpTo)
      if (cover.hard > entry.born) return 'hard'
      entry.soft = Math.max(entry.soft, cover.soft)
      entry.comparedUpTo = newest
    }
    return Math.max(slot.soft, entry.soft) > entry.born ? 'soft' : undefined
  }

  #isDiskFull(): boolean {
    return this.disk !== undefined && this.disk.bytes > this.disk.maxBytes
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
    if (Buffer.isBuffer(entry.body)) this.backlog.release(entry.body)
    else {
      this.#onDisk.delete(entry)
      entry.body.release()
    }
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
    for (const [entry, slot] of this.#onDisk) {
      if (!this.#isDiskFull()) break
      this.#remove(slot, entry)
    }
    for (const slot of this.#slots.values()) {
      if (this.bytes + this.filling <= this.maxBytes) return
      for (const entry of [...slot.entries]) this.#remove(slot, entry)
    }
  }
}

/** About what a slot takes in memory besides its entries. */
function slotBytes({ key }: Slot): number {
  return 256 + 2 * key.length
}

const nothing: Found = { state: 'nothing' }
const otherVariants: Found = { state: 'other-variants' }
