import type { Command } from './command.ts'
import { normaliseTarget, pathOf } from './spelling.ts'

/** Which parameters of a query take part in a domain's cache key. */
export type QueryRule = { is: 'all' } | { is: 'none' } | { is: 'only' | 'without'; names: readonly string[] }

/** A rule by which a domain's caches rewrite paths before they look for a copy. */
export type Rewrite = {
  /** A path where `*` stands for any run of characters. */
  from: string
  /** A path where `$1` to `$9` stand for what the asterisks took. */
  to: string
}

/** What decides which copy a URL of a domain means. */
export type DomainRules = {
  query: QueryRule
  rewrites: readonly Rewrite[]
  /** Whether http and https have copies of their own. */
  schemeInKey: boolean
}

/** The rules of a domain that sets none: every character of path and query counts. */
export const plainRules: DomainRules = { query: { is: 'all' }, rewrites: [], schemeInKey: false }

/** The target as the domain's caches know it: without the parameters that do not count there. */
export function keyTarget(target: string, rule: QueryRule): string {
  if (rule.is === 'all') return target
  const path = pathOf(target)
  if (rule.is === 'none') return path
  if (path.length === target.length) return target
  const counts = (parameter: string) => {
    const named = rule.names.includes(parameter.split('=', 1)[0] as string)
    return rule.is === 'only' ? named : !named
  }
  const kept = target
    .slice(path.length + 1)
    .split('&')
    .filter(counts)
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`
}

/** What reads from a target, in any spelling, the key that it has where only some parameters count. */
export function keyReader(query: Command['query']): (target: string) => string {
  if (!query) return normaliseTarget
  const rule = { is: query.is, names: query.names.map(normaliseTarget) }
  return (target) => keyTarget(normaliseTarget(target), rule)
}

/** The target that the first rule for its path makes of it; undefined where none applies. */
export function rewritten(target: string, rewrites: readonly Rewrite[]): string | undefined {
  const path = pathOf(target)
  for (const { from, to } of rewrites) {
    const taken = captures(from, path)
    if (!taken) continue
    const made = to.replace(/\$([1-9])/g, (_, digit) => taken[Number(digit) - 1] ?? '')
    return made === path ? undefined : made + target.slice(path.length)
  }
  return undefined
}

/** What each asterisk of a rule takes of a path, each as little as it can; undefined where it does not fit. */
function captures(from: string, path: string): string[] | undefined {
  const [first = '', ...others] = from.split('*')
  if (!path.startsWith(first)) return undefined
  const taken: string[] = []
  let at = first.length
  for (const [index, text] of others.entries()) {
    const isLast = index === others.length - 1
    const found = isLast ? path.length - text.length : path.indexOf(text, at)
    if (found < at || !path.startsWith(text, found)) return undefined
    taken.push(path.slice(at, found))
    at = found + text.length
  }
  return at === path.length ? taken : undefined
}

/** Reads rules as they are written: `/old/* -> /new/$1`, one a line; or gives the line that is none. */
export function parseRewrites(text: string): Rewrite[] | { line: number; given: string } {
  const rules: Rewrite[] = []
  for (const [index, row] of text.split(/\r\n|\r|\n/).entries()) {
    const given = row.trim()
    if (given === '') continue
    const [from = '', to = '', ...others] = given.split(/\s+(?:->|→)?\s*/)
    if (!rewritePath.test(from) || !rewritePath.test(to) || others.length > 0 || from.split('*').length > 10)
      return { line: index + 1, given: given.slice(0, 200) }
    rules.push({ from, to })
  }
  return rules
}

/** What either side of a rule looks like: a path, percent-encoded, without a query. */
export const rewritePath = /^\/[\x21\x24-\x3e\x40-\x7e]{0,500}$/
