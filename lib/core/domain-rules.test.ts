import { describe, expect, it } from 'vitest'
import { keyTarget, parseRewrites, type QueryRule, rewritten } from './domain-rules.ts'

it.each<[string, QueryRule, string]>([
  ['/a?x=1&y=2', { is: 'all' }, '/a?x=1&y=2'],
  ['/a?x=1&y=2', { is: 'none' }, '/a'],
  ['/a', { is: 'none' }, '/a'],
  ['/a?x=1&y=2&x', { is: 'only', names: ['x'] }, '/a?x=1&x'],
  ['/a?y=2', { is: 'only', names: ['x'] }, '/a'],
  ['/a?x=1&y=2', { is: 'without', names: ['x', 'z'] }, '/a?y=2'],
  ['/a?', { is: 'without', names: ['x'] }, '/a?'],
])('the key of %s under %o is %s', (target, rule, key) => {
  expect(keyTarget(target, rule)).toBe(key)
})

describe('a rewrite rule', () => {
  const rules = [
    { from: '/old/*', to: '/new/$1' },
    { from: '/*/p/*.html', to: '/page/$2/$1' },
    { from: '/fixed', to: '/other' },
    { from: '/same/*', to: '/same/$1' },
  ]
  it.each([
    ['/old/a/b?c=d', '/new/a/b?c=d'],
    ['/old', undefined],
    ['/en/p/a/b.html', '/page/a/b/en'],
    ['/en/p/a.htm', undefined],
    ['/fixed', '/other'],
    ['/fixed/more', undefined],
    ['/same/x', undefined],
    ['/elsewhere', undefined],
  ])('makes of %s: %s', (target, expected) => {
    expect(rewritten(target, rules)).toBe(expected)
  })

  it('takes as little as it can with each asterisk, and no character twice', () => {
    expect(rewritten('/a-b-c', [{ from: '/*-*', to: '/$1/$2' }])).toBe('/a/b-c')
    expect(rewritten('/aba', [{ from: '/ab*ba', to: '/x' }])).toBeUndefined()
  })
})

describe('written rules', () => {
  it('are one a line, with an arrow or a blank between', () => {
    expect(parseRewrites('/old/* -> /new/$1\r\n\n  /a\t/b \n/c → /d')).toEqual([
      { from: '/old/*', to: '/new/$1' },
      { from: '/a', to: '/b' },
      { from: '/c', to: '/d' },
    ])
  })

  it.each(['/a', 'a -> /b', '/a -> /b?c', '/a -> /b -> /c', '/a# -> /b'])('are not %s', (given) => {
    expect(parseRewrites(`/x /y\n${given}`)).toEqual({ line: 2, given })
  })
})
