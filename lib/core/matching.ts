import type { Command } from './command.ts'
import { keyReader } from './domain-rules.ts'
import { parsePattern, patternTest } from './pattern.ts'
import { normalisePattern, normaliseTarget, pathOf } from './spelling.ts'

/**
 * Makes a test for whether a command covers a target of its domain, as far as the target tells: a tag
 * is known to the cache alone, so it covers everything. However a URL is spelled, it is the same.
 *
 * @param command its targets as in a `Command`
 */
export function coverageTest({
  kind,
  targets,
  query,
}: Pick<Command, 'kind' | 'targets' | 'query'>): (target: string) => boolean {
  if (kind === 'everything' || kind === 'tag') return () => true
  if (kind === 'regex') {
    const tests = targets
      .map((target) => parsePattern(normalisePattern(target)))
      .flatMap((each) => ('rule' in each ? [] : [patternTest(each)]))
    return (target) => tests.some((test) => test(normaliseTarget(target)))
  }
  if (kind === 'url') {
    const keyOf = keyReader(query)
    const keys = new Set(targets.map(keyOf))
    return (target) => keys.has(keyOf(target))
  }
  const own = targets.map(normaliseTarget)
  if (kind === 'directory') {
    return (target) => {
      const path = pathOf(normaliseTarget(target))
      return own.some((each) => path.startsWith(each))
    }
  }
  const paths = new Set(own.map(pathOf))
  return (target) => paths.has(pathOf(normaliseTarget(target)))
}
