import type { CommandKind } from './command.ts'
import { type DomainRules, keyTarget, plainRules, rewritten } from './domain-rules.ts'
import { breadthOf, parsePattern } from './pattern.ts'
import { pathOf } from './spelling.ts'

/** What a person can do with a line. */
export const methods = ['url', 'directory', 'regex', 'ignore-parameters', 'tag', 'prefetch'] as const
export type Method = (typeof methods)[number]

/** The most characters of a line; the vendor's API states the same for a URL. */
export const maxLineLength = 1024

/** How lines are to be read. */
export type LineRules = {
  method: Method
  /** The domains that the account may name, in lower case, with their rules. */
  domains: ReadonlyMap<string, DomainRules>
  /**
   * The console wants a scheme, reads `/*` at the end as a directory and folds repeats; the vendor's API
   * does nothing of this.
   */
  dialect: 'console' | 'api'
  /** Whether a prefetch asks for its URL as it stands, instead of as the domain's rules make it. */
  asGiven?: boolean
  /** The domain whose tags the lines are. */
  tagDomain?: string
}

/** Which rule a line breaks. */
export type ProblemCode =
  | 'missing-scheme'
  | 'other-scheme'
  | 'malformed'
  | 'several'
  | 'credentials'
  | 'wildcard-host'
  | 'fragment'
  | 'needs-encoding'
  | 'dot-segments'
  | 'too-long'
  | 'unknown-domain'
  | 'rewritten'
  | 'directory-slash'
  | 'directory-query'
  | 'prefetch-slash'
  | 'construct'
  | 'repetitions'
  | 'tag-domain'
  | 'over-submission'
  | 'over-today'
  | 'not-permitted'

/** What a reader of a line that is ready should know. */
export type NoticeCode = 'port' | 'only-this-page' | 'everything-under' | 'fetched-as'

/** Something about a part of a line; `fix` is the line, or the lines, that it should or could be. */
export type Finding<Code> = { code: Code; from: number; to: number; detail: string; fix?: string }

/** A line that is ready: what caches are told of it, and what the reader should know. */
export type ReadyLine = {
  method: Method
  /** What a cache is told; `prefetch` where it is to fetch. */
  kind: CommandKind | 'prefetch'
  domain: string
  /** As in a `Command`. */
  target: string
  /** Lines with the same key are one. */
  key: string
  /** Whether it reaches a whole host, or so much that it may as well. */
  breadth: 'host' | 'broad' | 'narrow'
  notices: Finding<NoticeCode>[]
}

type Problem = Finding<ProblemCode>
type Url = {
  scheme: 'http' | 'https'
  host: string
  hostAt: number
  rest: string
  restAt: number
  port: string
}

// RFC 3986, section 3, with the authority taken apart.
const shape =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#@]*)@)?(\[[0-9a-f.]*:[0-9a-f:.]*\]|[^/?#:]*)(:[0-9]*)?([^#]*)(#.*)?$/i
const hostShape =
  /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/
// What a browser sends percent-encoded, so what no cache has a key with (WHATWG URL, the percent-encode sets
// of path and query). In a query it sends a backslash, `^`, a backtick and braces as they are.
const needsEncoding = /[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]+/u
const needsEncodingInQuery = /[^\x21\x23-\x3b\x3d\x3f-\x7e]+/u
// The constructs of a pattern are read later; here only what no URL has.
const needsEncodingInPattern = /[^\x21-\x7e]+/u
const dotSegment = /\/(?:\.|%2e){1,2}(?=\/|\?|$)/i

/** Reads one line without blanks around it. */
export function readLine(given: string, rules: LineRules): ReadyLine | Problem {
  if (given.length > maxLineLength)
    return { code: 'too-long', from: maxLineLength, to: given.length, detail: '' }
  if (rules.method === 'tag') return readTag(given, rules)
  const url = readUrl(given, rules)
  if ('code' in url) return url
  const own = rules.domains.get(url.host)
  if (!own) return problem('unknown-domain', given, url.hostAt, url.restAt)
  return readers[rules.method](url, own, given, rules)
}

function problem(code: ProblemCode, given: string, from: number, to: number, fix?: string): Problem {
  const detail = given.slice(from, to)
  return { code, from, to, detail, ...(fix === undefined || fix === given ? {} : { fix }) }
}

