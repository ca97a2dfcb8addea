import { describe, expect, it } from 'vitest'
import { maxLineLength, type ProblemCode, parseSubmission } from './submission.ts'

const domains = new Set(['example.com', 'www.example.com'])

function problemOf(line: string) {
  return parseSubmission(line, domains).problems[0]
}

describe('a line that is ready', () => {
  it.each([
    ['https://example.com/a.css', '/a.css'],
    ['http://EXAMPLE.com/A.css', '/A.css'],
    ['https://example.com', '/'],
    ['https://example.com/', '/'],
    ['https://example.com?x=1', '/?x=1'],
    ["https://example.com/a,b;c/@1x~2!*'()", "/a,b;c/@1x~2!*'()"],
    ['https://example.com/%E4%BA%A7?q=%20&r=a+b', '/%E4%BA%A7?q=%20&r=a+b'],
    ['https://example.com/..a/b..', '/..a/b..'],
    ['  https://example.com/indented  ', '/indented'],
  ])('%s names %s, byte for byte', (line, target) => {
    const { lines, problems } = parseSubmission(line, domains)
    expect(problems).toEqual([])
    expect(lines).toMatchObject([{ domain: 'example.com', target }])
  })
})

describe('a line that needs attention', () => {
  it.each<[string, ProblemCode, string, string | undefined]>([
    ['example.com/a', 'missing-scheme', 'example.com', 'https://example.com/a'],
    ['ftp://example.com/a', 'other-scheme', 'ftp://', undefined],
    ['just words', 'malformed', 'just words', undefined],
    ['https:///a', 'malformed', '/', undefined],
    ['https://user:pw@example.com/a', 'credentials', 'user:pw@', 'https://example.com/a'],
    ['https://example.com:8443/a', 'port', ':8443', 'https://example.com/a'],
    ['https://*.example.com/a', 'wildcard-host', '*.example.com', undefined],
    ['https://example.com/a#top', 'fragment', '#top', 'https://example.com/a'],
    ['https://example.com/产品/a', 'needs-encoding', '产品', 'https://example.com/%E4%BA%A7%E5%93%81/a'],
    ['https://example.com/a b', 'needs-encoding', ' ', 'https://example.com/a%20b'],
    ['https://example.com/a/../b', 'dot-segments', '/..', 'https://example.com/b'],
    ['https://example.com/%2e%2e/b', 'dot-segments', '/%2e%2e', 'https://example.com/b'],
    ['https://other.net/a', 'unknown-domain', 'other.net', undefined],
  ])('%s: %s', (line, code, detail, fix) => {
    expect(problemOf(line)).toMatchObject({ line: 1, code, detail })
    expect(problemOf(line)?.fix).toBe(fix)
  })

  it('is refused above the longest length and taken at it', () => {
    const longest = `https://example.com/${'a'.repeat(maxLineLength - 20)}`
    expect(problemOf(longest)).toBeUndefined()
    expect(problemOf(`${longest}a`)?.code).toBe('too-long')
  })

  it('is named by its place, also where blanks lead', () => {
    const { problems } = parseSubmission('https://example.com/\n\n  https://example.com:1/', domains)
    expect(problems).toMatchObject([{ line: 3, column: 22, endColumn: 24 }])
  })

  it.each([
    '\u0000',
    '\ud800',
    'https://example.com/\u0000',
    'https://example.com/\ud800',
    '://',
    '#',
    '@',
    'https://[::1]/',
  ])('does not break the parser: %j', (line) => expect(parseSubmission(line, domains).lines).toEqual([]))
})

describe('a text', () => {
  it('may begin with a byte order mark, and end lines in any way', () => {
    const text = '\uFEFFhttps://example.com/1\r\nhttps://example.com/2\rhttps://example.com/3\n\n'
    expect(parseSubmission(text, domains).lines.map((line) => line.target)).toEqual(['/1', '/2', '/3'])
  })

  it('has its repeats folded and counted, whatever their scheme', () => {
    const text =
      'https://example.com/1\nhttp://example.com/1\nhttps://www.example.com/1\nhttps://EXAMPLE.com/1'
    expect(parseSubmission(text, domains)).toMatchObject({ lines: [{ line: 1 }, { line: 3 }], duplicates: 2 })
  })
})
