import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { refuse, sendEntry, sendNotModified, withCacheStatus } from './answer.ts'
import type { Backlog, Burden } from './backlog.ts'
import { type Body, pour } from './body.ts'
import type { Reader } from './disk-file.ts'
import { ageSeconds, type Sent } from './entry.ts'
import type { Flight, Head, Visitor } from './flight.ts'
import { clientHas } from './validators.ts'
import type { Wish } from './wish.ts'

/** How a visit's answer came about, as Cache-Status tells it (RFC 9211, section 2.2). */
export type Forwarding = 'uri-miss' | 'vary-miss' | 'stale' | 'bypass' | 'method'

/** One client that waits for a flight, and the answer it is given. */
export class Visit implements Visitor, Burden {
  readonly sent: Sent
  readonly #request: IncomingHttpHeaders
  readonly #response: ServerResponse
  readonly #cacheName: string
  readonly #backlog: Backlog
  readonly #nowMs: () => number
  readonly #again: (lost?: Body) => void
  #flight: Flight | undefined
  #said = ''
  #conditions = true
  #draining = false

  constructor(
    { message, response, sent }: Wish,
    around: {
      cacheName: string
      backlog: Backlog
      nowMs: () => number
      again: (lost?: Body) => void
    },
  ) {
    this.sent = sent
    this.#request = message.headers
    this.#response = response
    this.#cacheName = around.cacheName
    this.#backlog = around.backlog
    this.#nowMs = around.nowMs
    this.#again = around.again
  }

  /**
   * Boards a flight, as its first client or as another.
   *
   * @param passes  the client's own conditions went on to the origin, so the answer heeds them already
   */
  board(flight: Flight, how: { forwarding: Forwarding; collapsed: boolean; passes: boolean }): void {
    this.#flight = flight
    this.#conditions = !how.passes
    this.#said = `${this.#cacheName}; fwd=${how.forwarding}${how.collapsed ? '; collapsed' : ''}`
    this.#response.once('close', this.#close)
    if (how.collapsed) flight.join(this)
    else flight.start(this)
  }

  begin(head: Head): boolean {
    try {
      return this.#begin(head)
    } catch (error) {
      // A field that node:http refuses to write.
      this.fail(error as Error)
      return false
    }
  }

  write(chunk: Buffer): boolean {
    if (this.#response.write(chunk)) return true
    if (!this.#draining) this.#response.once('drain', this.#drained)
    this.#draining = true
    this.#backlog.set(this, this.#response.writableLength)
    return false
  }

  follow(reader: Reader): void {
    void pour(reader, this.#response, this.#backlog)
  }

  finish(): void {
    this.#response.end()
    this.#backlog.set(this, this.#response.writableLength)
  }

  drop(): void {
    this.#response.destroy()
  }

  fail(error: Error & { code?: string }): void {
    const late = /TIMEOUT/.test(error.code ?? '')
    const sentence = late ? 'The origin did not answer in time.' : 'The origin could not be reached.'
    refuse(this.#response, late ? 504 : 502, sentence, this.#said)
  }

  elsewhere(lost?: Body): void {
    this.#response.off('close', this.#close)
    this.#flight = undefined
    this.#again(lost)
  }

  #begin(head: Head): boolean {
    if (head.revalidated) {
      const age = Math.floor(ageSeconds(head.revalidated, this.#nowMs()))
      const fields = [...head.revalidated.fields, 'age', String(age)]
      const said = `${this.#said}; fwd-status=304`
      const sent = sendEntry(
        this.#response,
        this.#request,
        head.revalidated,
        withCacheStatus(fields, said),
        this.#backlog,
      )
      if (!sent) this.elsewhere(head.revalidated.body)
      return false
    }
    const said = `${this.#said}; fwd-status=${head.status}${head.entry ? '; stored' : ''}`
    const fields = withCacheStatus(head.fields, said)
    if (this.#conditions && head.entry && clientHas(head.entry, this.#request)) {
      sendNotModified(this.#response, fields)
      return false
    }
    this.#response.writeHead(head.status, fields)
    return true
  }

  readonly #drained = () => {
    this.#draining = false
    this.#backlog.set(this, 0)
    this.#flight?.resume(this)
  }

  readonly #close = () => {
    this.#backlog.set(this, 0)
    if (!this.#response.writableFinished) this.#flight?.leave(this)
  }
}
