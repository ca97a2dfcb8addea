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
