import { type Directives, directiveSeconds, policyOf } from './cache-control.ts'
import { type Fields, field } from './fields.ts'
import { parseHttpDate } from './http-date.ts'

// RFC 9110, section 15.1; 206 is left out, since parts are not stored here.
const heuristicallyCacheable = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
const longestHeuristicSeconds = 86_400

/** What storing depends on, from the request that a response answers. */
export type Asked = { method: string; authorized: boolean; noStore: boolean }

/** Whether a shared cache may store a response and has any use for it (RFC 9111, section 3). */
export function mayStore(asked: Asked, status: number, fields: Fields): boolean {
  const { control, expires } = policyOf(fields)
  if (asked.method !== 'GET' || asked.noStore || status < 200 || status === 206 || status === 304)
    return false
  if (control.has('no-store') || control.has('private')) return false
  if (field(fields, 'vary')?.includes('*')) return false
  if (asked.authorized && !isForEverybody(control) && !control.has('must-revalidate')) return false
  // A cookie for one visitor must not reach the next, unless the origin says that it is for all.
  if (field(fields, 'set-cookie') !== undefined && !isForEverybody(control)) return false
  const explicit = control.has('s-maxage') || control.has('max-age') || expires !== undefined
  if (!explicit && !control.has('public') && !heuristicallyCacheable.has(status)) return false
  return lifetimeSeconds(status, fields, 0) > 0 || hasValidator(fields)
}

function isForEverybody(control: Directives): boolean {
  return control.has('public') || control.has('s-maxage')
}

function hasValidator(fields: Fields): boolean {
  return field(fields, 'etag') !== undefined || field(fields, 'last-modified') !== undefined
}

/**
 * How long a response stays fresh after the origin made it (RFC 9111, section 4.2.1).
 *
 * `no-cache` gives 0: the response is kept, and never used without asking (section 5.2.2.4).
 *
 * @param receivedWallMs  stands in for a missing Date
 */
export function lifetimeSeconds(status: number, fields: Fields, receivedWallMs: number): number {
  const { control, expires } = policyOf(fields)
  if (control.has('no-cache')) return 0
  const shared = directiveSeconds(control, 's-maxage') ?? directiveSeconds(control, 'max-age')
  if (shared !== undefined) return shared
  const madeMs = parseHttpDate(field(fields, 'date') ?? '') ?? receivedWallMs
  if (expires !== undefined) return Math.max(0, ((parseHttpDate(expires) ?? 0) - madeMs) / 1000)
  if (!heuristicallyCacheable.has(status) && !control.has('public')) return 0
  return heuristicSeconds(fields, madeMs)
}

/** A tenth of the time since the last change (RFC 9111, section 4.2.2), a day at most. */
function heuristicSeconds(fields: Fields, madeMs: number): number {
  const changedMs = parseHttpDate(field(fields, 'last-modified') ?? '')
  if (changedMs === undefined) return 0
  return Math.min(longestHeuristicSeconds, Math.max(0, (madeMs - changedMs) / 10_000))
}

/**
 * How old a response already was when it arrived (RFC 9111, section 4.2.3).
 *
 * @param delayMs  from the start of the request to the head of the response
 */
export function initialAgeSeconds(fields: Fields, receivedWallMs: number, delayMs: number): number {
  const madeMs = parseHttpDate(field(fields, 'date') ?? '') ?? receivedWallMs
  const apparent = Math.max(0, (receivedWallMs - madeMs) / 1000)
  const told = /^\d+$/.exec(field(fields, 'age')?.split(',')[0]?.trim() ?? '')
  const corrected = (told ? Math.min(Number(told[0]), 2 ** 31) : 0) + delayMs / 1000
  return Math.max(apparent, corrected)
}
