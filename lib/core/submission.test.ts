import { describe, expect, it } from 'vitest'
import { type DomainRules, plainRules } from './domain-rules.ts'
import { type LineRules, type Method, maxLineLength, type NoticeCode, type ProblemCode } from './line.ts'
import { namedHosts, parseSubmission } from './submission.ts'

const domains = new Map<string, DomainRules>([
  ['example.com', plainRules],
  ['www.example.com', plainRules],
  ['paths.test', { ...plainRules, query: { is: 'none' } }],
  ['some.test', { ...plainRules, query: { is: 'without', names: ['utm'] } }],
  ['schemes.test', { ...plainRules, schemeInKey: true }],
  ['moved.test', { ...plainRules, rewrites: [{ from: '/old/*', to: '/new/$1' }] }],
])

const rulesFor = (method: Method): LineRules => ({
  method,
  domains,
  dialect: 'console',
  ...(method === 'tag' ? { tagDomain: 'example.com' } : {}),
})
const parse = (text: string, method: Method = 'url') => parseSubmission(text, rulesFor(method))
const parseForApi = (text: string, method: Method = 'url') =>
  parseSubmission(text, { ...rulesFor(method), dialect: 'api' })

describe('a line that is ready', () => {
  it.each<[Method, string, string, string]>([
    ['url', 'https://example.com/a.css', 'url', '/a.css'],
    ['url', 'http://EXAMPLE.com/A.css', 'url', '/A.css'],
    ['url', 'https://example.com', 'url', '/'],
    ['url', 'https://example.com?x=1', 'url', '/?x=1'],
    ['url', "https://example.com/a,b;c/@1x~2!*'()", 'url', "/a,b;c/@1x~2!*'()"],
    ['url', 'https://example.com/%E4%BA%A7?q=%20&r=a+b', 'url', '/%E4%BA%A7?q=%20&r=a+b'],
    ['url', 'https://example.com/..a/b..', 'url', '/..a/b..'],
    ['url', 'https://example.com/a?b={c}^`\\', 'url', '/a?b={c}^`\\'],
    ['url', '  https://example.com/indented  ', 'url', '/indented'],
    ['url', 'https://example.com:8443/a', 'url', '/a'],
    ['url', 'https://example.com/a?to=x,https://b.test/', 'url', '/a?to=x,https://b.test/'],
    ['url', 'https://example.com/blog/*', 'directory', '/blog/'],
    ['url', 'https://paths.test/a?x=1', 'ignore-parameters', '/a'],
    ['url', 'https://some.test/a?utm=1&x=2', 'url', '/a?x=2'],
    ['directory', 'https://example.com/a/', 'directory', '/a/'],
    ['directory', 'https://example.com', 'directory', '/'],
    ['directory', 'https://example.com/a/*', 'directory', '/a/'],
    ['regex', 'https://example.com/[0-9][a-z].*.jpg', 'regex', '/[0-9][a-z].*.jpg'],
    ['regex', 'https://example.com/[^/]*', 'regex', '/[^/]*'],
    ['ignore-parameters', 'https://example.com/a?x=1', 'ignore-parameters', '/a'],
    ['tag', 'Sale-2026', 'tag', 'sale-2026'],
    ['prefetch', 'https://example.com/a?x=1', 'prefetch', '/a?x=1'],
    ['prefetch', 'https://moved.test/old/a?x=1', 'prefetch', '/new/a?x=1'],
    ['prefetch', "https://example.com/o'b?c='{d}'", 'prefetch', "/o'b?c=%27{d}%27"],
  ])('%s: %s tells caches %s %s', (method, line, kind, target) => {
    const { lines, problems } = parse(line, method)
    expect(problems).toEqual([])
    expect(lines).toMatchObject([{ text: line.trim(), kind, target }])
  })
})

