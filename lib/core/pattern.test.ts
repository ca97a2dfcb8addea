import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { breadthOf, type Pattern, parsePattern, patternTest } from './pattern.ts'

function patternOf(text: string): Pattern {
  const parsed = parsePattern(text)
  if ('rule' in parsed) throw new Error(`${text} is no pattern`)
  return parsed
}

const covers = (pattern: string, target: string) => patternTest(patternOf(pattern))(target)

describe('a pattern', () => {
  it.each([
    ['/[0-9][a-z].*.jpg', '/1a.jpg', true],
    ['/[0-9][a-z].*.jpg', '/1a/b/c.jpg', true],
    ['/[0-9][a-z].*.jpg', '/1ajpg', false],
    ['/[0-9][a-z].*.jpg', '/aa.jpg', false],
    ['/[0-9][a-z].*.jpg', '/1A.jpg', false],
    ['/[0-9][a-z].*.jpg', '/1a.jpg?v=2', false],
    ['/img/[^/]*', '/img/', true],
    ['/img/[^/]*', '/img/a.png?v=1', true],
    ['/img/[^/]*', '/img/a/b.png', false],
    ['/[^/]*/b.css', '/x/b.css', true],
    ['/[^/]*/b.css', '/x/y/b.css', false],
    ['/a.*', '/a', true],
    ['.*', '', true],
    ['/.*.*', '/anything', true],
    ['/a.b', '/axb', false],
    ['/.*[^/]*x', '/a/b/x', true],
    ['/a?b=1', '/a?b=1', true],
  ])('%s covers %s: %s', (pattern, target, expected) => {
    expect(covers(pattern, target)).toBe(expected)
  })

  it('covers what the same regular expression of JavaScript matches', () => {
    const piece = fc.constantFrom('[0-9]', '[a-z]', 'a', 'b', '/', '1', '.', '?')
    const repetition = fc.constantFrom('[^/]*', '.*')
    const patterns = fc
      .tuple(fc.array(piece, { maxLength: 40 }), fc.array(fc.tuple(fc.nat(40), repetition), { maxLength: 4 }))
      .map(([pieces, repetitions]) => {
        const all: string[] = [...pieces]
        for (const [at, each] of repetitions) all.splice(at, 0, each)
        return all
      })
    const targets = fc.string({ unit: fc.constantFrom('a', 'b', '1', '/', '.', '?'), maxLength: 60 })
    const escape = (each: string) => (each === '.' || each === '?' || each === '/' ? `\\${each}` : each)
    fc.assert(
      fc.property(patterns, targets, (pieces, target) => {
        const native = new RegExp(`^${pieces.map(escape).join('')}$`)
        expect(covers(pieces.join(''), target)).toBe(native.test(target))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['/a|b', 2, 3, 'construct'],
    ['/[A-Z]', 1, 6, 'construct'],
    ['/[0-9]*', 6, 7, 'construct'],
    ['/a+', 2, 3, 'construct'],
    ['/(a)', 1, 2, 'construct'],
    ['/a\\d', 2, 3, 'construct'],
    ['/a$', 2, 3, 'construct'],
    ['/*', 1, 2, 'construct'],
    ['/[^/]', 1, 5, 'construct'],
    ['/.*.*[^/]*.*.*', 12, 14, 'repetitions'],
  ] as const)('%s is none, from %i to %i: %s', (text, from, to, rule) => {
    expect(parsePattern(text)).toEqual({ from, to, rule })
  })

  it.each([
    ['/.*', 'host'],
    ['.*', 'host'],
    ['/[^/]*.*', 'host'],
    ['/.*/', 'host'],
    ['/a.*', 'broad'],
    ['/.*[0-9].*', 'broad'],
    ['/[^/]*', 'narrow'],
    ['/img/.*', 'narrow'],
    ['/.*.jpg', 'narrow'],
  ] as const)('%s is %s', (text, breadth) => {
    expect(breadthOf(patternOf(text))).toBe(breadth)
  })

  it('takes no longer for the worst targets than their length', () => {
    const worst = `/.*${'a'.repeat(300)}.*${'a'.repeat(300)}[^/]*${'a'.repeat(300)}.*b`
    // A backtracking engine would need some 10^15 steps, so finishing at all is the proof.
    expect(covers(worst, `/${'a'.repeat(8_000)}`)).toBe(false)
  })
})
