import { describe, expect, it } from 'vitest'
import { covers, wildcard } from './wildcard.ts'

describe('a wildcard', () => {
  it.each<[string, string, boolean]>([
    ['', '', true],
    ['*', '', true],
    ['a*', 'a', true],
    ['*a', 'ba', true],
    ['a*a', 'a', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*bc*c', 'abc', false],
    ['*a*b*', 'xaybz', true],
    ['*ab*ba*', 'aba', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?*', '', false],
    ['*?b', 'b', false],
    ['*?b', 'aab', true],
    ['a.c', 'abc', false],
    ['**', 'x', true],
  ])('%s on %s: %s', (pattern, name, fits) => {
    expect(wildcard(pattern).fits(name)).toBe(fits)
  })

  it('begins as it says', () => {
    expect(['ab', 'a*b', '?a', 'ab?*'].map((text) => wildcard(text).head)).toEqual(['ab', 'a', '', 'ab'])
  })
})

it.each<[string, string, boolean]>([
  ['*', 'a*?', true],
  ['a*', 'ab*', true],
  ['a?', 'a*', false],
  ['a?*', 'a*', false],
  ['a*', '*', false],
  ['a*c', 'a*bc', true],
  ['a?c', 'a?c', true],
  ['abc', 'a?c', false],
])('%s covers %s: %s', (wide, narrow, does) => {
  expect(covers(wide, narrow)).toBe(does)
})
