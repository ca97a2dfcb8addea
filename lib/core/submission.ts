import {
  type Finding,
  type LineRules,
  type NoticeCode,
  type ProblemCode,
  type ReadyLine,
  readLine,
} from './line.ts'
import type { Pool } from './quota.ts'

/** One line that is ready; `text` is what was given. */
export type SubmissionLine = Omit<ReadyLine, 'key' | 'notices'> & { line: number; text: string }

/** Something about one line; columns count UTF-16 units from 1. */
type Mark<Code> = {
  line: number
  column: number
  endColumn: number
  given: string
  code: Code
  /** What it is about: the host, the port, the characters. */
  detail: string
  /** The line as it should be or could be, where that is certain enough to offer. */
  fix?: string
}

/** A line that cannot be submitted as it stands. */
export type Problem = Mark<ProblemCode>
/** What to know of a line that is ready. */
export type Notice = Mark<NoticeCode>

export type Submission = {
  lines: SubmissionLine[]
  problems: Problem[]
  notices: Notice[]
  duplicates: number
}

/** How many more lines of a pool fit, and which limit says so. */
export type Room = Partial<Record<Pool, { left: number; code: 'over-submission' | 'over-today' }>>

/** How many lines a text has that are not blank, without reading them. */
export function countLines(text: string): number {
  return text.match(/\S[^\r\n]*/g)?.length ?? 0
}

/** The hosts that lines name, in lower case, as far as they can be told without any rule. */
export function namedHosts(text: string): Set<string> {
  const hosts = new Set<string>()
  // Blanks of one line only: those of a million blank lines would be tried from each of them.
  for (const [, host = ''] of text.matchAll(/^[^\S\r\n\u2028\u2029]*(?:https?:\/\/)?([^\s/?#:@]{1,253})/gim))
    hosts.add(host.toLowerCase())
  return hosts
}

/** What lines were read as before, for the same rules: a form reads all of them at every key. */
export type Memory = Map<string, ReturnType<typeof readLine>>

/**
 * Reads a text, one line at a time, and returns every line that is ready and every problem.
 *
 * Blank lines and a byte order mark are passed over, repeats are folded in the console (`duplicates`
 * counts them), and lines for which there is no room are problems. Runs alike in the form and on the server.
 *
 * @param room by pool; without it there is room for all
 */
export function parseSubmission(
  text: string,
  rules: LineRules,
  { room = {}, memory }: { room?: Room; memory?: Memory } = {},
): Submission {
  const submission: Submission = { lines: [], problems: [], notices: [], duplicates: 0 }
  const seen = new Set<string>()
  const used = new Map<Pool, number>()
  const isApi = rules.dialect === 'api'
  // What a program sends is taken, and comes back, as it is: a blank must be percent-encoded.
  const rows = isApi ? text.split(/\r?\n/) : text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  for (const [index, row] of rows.entries()) {
    const given = isApi ? row : row.trim()
    if (given === '') continue
    const read = memory?.get(given) ?? readLine(given, rules)
    memory?.set(given, read)
    const place = { line: index + 1, start: row.indexOf(given), given }
    if ('code' in read) {
      submission.problems.push(markOf(place, read))
      continue
    }
    const { key, method, kind, domain, target, breadth } = read
    if (seen.has(key) && !isApi) {
      submission.duplicates += 1
      continue
    }
    seen.add(key)
    const count = (used.get(method) ?? 0) + 1
    used.set(method, count)
    const limit = room[method]
    if (limit && count > limit.left) {
      const detail = String(limit.left)
      submission.problems.push(markOf(place, { code: limit.code, from: 0, to: given.length, detail }))
      continue
    }
    // Spelled out: to spread the rest of ten thousand lines takes longer than to read them.
    submission.lines.push({ line: index + 1, text: given, method, kind, domain, target, breadth })
    for (const notice of read.notices) submission.notices.push(markOf(place, notice))
  }
  return submission
}

function markOf<Code>(
  place: { line: number; start: number; given: string },
  found: Finding<Code>,
): Mark<Code> {
  const { line, start, given } = place
  const { from, to, ...rest } = found
  return { line, column: start + from + 1, endColumn: start + to + 1, given, ...rest }
}
