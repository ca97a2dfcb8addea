import type { Body } from './body.ts'
import { type Fields, field, members, without } from './fields.ts'
import { initialAgeSeconds, lifetimeSeconds } from './freshness.ts'
import { parseHttpDate } from './http-date.ts'

/** One stored response. What it answers never changes; a 304 makes another that shares its body. */
export type Entry = {
  status: number
  /** Its fields without Age; Cache-Status is what caches nearer to the origin said. */
  fields: Fields
  body: Body
  /** What Vary names, and what the request had there when it went on (RFC 9111, section 4.1). */
  vary: { name: string; value: string | undefined }[]
  /** Its members of Cache-Tag, in lower case. */
  tags: string[]
  etag: string | undefined
  lastModifiedMs: number | undefined
  /** The order of its fetch's start among all fetches and purges; see marks.ts. */
  born: number
  /** When that was, monotonic. */
  bornMs: number
  receivedMs: number
  ageAtReceiptSeconds: number
  lifetimeSeconds: number
  /** The order of the newest purge that it was compared with, and of the newest soft one that covers it. */
  comparedUpTo: number
  soft: number
}

/**
 * The fields of a request as they go on, made when they are needed. Variants are told apart by these
 * alone: what the origin did not see cannot have chosen its answer.
 */
export type Sent = () => Fields

/** When a response was asked for and when its head came. */
export type Moments = { born: number; bornMs: number; receivedMs: number; receivedWallMs: number }

/** Makes an entry of a response's head; the body is added when all of it is there. */
export function makeEntry(status: number, fields: Fields, sent: Sent, moments: Moments): Entry {
  const { born, bornMs, receivedMs, receivedWallMs } = moments
  return {
    status,
    fields: without(fields, ['age']),
    body: empty,
    vary: members(field(fields, 'vary')).map((name) => ({ name, value: selecting(sent, name) })),
    tags: members(field(fields, 'cache-tag')),
    etag: field(fields, 'etag'),
    lastModifiedMs: parseHttpDate(field(fields, 'last-modified') ?? ''),
    born,
    bornMs,
    receivedMs,
    ageAtReceiptSeconds: initialAgeSeconds(fields, receivedWallMs, receivedMs - bornMs),
    lifetimeSeconds: lifetimeSeconds(status, fields, receivedWallMs),
    comparedUpTo: born,
    soft: 0,
  }
}

const empty = Buffer.alloc(0)

/** An entry with its body, and with the length where the origin gave none. */
export function withBody(entry: Entry, body: Body): Entry {
  const fields = without(entry.fields, ['content-length'])
  if (entry.status !== 204) fields.push('content-length', String(body.length))
  return { ...entry, fields, body }
}

// RFC 9111, section 3.2: these describe the body, which a 304 does not bring.
const keptThrough304 = ['content-encoding', 'content-length', 'content-range', 'content-type', 'cache-status']

/** The entry that a 304 leaves: its body with the fields of the 304 (RFC 9111, section 4.3.4). */
export function freshen(old: Entry, fields: Fields, sent: Sent, moments: Moments): Entry {
  const brought = without(fields, keptThrough304)
  const names = brought.filter((_, index) => index % 2 === 0)
  const merged = [...without(old.fields, [...names, 'cache-status']), ...brought]
  const said = field(fields, 'cache-status')
  if (said) merged.push('cache-status', said)
  return { ...makeEntry(old.status, merged, sent, moments), body: old.body }
}

/** Whether a stored response answers a request that would go on with these fields (RFC 9111, section 4.1). */
export function suits(entry: Entry, sent: Sent): boolean {
  return entry.vary.every(({ name, value }) => selecting(sent, name) === value)
}

function selecting(sent: Sent, name: string): string | undefined {
  return field(sent(), name)
    ?.replace(/\s*,\s*/g, ',')
    .trim()
}

/** How old a stored response is now (RFC 9111, section 4.2.3). */
export function ageSeconds(entry: Entry, nowMs: number): number {
  return entry.ageAtReceiptSeconds + (nowMs - entry.receivedMs) / 1000
}

/** About how many bytes an entry takes in memory. */
export function sizeOf(entry: Entry): number {
  const texts = [...entry.fields, ...entry.tags, ...entry.vary.map(({ value = '' }) => value)]
  const bodyBytes = Buffer.isBuffer(entry.body) ? entry.body.length : 0
  return bodyBytes + texts.reduce((sum, text) => sum + text.length, 0) + overheadBytes
}

/** What the objects around a body cost, roughly. */
const overheadBytes = 1024
