import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainRules } from './domain-rules.ts'
import { normaliseTarget } from './spelling.ts'
import { parseSubmission } from './submission.ts'

test.for([
  ['/a?b=c', '/a?b=c'],
  ['/%61%2d%7E', '/a-~'],
  ['/a%2fb', '/a%2Fb'],
  ['/100%', '/100%'],
  ['/%zz', '/%zz'],
  ['/%2e%2E/a', '/../a'],
  ['/café', '/caf%C3%A9'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/a b', '/a%20b'],
  ['/a?b={c}', '/a?b=%7Bc%7D'],
  ['/a?b=%5b\\%5d', '/a?b=%5B%5C%5D'],
  ["/o%27b?c='%27", "/o'b?c=''"],
  ['/%2541', '/%2541'],
  ['/%%37%31', '/%%371'],
  ['/%4%31', '/%4%31'],
] as const)('the target “%s” is “%s”', ([given, target]) => {
  expect(normaliseTarget(given)).toBe(target)
})

test('what a person writes and what a browser sends have one key', () => {
  expect(normaliseTarget('/café/🐟')).toBe(normaliseTarget('/caf%c3%a9/%f0%9f%90%9f'))
})

test('a spelling stays as it is when it is spelled again, as a shield does after an edge', () => {
  const piece = fc.constantFrom('%', '2', '5', '7', 'a', 'F', '/', '?', "'", '{', 'é', '\ud800', ' ')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const once = normaliseTarget(`/${pieces.join('')}`)
      expect(normaliseTarget(once)).toBe(once)
    }),
  )
})

describe('every printable character', () => {
  const domains = new Map([['a.test', plainRules]])
  const characters = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
  const places = { path: (text: string) => `/x${text}y`, query: (text: string) => `/x?y=${text}z` }
  const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

  /** What a line tells caches, once its correction is taken where it needs one. */
  function purged(line: string): string {
    const { lines, problems } = parseSubmission(line, { method: 'url', domains, dialect: 'console' })
    return lines[0] ? normaliseTarget(lines[0].target) : purged(problems[0]?.fix as string)
  }

  test.for(
    (['path', 'query'] as const).flatMap((place) =>
      characters.map((character) => [place, character] as const),
    ),
  )(
    'in a %s: “%s”, and its escape, is purged under the key that a browser’s request has',
    ([place, character]) => {
      const spellings = [character, escaped(character), escaped(character).toLowerCase()]
      for (const line of spellings.map((text) => `https://a.test${places[place](text)}`)) {
        const { pathname, search } = new URL(line)
        expect(purged(line)).toBe(normaliseTarget(pathname + search))
      }
    },
  )

  // These separate parts of a URL, or may, so that their escapes mean something else (RFC 3986, section 2.2).
  const reserved = '!#$%&()*+,/:;=?@'
  test.for(Object.entries(places))(
    'in a %s has one key with its escape, unless it is reserved',
    ([, placed]) => {
      const apart = characters.filter(
        (character) => normaliseTarget(placed(character)) !== normaliseTarget(placed(escaped(character))),
      )
      expect(apart.join('')).toBe(reserved)
    },
  )
})