function readUrl(given: string, { dialect, method, domains }: LineRules): Url | Problem {
  // A program does not paste several into one line; a URL may hold another one.
  const second = dialect === 'console' ? secondUrl(given) : -1
  if (second > 0) return severalFrom(given, second, /[\s,;]+(?=https?:\/\/)/gi)
  const match = shape.exec(given)
  if (!match) return dialect === 'api' ? readWithScheme(given, method) : withoutScheme(given)
  const [, scheme = '', credentials, host = '', port = '', rest = '', fragment] = match
  const hostAt = given.indexOf('//') + 2 + (credentials === undefined ? 0 : credentials.length + 1)
  const portAt = hostAt + host.length
  const restAt = portAt + port.length
  if (!/^https?$/i.test(scheme)) return problem('other-scheme', given, 0, scheme.length + 3)
  if (credentials !== undefined) {
    const from = hostAt - credentials.length - 1
    return problem('credentials', given, from, hostAt, given.slice(0, from) + given.slice(hostAt))
  }
  if (/[*[\]]/.test(host) && !host.includes(':')) return problem('wildcard-host', given, hostAt, portAt)
  if (fragment !== undefined) {
    const from = given.length - fragment.length
    return problem('fragment', given, from, given.length, given.slice(0, from))
  }
  const odd = method === 'regex' ? placeOf(needsEncodingInPattern, given) : oddIn(given)
  if (odd) return problem('needs-encoding', given, odd.from, odd.to, encoded(given))
  const lower = host.toLowerCase()
  // A known domain has the shape of one, and most lines name one.
  const isHost = domains.has(lower) || hostShape.test(lower)
  if (!isHost || !/^([/?]|$)/.test(rest))
    return problem('malformed', given, hostAt, Math.max(restAt, hostAt + 1))
  const dots = dotSegment.exec(pathOf(rest))
  if (dots) {
    const from = restAt + dots.index
    return problem('dot-segments', given, from, from + dots[0].length, encoded(given))
  }
  return { scheme: /^https$/i.test(scheme) ? 'https' : 'http', host: lower, hostAt, rest, restAt, port }
}

/** Where a second URL begins in a line, or -1; a comma separates only before a query, for it may be part of one. */
function secondUrl(given: string): number {
  for (let at = given.indexOf('://', 8); at > 0; at = given.indexOf('://', at + 3)) {
    const scheme = /https?$/i.exec(given.slice(at - 5, at))?.[0] ?? ''
    const start = at - scheme.length
    const before = scheme === '' ? '' : (given[start - 1] as string)
    if (/\s/.test(before) || (/[,;]/.test(before) && !given.slice(0, start).includes('?'))) return start
  }
  return -1
}

function severalFrom(given: string, at: number, separator: RegExp): Problem {
  return problem('several', given, at, given.length, given.replace(separator, '\n'))
}

/** The vendor's API takes a URL without a scheme for one of http. */
function readWithScheme(given: string, method: Method): Url | Problem {
  const implied = 'http://'
  const url = shape.test(implied + given)
    ? readUrl(implied + given, { dialect: 'api', method, domains: new Map() })
    : problem('malformed', given, 0, given.length)
  if ('code' in url) return { ...url, from: Math.max(0, url.from - 7), to: Math.max(0, url.to - 7) }
  return { ...url, hostAt: url.hostAt - 7, restAt: url.restAt - 7 }
}

