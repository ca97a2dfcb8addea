import type { Pattern, PatternPlace, Repetition } from '#lib/core/pattern.ts'

/** Places that stand together, and the repetition before them. */
type Piece = { after: Repetition | undefined; places: PatternPlace[] }

// Measured in Varnish 7.1: a comparison takes up to 6 ns, so a URL of 8,000 characters up to 4 ms.
const mostComparisons = 80

/**
 * Writes a pattern as an expression of PCRE2 for what varnish.vcl begins the names of an object with,
 * `e~host/path?query` and a blank.
 *
 * Bans do not use the JIT, and a match that gives up after 10 million steps ends the cache process. So
 * nothing is tried twice: what stands before a `.*` is taken where it ends first, which leaves most to
 * the rest. Pieces with `[^/]*` between them are looked for from one start per segment, because each of
 * them is either within the segment of the one before, where the first place is the best, or has a
 * slash, and then there is one place only.
 *
 * @returns undefined for a pattern that might take longer than a visitor should wait: after a repetition
 *   it has `[0-9]` or `[a-z]` in a long text that resembles itself
 */
export function expressionOf(domain: string, pattern: Pattern): string | undefined {
  const pieces = piecesOf(pattern)
  const last = pieces.pop() as Piece
  if (!pieces.every(isQuicklyFound) || !(endsInPlace(last) || isQuicklyFound(last))) return undefined
  let expression = `${startOf(domain)}(?=/)`
  let open = ''
  for (const piece of pieces) {
    if (piece.after === 'any') {
      expression += `${open}(?>(?:[^/\\s]*+/)*?`
      open = ')'
    }
    expression += find(piece)
  }
  return last.after === 'any' ? expression + open + end(last) : expression + end(last) + open
}

/** Writes the expression for all that is below a directory. */
export function expressionBelow(domain: string, directory: string): string {
  return startOf(domain) + escape(directory)
}

function startOf(domain: string): string {
  return `^e~${escape(domain)}`
}

function piecesOf({ places, repetitions }: Pattern): Piece[] {
  const starts = [...places.keys(), places.length].filter((at) => at === 0 || repetitions[at])
  return starts.map((at, index) => ({ after: repetitions[at], places: places.slice(at, starts[index + 1]) }))
}

/** The first place of a piece in this segment, or the only one. */
function find({ after, places }: Piece): string {
  return after ? `(?>[^/\\s]*?${foldRepeats(places)})` : textOf(places)
}

/** The last piece, up to the end of the URL. */
function end(piece: Piece): string {
  const { after, places } = piece
  if (!endsInPlace(piece)) return `${find(piece)}(?!\\S)`
  if (after === 'any' && places.length === 0) return ''
  const passed = after === 'any' ? '\\S' : '[^/\\s]'
  return `(?=${passed}{${places.length}})${passed}*+(?<=${textOf(places)})(?!\\S)`
}

/** Whether a last piece is compared with the end of the URL only; else a slash says where it has to be. */
function endsInPlace({ after, places }: Piece): boolean {
  if (after === undefined) return false
  return after === 'any' || !places.some((place) => place.is === 'character' && place.character === '/')
}

/**
 * Whether few comparisons find a piece, whatever the URL.
 *
 * Two starts that both agree with a piece over some length tell that the piece agrees with itself, moved
 * by their distance; so the shortest such distance says how many starts agree as far.
 */
function isQuicklyFound({ after, places }: Piece): boolean {
  if (after === undefined || places.every((place) => place.is === 'character')) return true
  let comparisons = 0
  let reached = 0
  for (let moved = 1; reached < places.length && comparisons <= mostComparisons; moved += 1) {
    let reach = moved
    while (reach < places.length && overlap(places[reach - moved], places[reach])) reach += 1
    comparisons += Math.max(0, reach - reached) / moved
    reached = Math.max(reached, reach)
  }
  return comparisons <= mostComparisons
}

function overlap(one: PatternPlace | undefined, other: PatternPlace | undefined): boolean {
  const taken = membersOf(other)
  return [...membersOf(one)].some((character) => taken.includes(character))
}

function membersOf(place: PatternPlace | undefined): string {
  if (place?.is === 'digit') return '0123456789'
  if (place?.is === 'letter') return 'abcdefghijklmnopqrstuvwxyz'
  return place?.character ?? ''
}

function textOf(places: readonly PatternPlace[]): string {
  return places.map(expressionOfPlace).join('')
}

function expressionOfPlace(place: PatternPlace): string {
  if (place.is === 'digit') return '[0-9]'
  return place.is === 'letter' ? '[a-z]' : escape(place.character)
}

/**
 * Literal text with its long repeats as references, which compare many characters at once. What follows
 * Varnish 8.0 compiles bans so that groups capture nothing, unless they say `-n`.
 */
function foldRepeats(places: readonly PatternPlace[]): string {
  if (places.some((place) => place.is !== 'character')) return textOf(places)
  const text = places.map(membersOf).join('')
  let expression = ''
  let at = 0
  for (const { 0: repeats, 1: block = '', index } of text.matchAll(/(.{32,63}?)\1+/g)) {
    const times = repeats.length / block.length - 1
    expression += `${escape(text.slice(at, index))}(?-n:(${escape(block)})\\g{-1}{${times}})`
    at = index + repeats.length
  }
  return expression + escape(text.slice(at))
}

/** Nothing leaves that could mean something to a ban or to PCRE. A comma is `<` in the names. */
function escape(text: string): string {
  return text
    .replaceAll(',', '<')
    .replace(/[^A-Za-z0-9/]/g, (odd) => `\\x${odd.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
