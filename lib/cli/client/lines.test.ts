import { describe, expect, it } from 'vitest'
import { type Line, rangesOf, splitLines } from './lines.ts'

const lines = (...texts: string[]): Line[] => texts.map((text, index) => ({ text, ordinal: index + 1 }))
const many = (count: number, url: (n: number) => string) =>
  lines(...Array.from({ length: count }, (_, n) => url(n)))
const sizes = (parts: Line[][]) => parts.map((part) => part.length)

describe('a long list', () => {
  it('is split into parts of what one call takes, in its order', () => {
    const given = many(2_500, (n) => `https://a.example.com/${n}`)
    const parts = splitLines(given, 1_000)
    expect(sizes(parts)).toEqual([1_000, 1_000, 500])
    expect(parts.flat()).toEqual(given)
  })

  it.each([
    [999, [999]],
    [1_000, [1_000]],
    [1_001, [1_000, 1]],
  ])('of %i lines becomes parts of %j', (count, expected) => {
    expect(
      sizes(
        splitLines(
          many(count, (n) => `a.example.com/${n}`),
          1_000,
        ),
      ),
    ).toEqual(expected)
  })

  it('names at most ten domains in a part, and keeps the lines of a domain together', () => {
    const parts = splitLines(
      many(240, (n) => `https://C${n % 12}.example.com/${n}`),
      1_000,
    )
    expect(sizes(parts)).toEqual([200, 40])
    expect(parts.map((part) => new Set(part.map(({ text }) => text.split('/')[2])).size)).toEqual([10, 2])
  })

  it('takes one domain for the same whatever its scheme, port and case', () => {
    const same = [
      'http://a.example.com/',
      'HTTPS://A.example.com:8443/',
      'a.EXAMPLE.com/?x',
      'a.example.com#y',
    ]
    const others = Array.from({ length: 9 }, (_, n) => `b${n}.example.com/`)
    expect(sizes(splitLines(lines(...same, ...others), 1_000))).toEqual([13])
  })

  it('stays below the longest body, as a form spells it', () => {
    const parts = splitLines(
      many(1_000, (n) => `https://a.example.com/${'%C3'.repeat(330)}${n}`),
      1_000,
    )
    const bodies = parts.map((part) => new URLSearchParams({ x: part.map(({ text }) => text).join('\n') }))
    expect(Math.max(...bodies.map((body) => body.toString().length))).toBeLessThan(2 ** 20)
    expect(parts.length).toBe(2)
  })
})

it.each([
  [[1], '1'],
  [[1, 2, 3], '1–3'],
  [[7, 1, 2, 9], '1–2, 7, 9'],
  [[1, 3, 5, 7, 9, 11, 12], '1, 3, 5, 7, 9 and 2 more'],
])('writes the lines %j as %s', (ordinals, said) => {
  expect(rangesOf(ordinals.map((ordinal) => ({ text: 'x', ordinal })))).toBe(said)
})
