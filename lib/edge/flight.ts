import type { IncomingHttpHeaders } from 'node:http'
import type { Cache, Slot } from './cache.ts'
import type { Clock } from './clock.ts'
import { type Entry, freshen, type Moments, makeEntry, suits, withBody } from './entry.ts'
import { type Fields, field } from './fields.ts'
import { mayStore } from './freshness.ts'
import type { Control, Receiver } from './upstream.ts'

/** The head of an answer: streamed and, if `entry` is set, being stored; or an entry that a 304 confirmed. */
export type Head =
  | { revalidated: Entry }
  | { revalidated?: undefined; status: number; fields: Fields; entry: Entry | undefined }

/** A client that takes part in a flight. */
export type Visitor = {
  readonly request: IncomingHttpHeaders
  /** The head has come; answers whether the body is wanted. */
  begin(head: Head): boolean
  /** Takes a part of the body; false asks to wait, until `resume`. */
  write(chunk: Buffer): boolean
  finish(): void
  fail(error: Error): void
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
  request: IncomingHttpHeaders
  method: string
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
 * One fetch and the clients that share it. The body goes to all of them as it comes. While it is
 * being stored, later clients get what is there and then the rest, and nobody slows the fetch down:
 * the parts are shared, not copied. A body that is not stored waits for its slowest client.
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
  #parts: Buffer[] | undefined
  #bytes = 0
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
  admits(request: IncomingHttpHeaders): boolean {
    if (!this.open) return false
    const entry = this.#head?.revalidated ?? this.#head?.entry
    return entry === undefined || suits(entry, request)
  }

  join(visitor: Visitor): void {
    this.#visitors.add(visitor)
    if (!this.#head || !this.#begin(visitor, this.#head)) return
    for (const part of this.#parts ?? []) visitor.write(part)
  }

  /** A client went away. What nobody waits for is fetched to its end only if it is being stored. */
  leave(visitor: Visitor): void {
    this.#visitors.delete(visitor)
    this.resume(visitor)
    const useful = this.#head ? this.#parts !== undefined : this.open
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
      const entry = freshen(plan.base, fields, plan.request, moments)
      if (plan.slot && !plan.noStore) plan.cache.store(plan.slot, entry, plan.request)
      this.#head = { revalidated: entry }
    } else {
      const stored = this.#stores(status, fields)
      const entry = stored ? makeEntry(status, fields, plan.request, moments) : undefined
      this.#head = { status, fields, entry }
      if (entry) this.#parts = []
      else this.open = false
    }
    plan.onHead((this.#head.revalidated ?? this.#head.entry) !== undefined, status)
    for (const visitor of [...this.#visitors]) this.#begin(visitor, this.#head)
    if (this.#visitors.size === 0 && !this.#parts) this.#control?.abort()
  }

  data(chunk: Buffer): void {
    if (this.#parts) this.#keep(chunk)
    for (const visitor of this.#visitors) {
      if (!visitor.write(chunk) && !this.#parts) this.#full.add(visitor)
    }
    if (this.#full.size > 0) this.#control?.pause()
  }

  end(): void {
    const { cache, slot, request } = this.#plan
    const entry = this.#head?.revalidated ? undefined : this.#head?.entry
    if (entry && this.#parts && slot) {
      cache.store(slot, withBody(entry, Buffer.concat(this.#parts)), request)
    }
    this.#over()
    for (const visitor of this.#visitors) visitor.finish()
  }

  fail(error: Error): void {
    this.#over()
    for (const visitor of this.#visitors) visitor.fail(error)
  }

  /** The leader's own answer is always for it; others share only what is stored and suits them. */
  #begin(visitor: Visitor, head: Head): boolean {
    const entry = head.revalidated ?? head.entry
    if (visitor !== this.#leader && !(entry && suits(entry, visitor.request))) {
      this.#visitors.delete(visitor)
      visitor.elsewhere()
      return false
    }
    const wanted = visitor.begin(head)
    if (!wanted) this.#visitors.delete(visitor)
    return wanted
  }

  #stores(status: number, fields: Fields): boolean {
    const { slot, request, method, noStore, maxObjectBytes } = this.#plan
    if (!slot || Number(field(fields, 'content-length') ?? 0) > maxObjectBytes) return false
    return mayStore({ method, authorized: request.authorization !== undefined, noStore }, status, fields)
  }

  #keep(chunk: Buffer): void {
    const { cache, maxObjectBytes } = this.#plan
    this.#bytes += chunk.length
    cache.filling += chunk.length
    this.#parts?.push(chunk)
    if (this.#bytes > maxObjectBytes || cache.filling > cache.maxBytes) this.#stopKeeping()
  }

  #stopKeeping(): void {
    this.open = false
    this.#parts = undefined
    this.#plan.cache.filling -= this.#bytes
    this.#bytes = 0
    if (this.#visitors.size === 0) this.#control?.abort()
  }

  #over(): void {
    if (this.#ended) return
    this.#ended = true
    this.open = false
    this.#plan.cache.filling -= this.#bytes
    this.#bytes = 0
    this.#parts = undefined
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
