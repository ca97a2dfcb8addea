import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Misuse } from './options.ts'

/** A line, and which one it was of all that were given, from 1 and without blank ones. */
export type Line = { text: string; ordinal: number }

/**
 * Everything that was given to be purged or prefetched: as arguments, in files, and on the standard input.
 *
 * @throws Misuse where a file cannot be read or there is no line at all
 */
export async function gatherLines(given: readonly string[], files: readonly string[] = []): Promise<Line[]> {
  const texts = [
    ...given.filter((one) => one !== '-'),
    ...files.map(readLines),
    ...(given.includes('-') ? [await text(process.stdin)] : []),
  ]
  const lines = texts.flatMap(linesOf)
  if (lines.length === 0)
    throw new Misuse('There is no line. Give URLs, “--file FILE”, or “-” for the standard input.')
  return numbered(lines)
}

export const numbered = (texts: readonly string[]): Line[] =>
  texts.map((line, index) => ({ text: line, ordinal: index + 1 }))

export const textsOf = (lines: readonly Line[]): string[] => lines.map((line) => line.text)

function readLines(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Misuse(`--file cannot be read: ${(error as Error).message}.`)
  }
}

const linesOf = (given: string): string[] =>
  given
    .replace(/^\uFEFF/, '')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean)

/** What one call takes. Characters are counted as a form sends them, and stay below a body of 1 MiB. */
const most = { domains: 10, characters: 900_000 }

/**
 * Splits lines into parts that one call takes: of so many lines, and of at most 10 domains. Lines of a domain
 * stay together, or a list that goes around twelve domains would be a call for every ten lines.
 */
export function splitLines(lines: readonly Line[], mostLines: number): Line[][] {
  const parts: Line[][] = []
  let [domains, characters] = [new Set<string>(), 0]
  for (const [domain, own] of Map.groupBy(lines, ({ text }) => domainOf(text))) {
    for (const line of own) {
      const size = encodeURIComponent(line.text.toWellFormed()).length + 3
      const part = parts.at(-1)
      const isNew = !domains.has(domain)
      const fits = part && part.length < mostLines && !(isNew && domains.size === most.domains)
      if (!fits || characters + size > most.characters) {
        parts.push([line])
        domains = new Set()
        characters = 0
      } else part.push(line)
      domains.add(domain)
      characters += size
    }
  }
  return parts
}

/** The host that a line names, as far as it can be told; the console decides whether it is one. */
function domainOf(line: string): string {
  return (/^(?:https?:\/\/)?([^/?#:]*)/i.exec(line)?.[1] ?? '').toLowerCase()
}

/** Ordinals as people write them: `1–1000, 1502`, and after five of those how many more lines there are. */
export function rangesOf(lines: readonly Line[]): string {
  const ranges: { from: number; to: number }[] = []
  for (const { ordinal } of lines.toSorted((a, b) => a.ordinal - b.ordinal)) {
    const last = ranges.at(-1)
    if (last?.to === ordinal - 1) last.to = ordinal
    else ranges.push({ from: ordinal, to: ordinal })
  }
  const shown = ranges.slice(0, 5).map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`))
  const more = ranges.slice(5).reduce((sum, { from, to }) => sum + to - from + 1, 0)
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
