import type { RequestListener } from 'node:http'
import { HitFields, refuse, sendEntry } from './answer.ts'
import type { Body } from './body.ts'
import type { Cache, Found, Slot } from './cache.ts'
import { parseCacheControl } from './cache-control.ts'
import type { Clock } from './clock.ts'
import { Flight } from './flight.ts'
import { forwardedFields, type Identity, pseudonym, stampAnswer } from './forwarding.ts'
import { hasDotSegments } from './key.ts'
import type { Upstream } from './upstream.ts'
import { conditionsFor } from './validators.ts'
import { type Forwarding, Visit } from './visit.ts'
import { hasBody, readWish, type Wish } from './wish.ts'

export type SiteParts = {
  identity: Identity
  cache: Cache
  upstream: Upstream
  clock: Clock
  maxObjectBytes: number
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])
/** How long requests for what turned out unfit to share go on separately. */
const aloneMs = 10_000
const maxAlone = 1_000
const maxTries = 2

/** What visitors talk to: answers from the cache, or fetches once for all who wait. */
export class Site {
  readonly #parts: SiteParts
  readonly #cacheName: string
  readonly #hits: HitFields
  /** By key: the flight that newcomers may join. */
  readonly #flights = new Map<string, Flight>()
  /** By key: until when nobody waits for anybody's answer, for the last was fit for one client only. */
  readonly #alone = new Map<string, number>()

  constructor(parts: SiteParts) {
    this.#parts = parts
    this.#cacheName = pseudonym(parts.identity)
    this.#hits = new HitFields(this.#cacheName)
  }

  readonly listener: RequestListener = (message, response) => {
    const { upstream, identity } = this.#parts
    const wish = readWish(message, response, (host) => upstream.serves(host), identity)
    if (!wish) return
    if (message.method === 'GET' || message.method === 'HEAD') this.#serve(wish)
    else this.#pass(wish, 'method')
  }

  #serve(wish: Wish): void {
    const { message, response, host, target } = wish
    const request = message.headers
    if (response.destroyed) return
    // RFC 9111, section 4.3.2: these conditions are for the origin alone.
    if (request['if-match'] ?? request['if-unmodified-since']) return this.#pass(wish, 'bypass')
    if (hasDotSegments(target)) return this.#pass(wish, 'bypass')
    const found = this.#parts.cache.find(host, target, wish.sent)
    if (found.state === 'fresh') {
      const fields = this.#hits.of(found.entry, this.#parts.clock.monotonicMs())
      if (sendEntry(response, request, found.entry, fields, this.#parts.cache.backlog)) return
      return this.#serveAgain(wish, found.entry.body)
    }
    const control = parseCacheControl(request['cache-control'])
    const forwarding = forwardings[found.state]
    if (control.has('only-if-cached')) {
      return refuse(response, 504, 'No copy is stored here.', `${this.#cacheName}; detail=only-if-cached`)
    }
    if (message.method === 'HEAD' || request.range !== undefined) return this.#pass(wish, forwarding)
    this.#fetch(wish, found, forwarding, control.has('no-store'))
  }

  #serveAgain(wish: Wish, lost?: Body): void {
    if (lost) this.#parts.cache.lose(wish.host, wish.target, lost)
    this.#serve({ ...wish, tries: wish.tries + 1 })
  }

  /** Joins the flight for this URL if there is one to join, or starts one. */
  #fetch(wish: Wish, found: Found, forwarding: Forwarding, noStore: boolean): void {
    const { cache } = this.#parts
    const slot = cache.hold(wish.host, wish.target)
    const alone = noStore || this.#goesAlone(wish)
    const current = this.#flights.get(slot.key)
    // A client that comes after a purge must not be given what was asked for before it.
    if (!alone && current?.admits(wish.sent) && !cache.purgedSince(slot, current.born)) {
      cache.release(slot)
      return this.#visit(wish).board(current, { forwarding, collapsed: true, passes: false })
    }
    const flight = this.#depart(wish, found, slot, { alone, noStore })
    this.#visit(wish).board(flight, { forwarding, collapsed: false, passes: false })
  }

  #goesAlone({ message, host, target, tries }: Wish): boolean {
    const untilMs = this.#alone.get(host + target) ?? 0
    return (
      message.headers.authorization !== undefined ||
      tries >= maxTries ||
      untilMs > this.#parts.clock.monotonicMs()
    )
  }

  /** Makes the flight of a wish, to be joined by others unless it goes alone. */
  #depart(wish: Wish, found: Found, slot: Slot, how: { alone: boolean; noStore: boolean }): Flight {
    const { host, target } = wish
    const { key } = slot
    const base = found.entry && conditionsFor(found.entry).length > 0 ? found.entry : undefined
    const flight: Flight = new Flight(
      {
        ...this.#common(wish),
        slot,
        base,
        noStore: how.noStore,
        onHead: (stored) => this.#remember(key, flight, stored),
        onEnd: () => this.#forget(key, flight),
        send: (receiver) => {
          const fields = [...wish.sent(), ...(base ? conditionsFor(base) : [])]
          return this.#parts.upstream.send(host, { method: 'GET', target, fields, body: null }, receiver)
        },
      },
      !how.alone,
    )
    if (!how.alone) this.#flights.set(key, flight)
    return flight
  }

  /** Sends a request on as it is; a successful unsafe one invalidates (RFC 9111, section 4.4). */
  #pass(wish: Wish, forwarding: Forwarding): void {
    const { message, host, target } = wish
    const method = message.method as string
    const body = hasBody(message) ? message : null
    const flight = new Flight(
      {
        ...this.#common(wish),
        slot: undefined,
        base: undefined,
        noStore: true,
        onHead: (_, status) => {
          const changed = !safe.has(method) && status >= 200 && status < 400
          if (changed) this.#parts.cache.purgeUrl(host, target, 'soft')
        },
        onEnd: () => {},
        send: (receiver) => {
          const how = { conditions: true, body: body !== null }
          const fields = forwardedFields(message, host, this.#parts.identity, how)
          return this.#parts.upstream.send(host, { method, target, fields, body }, receiver)
        },
      },
      false,
    )
    this.#visit(wish).board(flight, { forwarding, collapsed: false, passes: true })
  }

  #common(wish: Wish) {
    const { cache, clock, identity, maxObjectBytes } = this.#parts
    return {
      cache,
      clock,
      maxObjectBytes,
      sent: wish.sent,
      authorized: wish.message.headers.authorization !== undefined,
      method: wish.message.method as string,
      stamp: (fields: string[]) => stampAnswer(fields, identity, clock.wallMs()),
    }
  }

  #visit(wish: Wish): Visit {
    return new Visit(wish, {
      cacheName: this.#cacheName,
      backlog: this.#parts.cache.backlog,
      nowMs: () => this.#parts.clock.monotonicMs(),
      again: (lost) => this.#serveAgain(wish, lost),
    })
  }

  #remember(key: string, flight: Flight, stored: boolean): void {
    if (stored) this.#alone.delete(key)
    else if (this.#flights.get(key) === flight) {
      if (this.#alone.size >= maxAlone) this.#alone.clear()
      this.#alone.set(key, this.#parts.clock.monotonicMs() + aloneMs)
    }
  }

  #forget(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}

const forwardings: Record<Found['state'], Forwarding> = {
  fresh: 'uri-miss',
  stale: 'stale',
  nothing: 'uri-miss',
  'other-variants': 'vary-miss',
}
