import { expect, it } from 'vitest'
import type { CommandKind } from './command.ts'
import { coverageTest } from './matching.ts'

it.each<[CommandKind, string, string, boolean]>([
  ['url', '/a?x=1', '/a?x=1', true],
  ['url', '/a', '/a?x=1', false],
  ['ignore-parameters', '/a', '/a?x=1', true],
  ['ignore-parameters', '/a?y', '/a', true],
  ['ignore-parameters', '/a', '/a/', false],
  ['directory', '/a/', '/a/b?c', true],
  ['directory', '/a/', '/a', false],
  ['directory', '/a/', '/x?/a/', false],
  ['regex', '/a/[0-9].*', '/a/1?x', true],
  ['regex', '/a/[0-9].*', '/a/b', false],
  ['tag', 'sale', '/anything', true],
])('a purge of kind %s of %s covers %s: %s', (kind, target, url, expected) => {
  expect(coverageTest({ kind, targets: ['/other', target] })(url)).toBe(expected)
})
