import { describe, expect, it } from 'vitest'
import {
  defaultHeaderSets,
  hideCredentials,
  parseHeaderSets,
  revealCredentials,
  writeHeaderSets,
} from './header-sets.ts'

describe('header sets', () => {
  it('are lines, with a blank line between two sets', () => {
    const text = 'Accept-Encoding: gzip\r\nAccept-Language:de \n\n\n Accept-Encoding: gzip\n'
    const sets = [
      [
        ['Accept-Encoding', 'gzip'],
        ['Accept-Language', 'de'],
      ],
      [['Accept-Encoding', 'gzip']],
    ]
    expect(parseHeaderSets(text, false)).toEqual(sets)
    expect(parseHeaderSets(writeHeaderSets(sets as [string, string][][]), false)).toEqual(sets)
  })

  it('are the vendor’s WithHeader, each choice of values a set', () => {
    expect(parseHeaderSets('{"Accept-Encoding":["gzip"]}', false)).toEqual(defaultHeaderSets)
    expect(parseHeaderSets('{"Accept-Encoding":["gzip","br"],"X":["1"]}', false)).toEqual([
      [
        ['Accept-Encoding', 'gzip'],
        ['X', '1'],
      ],
      [
        ['Accept-Encoding', 'br'],
        ['X', '1'],
      ],
    ])
    expect(parseHeaderSets('[{"A":"1"},{"A":"2"}]', false)).toEqual([[['A', '1']], [['A', '2']]])
  })

  it.each([
    ['no colon', 1, 'syntax'],
    ['A: 1\nb c: 2', 1, 'name'],
    ['A: 1\n\nHost: x', 3, 'refused'],
    ['Transfer-Encoding: chunked', 1, 'refused'],
    ['x-forwarded-host: a', 1, 'refused'],
    ['If-None-Match: "x"', 1, 'refused'],
    ['Range: bytes=0-1', 1, 'refused'],
    ['Freshet-Secret: x', 1, 'refused'],
    ['Cookie: a=b', 1, 'credentials'],
    ['authorization: Basic x', 1, 'credentials'],
    ['A: b\u0000c', 1, 'value'],
    ['A: é', 1, 'value'],
    ['A: 1\na: 2', 1, 'repeated'],
    ['{"A":["x\\r\\nB: 1"]}', 0, 'value'],
    ['{"A\\n":["x"]}', 0, 'name'],
    ['{"A":[1]}', 0, 'json'],
    ['{"A":[]}', 0, 'json'],
    ['{"A"', 0, 'json'],
    ['[1]', 0, 'json'],
    [`{"A":${JSON.stringify(Array.from({ length: 17 }, (_, at) => String(at)))}}`, 0, 'too-many'],
  ])('%j breaks a rule in line %i: %s', (text, line, rule) => {
    expect(parseHeaderSets(text, false)).toMatchObject({ line, rule })
  })

  it('may hold credentials where the domain allows that', () => {
    expect(parseHeaderSets('Cookie: a=b', true)).toEqual([[['Cookie', 'a=b']]])
  })
})

describe('credentials', () => {
  const written = 'Authorization: Bearer x\nAccept: a/b\n\nCookie: c=1'

  it('are hidden, and come back where they were left alone', () => {
    const shown = hideCredentials(written)
    expect(shown).toBe('Authorization: (hidden)\nAccept: a/b\n\nCookie: (hidden)')
    expect(revealCredentials(shown, written)).toBe(written)
    expect(revealCredentials(shown.replace('a/b', 'c/d'), written)).toBe(written.replace('a/b', 'c/d'))
  })

  it('of several sets come back to their place, and to none where sets were taken out', () => {
    const two = 'Cookie: one\n\nCookie: two'
    expect(revealCredentials(hideCredentials(two), two)).toBe(two)
    expect(revealCredentials('Cookie: (hidden)', two)).toBeUndefined()
  })

  it('that were never written cannot be revealed', () => {
    expect(revealCredentials('Authorization: (hidden)', '')).toBeUndefined()
    expect(revealCredentials('Cookie: (hidden)', 'Authorization: Bearer x')).toBeUndefined()
  })

  it('leave other texts alone', () => {
    for (const text of ['', 'Accept: (hidden)', '{"Accept":["a"]}', 'no field']) {
      expect(hideCredentials(text)).toBe(text)
      expect(revealCredentials(text, '')).toBe(text)
    }
  })
})
