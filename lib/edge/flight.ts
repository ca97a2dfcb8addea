import type { Body } from './body.ts'
import type { Cache, Slot } from './cache.ts'
import type { Clock } from './clock.ts'
import type { DiskFile, Reader } from './disk-file.ts'
import { type Entry, freshen, type Moments, makeEntry, type Sent, suits, withBody } from './entry.ts'
import { type Fields, field } from './fields.ts'
import { mayStore } from './freshness.ts'
import { Spool } from './spool.ts'
import type { Control, Receiver } from './upstream.ts'

/** The head of an answer: streamed and, if `entry` is set, being stored; or an entry that a 304 confirmed. */
export type Head =
  | { revalidated: Entry }
  | { revalidated?: undefined; status: number; fields: Fields; entry: Entry | undefined }

/** A client that takes part in a flight. */
export type Visitor = {
  readonly sent: Sent
  /** The head has come; answers whether the body is wanted. */
  begin(head: Head): boolean
  /** Takes a part of a body that is not stored; false asks to wait, until `resume`. */
  write(chunk: Buffer): boolean
  /** Takes the body by itself. */
  follow(reader: Reader): void
  finish(): void
  fail(error: Error): void
  /** Nothing more is kept for it. */
  drop(): void
  /** The answer turned out to be for somebody else; look again. */
  elsewhere(): void
}

export type Plan = {
  cache: Cache
  clock: Clock
  /** Where the answer may be stored; held by the flight until it ends. */
  slot: Slot | undefined
  /** What the origin is asked about, if it is. */
  base: Entry | undefined
  sent: Sent
  method: string
  /** Whether the request has credentials. */
  authorized: boolean
  noStore: boolean
  /** What every answer gets before it is stored or passed on. */
  stamp: (fields: Fields) => Fields
  maxObjectBytes: number
  /** The head has come: whether it is stored, so that others may share it, and its status. */
  onHead: (stored: boolean, status: number) => void
  onEnd: () => void
  send: (receiver: Receiver) => Control
}

/**
 * One fetch and the clients that share it. A body that is being stored is read by each of them at its
 * own pace from what is there, and nobody slows the fetch down: the parts are shared, not copied, and
 * once it is large all read it from the disk. A body that is not stored waits for its slowest client.
 */
export class Flight implements Receiver {
  readonly born: number
  /** Whether a client may still join. */
  open: boolean
  readonly #plan: Plan
  readonly #bornMs: number
  readonly #visitors = new Set<Visitor>()
  readonly #full = new Set<Visitor>()
  #leader: Visitor | undefined
  #head: Head | undefined
  /** Whether the body is being stored, or was to be when it began: then all read it from the spool. */
  #keeping = false
  #spool: Spool | undefined
  #isOnDisk = false
  #bytes = 0
  #complete = false
  #ended = false
  #control: Control | undefined

  constructor(plan: Plan, open: boolean) {
    this.#plan = plan
    this.open = open
    this.born = plan.cache.marks.next()
    this.#bornMs = plan.clock.monotonicMs()
  }

  /** Sends the request for the first client. */
  start(leader: Visitor): void {
    this.#leader = leader
    this.#visitors.add(leader)
    this.#control = this.#plan.send(this)
  }

  /** Whether a client with these fields can be answered by this flight, as far as is known. */
  admits(sent: Sent): boolean {
    if (!this.open) return false
    const entry = this.#head?.revalidated ?? this.#head?.entry
    return entry === undefined || suits(entry, sent)
  }

