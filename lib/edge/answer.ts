import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Backlog } from './backlog.ts'
import { sendBody } from './body.ts'
import { ageSeconds, type Entry } from './entry.ts'
import { type Fields, field, without } from './fields.ts'
import { parseRange } from './range.ts'
import { clientHas, rangeHolds } from './validators.ts'

/** Fields with this cache's word added to those of caches nearer to the origin (RFC 9211, section 2). */
export function withCacheStatus(fields: Fields, said: string): Fields {
  const before = field(fields, 'cache-status')
  return [...without(fields, ['cache-status']), 'cache-status', before ? `${before}, ${said}` : said]
}

/** The fields of stored responses as hits; made once a second for each, since only Age changes. */
export class HitFields {
  readonly #cacheName: string
  readonly #made = new WeakMap<Entry, { age: number; fields: Fields }>()

  constructor(cacheName: string) {
    this.#cacheName = cacheName
  }

  of(entry: Entry, nowMs: number): Fields {
    const age = Math.floor(ageSeconds(entry, nowMs))
    const made = this.#made.get(entry)
    if (made?.age === age) return made.fields
    const said = `${this.#cacheName}; hit; ttl=${Math.floor(entry.lifetimeSeconds - age)}`
    const fields = withCacheStatus([...entry.fields, 'age', String(age)], said)
    this.#made.set(entry, { age, fields })
    return fields
  }
}

/**
 * Sends a stored response as the request wants it: whole, a part, its head, or "you have it".
 *
 * @returns false if its body is lost; then nothing was sent
 */
export function sendEntry(
  response: ServerResponse,
  request: IncomingHttpHeaders,
  entry: Entry,
  fields: Fields,
  backlog: Backlog,
): boolean {
  if (!isUnconditional(request)) {
    if (clientHas(entry, request)) return sendNotModified(response, fields)
    if (request.range !== undefined && entry.status === 200 && rangeHolds(entry, request)) {
      return sendPart(response, request.range, { ...entry, fields }, backlog)
    }
  }
  return sendBody(response, { status: entry.status, fields, body: entry.body }, backlog)
}

function isUnconditional(request: IncomingHttpHeaders): boolean {
  return (
    request['if-none-match'] === undefined &&
    request['if-modified-since'] === undefined &&
    request.range === undefined
  )
}

const bodyFields = ['content-length', 'content-type', 'content-encoding', 'content-language', 'content-range']

/** Sends 304 with what a client needs to freshen its copy (RFC 9110, section 15.4.5). */
export function sendNotModified(response: ServerResponse, fields: Fields): true {
  response.writeHead(304, without(fields, bodyFields))
  response.end()
  return true
}

function sendPart(
  response: ServerResponse,
  range: string,
  { status, body, fields }: Entry,
  backlog: Backlog,
): boolean {
  const part = parseRange(range, body.length)
  if (part === 'whole') return sendBody(response, { status, fields, body }, backlog)
  if (part === 'unsatisfiable') return sendUnsatisfiable(response, body.length, fields)
  const { first, last } = part
  const said = [
    'content-range',
    `bytes ${first}-${last}/${body.length}`,
    'content-length',
    String(last - first + 1),
  ]
  const partial = [...without(fields, ['content-length']), ...said]
  return sendBody(response, { status: 206, fields: partial, body, part }, backlog)
}

function sendUnsatisfiable(response: ServerResponse, length: number, fields: Fields): true {
  const said = ['content-range', `bytes */${length}`, 'content-length', '0']
  response.writeHead(416, [...without(fields, bodyFields), ...said])
  response.end()
  return true
}

/** Sends an answer of our own: a status and one sentence. */
export function refuse(response: ServerResponse, status: number, sentence: string, said?: string): void {
  if (response.headersSent) {
    // A head without its body is an answer that broke off; without it this edge would seem gone.
    response.flushHeaders()
    response.destroy()
    return
  }
  const fields = ['content-type', 'text/plain; charset=utf-8', 'cache-control', 'no-store']
  if (said) fields.push('cache-status', said)
  const body = Buffer.from(`${sentence}\n`)
  response.writeHead(status, [...fields, 'content-length', String(body.length)])
  response.end(body)
}
