import type { IncomingHttpHeaders } from 'node:http'
import type { Entry } from './entry.ts'
import { type Fields, field } from './fields.ts'
import { parseHttpDate } from './http-date.ts'

/** The conditions that ask the origin whether a stored response still holds (RFC 9111, section 4.3.1). */
export function conditionsFor(entry: Entry): Fields {
  const conditions: Fields = []
  if (entry.etag) conditions.push('if-none-match', entry.etag)
  const changed = field(entry.fields, 'last-modified')
  if (changed && (entry.etag || isStrongDate(entry))) conditions.push('if-modified-since', changed)
  return conditions
}

/**
 * Whether Last-Modified can tell two versions apart: content made twice within a second has one
 * date, so it must lie at least a second before Date (RFC 9110, section 8.8.2.2).
 */
function isStrongDate(entry: Entry): boolean {
  const madeMs = parseHttpDate(field(entry.fields, 'date') ?? '')
  return entry.lastModifiedMs !== undefined && madeMs !== undefined && entry.lastModifiedMs + 1000 <= madeMs
}

/** Whether a client already has this response, by its own conditions (RFC 9110, section 13.2.2). */
export function clientHas(entry: Entry, request: IncomingHttpHeaders): boolean {
  if (entry.status !== 200) return false
  const tags = request['if-none-match']
  if (tags !== undefined) return tags.trim() === '*' || (entry.etag !== undefined && lists(tags, entry.etag))
  const sinceMs = parseHttpDate(request['if-modified-since'] ?? '')
  return sinceMs !== undefined && entry.lastModifiedMs !== undefined && entry.lastModifiedMs <= sinceMs
}

/** Weak comparison (RFC 9110, section 8.8.3.2): `W/` does not count. */
function lists(tags: string, etag: string): boolean {
  const wanted = etag.replace(/^W\//, '')
  const listed: string[] = tags.match(/"[^"]*"/g) ?? []
  return listed.includes(wanted)
}

/** Whether a Range applies in view of If-Range, which compares strongly (RFC 9110, section 13.1.5). */
export function rangeHolds(entry: Entry, request: IncomingHttpHeaders): boolean {
  const condition = request['if-range']?.toString()
  if (condition === undefined) return true
  if (condition.startsWith('"')) return condition === entry.etag
  return isStrongDate(entry) && parseHttpDate(condition) === entry.lastModifiedMs
}