  join(visitor: Visitor): void {
    this.#visitors.add(visitor)
    if (!this.#head || !this.#begin(visitor, this.#head)) return
    this.#lead(visitor)
  }

  /** A client went away. What nobody waits for is fetched to its end only if it is being stored. */
  leave(visitor: Visitor): void {
    this.#visitors.delete(visitor)
    this.resume(visitor)
    const useful = this.#head ? this.#keeping : this.open
    if (this.#visitors.size === 0 && !useful) this.#control?.abort()
  }

  /** A client can take more. */
  resume(visitor: Visitor): void {
    if (this.#full.delete(visitor) && this.#full.size === 0) this.#control?.resume()
  }

  head(status: number, given: Fields): void {
    const { plan, moments } = { plan: this.#plan, moments: this.#moments() }
    const fields = plan.stamp(given)
    if (status === 304 && plan.base) {
      const entry = freshen(plan.base, fields, plan.sent, moments)
      if (plan.slot && !plan.noStore) plan.cache.store(plan.slot, entry, plan.sent)
      this.#head = { revalidated: entry }
    } else {
      const stored = this.#stores(status, fields)
      const entry = stored ? makeEntry(status, fields, plan.sent, moments) : undefined
      this.#head = { status, fields, entry }
      this.#keeping = stored
      if (stored) this.#spool = this.#openSpool()
      else this.open = false
    }
    plan.onHead((this.#head.revalidated ?? this.#head.entry) !== undefined, status)
    if (this.#keeping && lengthOf(fields) > plan.cache.largestInMemory) this.#moveToDisk()
    for (const visitor of [...this.#visitors]) if (this.#begin(visitor, this.#head)) this.#lead(visitor)
    if (this.#visitors.size === 0 && !this.#keeping) this.#control?.abort()
  }

  data(chunk: Buffer): void {
    if (this.#spool) return this.#spin(this.#spool, chunk)
    for (const visitor of this.#visitors) if (!visitor.write(chunk)) this.#full.add(visitor)
    if (this.#full.size > 0) this.#control?.pause()
  }

  end(): void {
    this.#complete = true
    if (this.#spool) {
      this.#spool.end()
      if (!this.#keeping) this.#over()
      return
    }
    this.#over()
    for (const visitor of this.#visitors) visitor.finish()
  }

  fail(error: Error): void {
    this.#spool?.break()
    this.#over()
    for (const visitor of this.#visitors) visitor.fail(error)
  }

  /** The leader's own answer is always for it; others share only what is stored and suits them. */
  #begin(visitor: Visitor, head: Head): boolean {
    const entry = head.revalidated ?? head.entry
    if (visitor !== this.#leader && !(entry && suits(entry, visitor.sent))) {
      this.#visitors.delete(visitor)
      visitor.elsewhere()
      return false
    }
    const wanted = visitor.begin(head)
    if (!wanted) this.#visitors.delete(visitor)
    return wanted
  }

  #stores(status: number, fields: Fields): boolean {
    const { slot, authorized, method, noStore, maxObjectBytes } = this.#plan
    if (!slot || lengthOf(fields) > maxObjectBytes) return false
    return mayStore({ method, authorized, noStore }, status, fields)
  }

  /** Has a client read what is stored, from its beginning. */
  #lead(visitor: Visitor): void {
    if (this.#spool) visitor.follow(this.#spool.reader(0, () => visitor.drop()))
  }

  #spin(spool: Spool, chunk: Buffer): void {
    const { cache, maxObjectBytes } = this.#plan
    this.#bytes += chunk.length
    if (this.#keeping && !this.#isOnDisk && this.#bytes > cache.largestInMemory) this.#moveToDisk()
    spool.write(chunk)
    if (this.#keeping && (this.#bytes > maxObjectBytes || !cache.makeRoom())) this.#stopKeeping()
    if (spool.isFull) this.#control?.pause()
  }

  #openSpool(): Spool {
    return new Spool(this.#plan.cache, {
      onRoom: () => this.#control?.resume(),
      onClosed: (whole) => {
        if (whole) this.#store(whole)
        else this.#stopKeeping()
        if (this.#complete) this.#over()
      },
    })
  }

  #moveToDisk(): void {
    try {
      const file = this.#plan.cache.disk?.create() as DiskFile
      this.#isOnDisk = true
      this.#spool?.moveTo(file, file.writer())
    } catch {
      // The disk refuses.
      this.#stopKeeping()
    }
  }

  #store(body: Body): void {
    const { cache, slot, sent } = this.#plan
    const entry = this.#head?.revalidated ? undefined : this.#head?.entry
    if (slot && entry) cache.store(slot, withBody(entry, body), sent)
  }

  #stopKeeping(): void {
    if (!this.#keeping) return
    this.#keeping = false
    this.open = false
    this.#spool?.giveUp()
    if (this.#visitors.size === 0) this.#control?.abort()
  }

  #over(): void {
    if (this.#ended) return
    this.#ended = true
    this.open = false
    this.#spool = undefined
    this.#control = undefined
    if (this.#plan.slot) this.#plan.cache.release(this.#plan.slot)
    this.#plan.onEnd()
  }

  #moments(): Moments {
    const { clock } = this.#plan
    const receivedMs = clock.monotonicMs()
    return { born: this.born, bornMs: this.#bornMs, receivedMs, receivedWallMs: clock.wallMs() }
  }
}

function lengthOf(fields: Fields): number {
  return Number(field(fields, 'content-length') ?? 0)
}
