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
  ['url', '/%61?{b}', '/a?%7bb%7D', true],
  ['ignore-parameters', '/caf%c3%a9', '/caf%C3%A9?x', true],
  ['directory', '/n~u/', '/n%7Eu/x', true],
  ['regex', '/o%27[a-z].*%7bx%7d', "/o'b?c={x}", true],
])('a purge of kind %s of %s covers %s: %s', (kind, target, url, expected) => {
  expect(coverageTest({ kind, targets: ['/other', target] })(url)).toBe(expected)
})
