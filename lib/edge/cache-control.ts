import { type Fields, field } from './fields.ts'

/** Cache-Control by directive in lower case; a directive without a value holds the empty string. */
export type Directives = ReadonlyMap<string, string>

const directive = /([!#$%&'*+.^_`|~\w-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?/g
const none: Directives = new Map()

/** Reads Cache-Control; of a directive given twice the first counts (RFC 9111, section 4.2.1). */
export function parseCacheControl(value: string | undefined): Directives {
  if (!value) return none
  const directives = new Map<string, string>()
  for (const [, name, quoted, token] of value.matchAll(directive)) {
    const key = (name as string).toLowerCase()
    if (!directives.has(key)) directives.set(key, quoted ?? token ?? '')
  }
  return directives
}

/** Above this, RFC 9111, section 1.2.2 lets a number of seconds stand for "for ever". */
const longestSeconds = 2 ** 31

/**
 * A directive's seconds. What is not a whole number counts as 0: RFC 9111, section 4.2.1 asks to
 * take a response with freshness nobody can read as stale.
 */
export function directiveSeconds(directives: Directives, name: string): number | undefined {
  const text = directives.get(name)
  if (text === undefined) return undefined
  return /^\d+$/.test(text) ? Math.min(Number(text), longestSeconds) : 0
}

/** What a response says about being stored: directives, and Expires where it counts. */
export type Policy = { control: Directives; expires: string | undefined }

/** Finds the policy of a response; CDN-Cache-Control replaces the other fields (RFC 9213, section 2.1). */
export function policyOf(fields: Fields): Policy {
  const targeted = parseTargeted(field(fields, 'cdn-cache-control'))
  if (targeted) return { control: targeted, expires: undefined }
  return { control: parseCacheControl(field(fields, 'cache-control')), expires: field(fields, 'expires') }
}

// A member of a dictionary of RFC 9651, section 3.2, without the types that no directive has.
const member = /^([a-z*][a-z0-9_.*-]*)(?:=(\d{1,15}|\?[01]|"[^"\\]*"|[a-z*][^\s;"]*))?(?:;.*)?$/i

/** @returns undefined for what is empty or no dictionary: then it is as if the field were not there */
function parseTargeted(value: string | undefined): Directives | undefined {
  if (!value?.trim()) return undefined
  const directives = new Map<string, string>()
  for (const text of value.split(',')) {
    const [, name, given = '?1'] = member.exec(text.trim()) ?? []
    if (name === undefined || name !== name.toLowerCase()) return undefined
    const wrong = (name === 'max-age' || name === 's-maxage') && !/^\d+$/.test(given)
    if (given !== '?0' && !wrong) directives.set(name, given === '?1' ? '' : given)
  }
  return directives
}
