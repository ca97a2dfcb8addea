import type { Command } from './command.ts'
import { parsePattern, patternTest } from './pattern.ts'

/**
 * Makes a test for whether a command covers a target of its domain, as far as the target tells: a tag
 * is known to the cache alone, so it covers everything.
 *
 * @param command its targets as in a `Command`
 */
export function coverageTest({
  kind,
  targets,
}: Pick<Command, 'kind' | 'targets'>): (target: string) => boolean {
  if (kind === 'everything' || kind === 'tag') return () => true
  if (kind === 'directory') return (target) => targets.some((each) => pathOf(target).startsWith(each))
  if (kind === 'regex') {
    const tests = targets.map(parsePattern).flatMap((each) => ('rule' in each ? [] : [patternTest(each)]))
    return (target) => tests.some((test) => test(target))
  }
  if (kind === 'ignore-parameters') {
    const paths = new Set(targets.map(pathOf))
    return (target) => paths.has(pathOf(target))
  }
  const urls = new Set(targets)
  return (target) => urls.has(target)
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query < 0 ? target : target.slice(0, query)
}