describe('a line that needs attention', () => {
  it.each<[Method, string, ProblemCode, string, string | undefined]>([
    ['url', 'example.com/a', 'missing-scheme', 'example.com', 'https://example.com/a'],
    ['url', 'ftp://example.com/a', 'other-scheme', 'ftp://', undefined],
    ['url', 'just words', 'malformed', 'just words', undefined],
    ['url', 'https:///a', 'malformed', '/', undefined],
    ['url', 'https://user:pw@example.com/a', 'credentials', 'user:pw@', 'https://example.com/a'],
    ['url', 'https://*.example.com/a', 'wildcard-host', '*.example.com', undefined],
    ['url', 'https://[::1]:8443/a', 'malformed', '[::1]:8443', undefined],
    ['url', 'https://example.com/a#top', 'fragment', '#top', 'https://example.com/a'],
    [
      'url',
      'https://example.com/产品/a',
      'needs-encoding',
      '产品',
      'https://example.com/%E4%BA%A7%E5%93%81/a',
    ],
    ['url', 'https://例子.test/a', 'needs-encoding', '例子', 'https://xn--fsqu00a.test/a'],
    ['url', 'https://example.com/a b', 'needs-encoding', ' ', 'https://example.com/a%20b'],
    ['url', 'https://example.com/{a}?{b}', 'needs-encoding', '{', 'https://example.com/%7Ba%7D?{b}'],
    ['url', 'https://example.com/a\\b', 'needs-encoding', '\\', 'https://example.com/a/b'],
    ['url', 'https://example.com/a?{b}=<c>', 'needs-encoding', '<', 'https://example.com/a?{b}=%3Cc%3E'],
    ['url', 'https://example.com/\ud800', 'needs-encoding', '\ud800', undefined],
    ['url', 'https://example.com/a/../b', 'dot-segments', '/..', 'https://example.com/b'],
    ['url', 'https://example.com/%2e%2e/b', 'dot-segments', '/%2e%2e', 'https://example.com/b'],
    ['url', 'https://other.net/a', 'unknown-domain', 'other.net', undefined],
    ['url', 'https://moved.test/old/a?b', 'rewritten', '/old/a?b', 'https://moved.test/new/a?b'],
    [
      'url',
      'https://example.com/1, https://example.com/2 https://example.com/3',
      'several',
      'https://example.com/2 https://example.com/3',
      'https://example.com/1\nhttps://example.com/2\nhttps://example.com/3',
    ],
    ['directory', 'https://example.com/a', 'directory-slash', '/a', 'https://example.com/a/'],
    ['directory', 'https://example.com/a?b', 'directory-query', '?b', 'https://example.com/a/'],
    ['prefetch', 'https://example.com/a/', 'prefetch-slash', '/', undefined],
    ['prefetch', 'https://example.com', 'prefetch-slash', 'm', undefined],
    ['regex', 'https://example.com/[A-Z].*', 'construct', '[A-Z]', undefined],
    ['regex', 'https://[a-z].example.com/.*', 'wildcard-host', '[a-z].example.com', undefined],
    ['regex', 'https://example.com/.*.*.*.*.*', 'repetitions', '.*', undefined],
    ['regex', 'https://example.com/a b', 'needs-encoding', ' ', 'https://example.com/a%20b'],
    ['tag', 'a, b c', 'several', 'b c', 'a\nb\nc'],
    ['tag', 'é', 'needs-encoding', 'é', undefined],
  ])('%s: %s is %s', (method, line, code, detail, fix) => {
    const [problem] = parse(line, method).problems
    expect(problem).toMatchObject({ line: 1, code, detail })
    expect(problem?.fix).toBe(fix)
  })

  it('is refused above the longest length and taken at it', () => {
    const longest = `https://example.com/${'a'.repeat(maxLineLength - 20)}`
    expect(parse(longest).problems).toEqual([])
    expect(parse(`${longest}a`).problems).toMatchObject([{ code: 'too-long' }])
  })

  it('is named by its place, also where blanks lead', () => {
    const { problems } = parse('https://example.com/\n\n  https://a@example.com/')
    expect(problems).toMatchObject([{ line: 3, column: 11, endColumn: 13 }])
  })

  it.each([
    '\u0000',
    '\ud800',
    'https://example.com/\u0000',
    '://',
    '#',
    '@',
    'https://[::1]/',
    'https://',
    'http://a b',
  ])('does not break the parser: %j', (line) => {
    for (const method of ['url', 'directory', 'regex', 'ignore-parameters', 'prefetch'] as const)
      expect(parse(line, method).lines).toEqual([])
  })

  it('is a tag without its domain', () => {
    const rules = { method: 'tag', domains, dialect: 'console' } as const
    expect(parseSubmission('sale', rules).problems).toMatchObject([{ code: 'tag-domain' }])
  })
})

