import { expect, test } from 'vitest'
import { readTargets } from './targets.ts'

test.for([
  ['url', '/caf%c3%a9?%61', '/caf%C3%A9?a'],
  ['directory', '/%64/', '/d/'],
  ['ignore-parameters', '/%70?x', '/p'],
  ['tag', 'Shoes', 'shoes'],
  ['regex', '/caf%c3%a9/%61%2d[0-9]/[^/]*.%6apg', '/caf%C3%A9/a-[0-9]/[^/]*.jpg'],
  ['regex', '/%2e.*%2f', '/..*%2F'],
  ['regex', '/%5b0-9%5d/%2a', '/%5B0-9%5D/%2A'],
] as const)('a %s “%s” is spelled “%s”', ([kind, given, target]) => {
  expect(readTargets({ kind, targets: [given] })).toEqual({ targets: [target] })
})

test.for([
  ['regex', '^/a', 'target 1 is no pattern: character 0 is neither literal nor of [0-9], [a-z], [^/]* or .*'],
  [
    'regex',
    '/[%61-z]',
    'target 1 is no pattern: character 1 is neither literal nor of [0-9], [a-z], [^/]* or .*',
  ],
  ['regex', '/.*a.*a.*a.*a.*', 'target 1 is no pattern: it repeats too often'],
  ['directory', '/a', 'target 1 is no directory'],
] as const)('a %s “%s” is rejected', ([kind, given, rejected]) => {
  expect(readTargets({ kind, targets: ['/', given] })).toEqual({ rejected })
})