function withoutScheme(given: string): Problem {
  const looksLikeUrl = /^[^\s/?#@:]+\.[^\s/?#@:]+(?:[/?#]|$)/.test(given)
  if (!looksLikeUrl) return problem('malformed', given, 0, given.length)
  return problem('missing-scheme', given, 0, Math.max(given.search(/[/?#]|$/), 1), `https://${given}`)
}

/** The first characters that a browser would encode where they stand. */
function oddIn(given: string): { from: number; to: number } | undefined {
  const query = pathOf(given).length
  return placeOf(needsEncoding, given.slice(0, query)) ?? placeOf(needsEncodingInQuery, given, query)
}

function placeOf(characters: RegExp, text: string, start = 0): { from: number; to: number } | undefined {
  const found = characters.exec(text.slice(start))
  return found ? { from: start + found.index, to: start + found.index + found[0].length } : undefined
}

/** The URL as a browser would send it, where it can be read at all and nothing of it is lost. */
function encoded(given: string): string | undefined {
  return given.isWellFormed() && URL.canParse(given) ? new URL(given).href : undefined
}

type Reader = (url: Url, own: DomainRules, given: string, rules: LineRules) => ReadyLine | Problem

const readers: Record<Exclude<Method, 'tag'>, Reader> = {
  url(url, own, given, rules) {
    const target = targetOf(url)
    if (rules.dialect === 'console' && target.endsWith('/*')) return readDirectory(url, own, given, rules)
    const moved = moving(url, own, given)
    if (moved) return moved
    const notices = notesOf(url, given)
    if (rules.dialect === 'console' && target.endsWith('/'))
      notices.push({
        ...problem('malformed', given, given.length - 1, given.length),
        code: 'only-this-page',
        fix: `${given}*`,
      })
    return ready(url, own, { kind: 'url', target, notices })
  },
  directory: readDirectory,
  regex(url, own, given) {
    const text = targetOf(url)
    const pattern = parsePattern(text)
    if ('rule' in pattern)
      return problem(pattern.rule, given, url.restAt + pattern.from, url.restAt + pattern.to)
    const line = ready(url, own, { kind: 'regex', target: text, notices: notesOf(url, given) })
    return { ...line, breadth: breadthOf(pattern) }
  },
  'ignore-parameters'(url, own, given) {
    const target = pathOf(targetOf(url))
    return (
      moving(url, own, given) ??
      ready(url, own, { kind: 'ignore-parameters', target, notices: notesOf(url, given) })
    )
  },
  prefetch(url, own, given, { asGiven }) {
    const target = asAsked(targetOf(url))
    if (target.endsWith('/')) return problem('prefetch-slash', given, given.length - 1, given.length)
    if (asGiven)
      return ready(
        url,
        { ...plainRules, schemeInKey: own.schemeInKey },
        { kind: 'prefetch', target, notices: [] },
      )
    const moved = rewritten(target, own.rewrites)
    const notices = notesOf(url, given)
    if (moved !== undefined)
      notices.push({ code: 'fetched-as', from: url.restAt, to: given.length, detail: moved })
    return ready(url, own, { kind: 'prefetch', target: moved ?? target, notices })
  },
}

function readDirectory(url: Url, own: DomainRules, given: string, rules: LineRules): ReadyLine | Problem {
  const path = pathOf(targetOf(url))
  const end = url.restAt + path.length
  if (path.length < targetOf(url).length)
    return problem('directory-query', given, end, given.length, withSlash(given.slice(0, end)))
  const target = rules.dialect === 'console' ? path.replace(/\/\*$/, '/') : path
  if (!target.endsWith('/'))
    return problem('directory-slash', given, url.restAt, given.length, withSlash(given))
  const notices = notesOf(url, given)
  if (rules.method === 'url')
    notices.push({
      code: 'everything-under',
      from: given.length - 1,
      to: given.length,
      detail: target,
      fix: given.slice(0, -1),
    })
  const line = ready(url, own, { kind: 'directory', target, notices })
  return { ...line, breadth: target === '/' ? 'host' : 'narrow' }
}

const withSlash = (text: string) => (text.endsWith('/') ? text : `${text}/`)
/** A browser escapes this one character in a query though a URL may have it there, and not in a path. */
function asAsked(target: string): string {
  const path = pathOf(target)
  return path + target.slice(path.length).replaceAll("'", '%27')
}

const targetOf = ({ rest }: Url) => (rest.startsWith('/') ? rest : `/${rest}`)

/** Caches keep a rewritten URL under its new name alone, so a purge of the old one would do nothing. */
function moving(url: Url, own: DomainRules, given: string): Problem | undefined {
  const moved = rewritten(targetOf(url), own.rewrites)
  if (moved === undefined) return undefined
  return problem('rewritten', given, url.restAt, given.length, given.slice(0, url.restAt) + moved)
}

function notesOf({ port, restAt }: Url, given: string): Finding<NoticeCode>[] {
  if (port === '') return []
  return [{ ...problem('malformed', given, restAt - port.length, restAt), code: 'port' }]
}

function ready(
  { scheme, host }: Url,
  own: DomainRules,
  read: Pick<ReadyLine, 'kind' | 'target' | 'notices'>,
): ReadyLine {
  const { kind, notices } = read
  const isUrl = kind === 'url' || kind === 'prefetch'
  const target = isUrl ? keyTarget(read.target, own.query) : read.target
  const key = `${kind} ${own.schemeInKey ? `${scheme}://` : ''}${host}${target}`
  return {
    method: kind === 'everything' ? 'directory' : kind,
    // Where no parameter counts, a copy from before that rule may still have some.
    kind: kind === 'url' && own.query.is === 'none' ? 'ignore-parameters' : kind,
    domain: host,
    target,
    key,
    breadth: 'narrow',
    notices,
  }
}

function readTag(given: string, { tagDomain, domains }: LineRules): ReadyLine | Problem {
  if (tagDomain === undefined || !domains.has(tagDomain)) return problem('tag-domain', given, 0, given.length)
  const odd = /[^\x21-\x7e]+/u.exec(given.replaceAll(/[\s,]/g, 'a'))
  if (odd) return problem('needs-encoding', given, odd.index, odd.index + odd[0].length)
  const separator = /[\s,]+/.exec(given)
  if (separator) return severalFrom(given, separator.index + separator[0].length, /[\s,]+/g)
  const target = given.toLowerCase()
  const key = `tag ${tagDomain} ${target}`
  return {
    method: 'tag',
    kind: 'tag',
    domain: tagDomain,
    target,
    key,
    breadth: 'narrow',
    notices: [],
  }
}