describe('a line with a note', () => {
  it.each<[Method, string, NoticeCode, string, string | undefined]>([
    ['url', 'https://example.com:8443/a', 'port', ':8443', undefined],
    ['url', 'https://example.com/blog/', 'only-this-page', '/', 'https://example.com/blog/*'],
    ['url', 'https://example.com/blog/*', 'everything-under', '/blog/', 'https://example.com/blog/'],
    ['prefetch', 'https://moved.test/old/a', 'fetched-as', '/new/a', undefined],
  ])('%s: %s is ready, and says %s', (method, line, code, detail, fix) => {
    const { lines, notices } = parse(line, method)
    expect(lines).toHaveLength(1)
    expect(notices).toMatchObject([{ line: 1, code, detail }])
    expect(notices[0]?.fix).toBe(fix)
  })
})

describe('a line that reaches far', () => {
  it.each<[Method, string, string]>([
    ['directory', 'https://example.com/', 'host'],
    ['directory', 'https://example.com/a/', 'narrow'],
    ['url', 'https://example.com/*', 'host'],
    ['regex', 'https://example.com/.*', 'host'],
    ['regex', 'https://example.com/a.*', 'broad'],
    ['regex', 'https://example.com/img/.*', 'narrow'],
    ['url', 'https://example.com/', 'narrow'],
  ])('%s: %s is known for it: %s', (method, line, breadth) => {
    expect(parse(line, method).lines).toMatchObject([{ breadth }])
  })
})

describe('the dialect of the vendor’s API', () => {
  it.each([
    ['example.com/a', '/a'],
    ['example.com', '/'],
    ['HTTP://example.com/a', '/a'],
    ['example.com/a/*', '/a/*'],
    ['example.com:80/a', '/a'],
  ])('takes %s, and gives it back as it came', (line, target) => {
    expect(parseForApi(line)).toMatchObject({ problems: [], lines: [{ text: line, kind: 'url', target }] })
  })

  it.each<[string, ProblemCode, string]>([
    ['other.net/a', 'unknown-domain', 'other.net'],
    ['example.com/ä', 'needs-encoding', 'ä'],
    ['*.example.com/a', 'wildcard-host', '*.example.com'],
    ['a b', 'needs-encoding', ' '],
  ])('refuses %s: %s, %s', (line, code, detail) => {
    expect(parseForApi(line).problems).toMatchObject([{ code, detail }])
  })
})

describe('a text', () => {
  it('may begin with a byte order mark, and end lines in any way', () => {
    const text = '\uFEFFhttps://example.com/1\r\nhttps://example.com/2\rhttps://example.com/3\n\n'
    expect(parse(text).lines.map((line) => line.target)).toEqual(['/1', '/2', '/3'])
  })

  it('has its repeats folded and counted, whatever their scheme', () => {
    const text =
      'https://example.com/1\nhttp://example.com/1\nhttps://www.example.com/1\nhttps://EXAMPLE.com/1'
    expect(parse(text)).toMatchObject({ lines: [{ line: 1 }, { line: 3 }], duplicates: 2 })
  })

  it('has its repeats folded by the keys of the domain', () => {
    expect(parse('https://some.test/a?utm=1\nhttps://some.test/a?utm=2')).toMatchObject({ duplicates: 1 })
    expect(parse('https://schemes.test/a\nhttp://schemes.test/a')).toMatchObject({ duplicates: 0 })
    expect(parse('https://example.com/a?b\nhttps://example.com/a?c', 'ignore-parameters')).toMatchObject({
      duplicates: 1,
    })
  })

  it('has lines for which there is no room marked, by pool, after folding', () => {
    const text =
      'https://example.com/1\nhttps://example.com/1\nhttps://example.com/2\nhttps://example.com/a/*\nhttps://example.com/3'
    const room = {
      url: { left: 2, code: 'over-today' as const },
      directory: { left: 0, code: 'over-submission' as const },
    }
    const { lines, problems } = parseSubmission(text, rulesFor('url'), { room })
    expect(lines).toMatchObject([{ line: 1 }, { line: 3 }])
    expect(problems).toMatchObject([
      { line: 4, code: 'over-submission', detail: '0' },
      { line: 5, code: 'over-today', detail: '2' },
    ])
  })

  it('is read alike with and without a memory', () => {
    const text = 'https://example.com/1\nhttps://a@example.com/\nhttps://example.com/1'
    const memory = new Map()
    const first = parseSubmission(text, rulesFor('url'), { memory })
    expect(parseSubmission(text, rulesFor('url'), { memory })).toEqual(first)
    expect(first).toEqual(parse(text))
  })
})

it('the hosts of a million blank lines are found before anybody waits', () => {
  for (const blank of ['\n', '\u2028', ' \n', ' '])
    expect([...namedHosts(`${blank.repeat(1_000_000)}\nA.test/x`)]).toEqual(['a.test'])
})
