/** The most characters of a line; the vendor's API states the same for a URL. */
export const maxLineLength = 1024

/** The most lines of one submission in the console. */
export const maxLines = 10_000

/** How many lines a text has that are not blank, without reading them. */
export function countLines(text: string): number {
  return text.match(/\S[^\r\n]*/g)?.length ?? 0
}

/** Which rule a line breaks. */
export type ProblemCode =
  | 'missing-scheme'
  | 'other-scheme'
  | 'malformed'
  | 'credentials'
  | 'port'
  | 'wildcard-host'
  | 'fragment'
  | 'needs-encoding'
  | 'dot-segments'
  | 'too-long'
  | 'unknown-domain'

/** One line that cannot be submitted as it stands; columns count UTF-16 units from 1. */
export type Problem = {
  line: number
  column: number
  endColumn: number
  given: string
  code: ProblemCode
  /** What breaks the rule: the host, the port, the characters. */
  detail: string
  /** The line as it should be, where that is certain enough to offer. */
  fix?: string
}

/** One URL to purge. `target` is what caches are told: the path with its query, byte for byte. */
export type SubmissionLine = { line: number; text: string; domain: string; target: string }

export type Submission = { lines: SubmissionLine[]; problems: Problem[]; duplicates: number }

type Finding = { code: ProblemCode; from: number; to: number; fix?: string }

// RFC 3986, section 3, with the authority taken apart.
const shape = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#@]*)@)?([^/?#:]*)(:[0-9]*)?([^#]*)(#.*)?$/i
const hostShape =
  /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/
// What a browser sends percent-encoded, so what no cache has a key with (WHATWG URL, path percent-encode set).
const needsEncoding = /[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]+/u
const dotSegment = /\/(?:\.|%2e){1,2}(?=\/|\?|$)/i

/**
 * Reads a pasted text, one URL a line, and returns every line that is ready and every problem.
 *
 * Blank lines and a byte order mark are passed over, repeats of a URL are folded (`duplicates`
 * counts them; the scheme is not part of a cache's key). Runs alike in the form and on the server.
 *
 * @param domains names that the account may purge, in lower case
 */
export function parseSubmission(text: string, domains: ReadonlySet<string>): Submission {
  const submission: Submission = { lines: [], problems: [], duplicates: 0 }
  const seen = new Set<string>()
  const rows = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  for (const [index, row] of rows.entries()) {
    const given = row.trim()
    if (given === '') continue
    const read = readUrl(given, domains)
    if ('code' in read) {
      const start = row.indexOf(given)
      submission.problems.push({
        line: index + 1,
        column: start + read.from + 1,
        endColumn: start + read.to + 1,
        given,
        code: read.code,
        detail: given.slice(read.from, read.to),
        ...(read.fix === undefined ? {} : { fix: read.fix }),
      })
      continue
    }
    const key = read.domain + read.target
    if (seen.has(key)) {
      submission.duplicates += 1
      continue
    }
    seen.add(key)
    submission.lines.push({ line: index + 1, text: given, ...read })
  }
  return submission
}

function readUrl(given: string, domains: ReadonlySet<string>): { domain: string; target: string } | Finding {
  if (given.length > maxLineLength) return { code: 'too-long', from: maxLineLength, to: given.length }
  const match = shape.exec(given)
  if (!match) return withoutScheme(given)
  const [, scheme = '', credentials, host = '', port, rest = '', fragment] = match
  const hostAt = given.indexOf('//') + 2 + (credentials === undefined ? 0 : credentials.length + 1)
  const restAt = hostAt + host.length + (port?.length ?? 0)
  if (!/^https?$/i.test(scheme)) return { code: 'other-scheme', from: 0, to: scheme.length + 3 }
  if (credentials !== undefined) {
    return {
      code: 'credentials',
      from: hostAt - credentials.length - 1,
      to: hostAt,
      fix: given.replace(`${credentials}@`, ''),
    }
  }
  if (host.includes('*')) return { code: 'wildcard-host', from: hostAt, to: hostAt + host.length }
  if (port !== undefined) {
    const portAt = hostAt + host.length
    return {
      code: 'port',
      from: portAt,
      to: portAt + port.length,
      fix: given.slice(0, portAt) + given.slice(restAt),
    }
  }
  if (fragment !== undefined) {
    return {
      code: 'fragment',
      from: given.length - fragment.length,
      to: given.length,
      fix: given.slice(0, -fragment.length),
    }
  }
  const odd = needsEncoding.exec(given)
  if (odd)
    return { code: 'needs-encoding', from: odd.index, to: odd.index + odd[0].length, ...encoded(given) }
  const domain = host.toLowerCase()
  if (!hostShape.test(domain) || !(rest === '' || rest.startsWith('/') || rest.startsWith('?'))) {
    return { code: 'malformed', from: hostAt, to: Math.max(restAt, hostAt + 1) }
  }
  const dots = dotSegment.exec(rest.split('?', 1)[0] ?? '')
  if (dots) {
    return {
      code: 'dot-segments',
      from: restAt + dots.index,
      to: restAt + dots.index + dots[0].length,
      ...encoded(given),
    }
  }
  if (!domains.has(domain)) return { code: 'unknown-domain', from: hostAt, to: restAt }
  return { domain, target: rest.startsWith('/') ? rest : `/${rest}` }
}

function withoutScheme(given: string): Finding {
  const looksLikeUrl = /^[^\s/?#@:]+\.[^\s/?#@:]+(?:[/?#]|$)/.test(given)
  if (looksLikeUrl)
    return {
      code: 'missing-scheme',
      from: 0,
      to: Math.max(given.search(/[/?#]|$/), 1),
      fix: `https://${given}`,
    }
  return { code: 'malformed', from: 0, to: given.length }
}

/** The URL as a browser would send it, where it can be read at all. */
function encoded(given: string): { fix?: string } {
  if (!URL.canParse(given)) return {}
  const fix = new URL(given).href
  return fix === given ? {} : { fix }
}
