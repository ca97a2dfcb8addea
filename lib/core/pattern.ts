/** The most repetitions (`[^/]*`, `.*`) that one pattern may have. */
export const maxRepetitions = 4

/** What one place of a pattern accepts: a character, a digit, or a small letter. */
export type PatternPlace = { is: 'character'; character: string } | { is: 'digit' } | { is: 'letter' }

/** A repetition: any number of characters other than a slash, or of any characters. */
export type Repetition = 'segment' | 'any'

/**
 * A regular expression of the vendor's kind, taken apart. `repetitions[n]` stands before `places[n]`,
 * the last one at the end. Two next to each other are one: `.*` if either is.
 */
export type Pattern = { places: PatternPlace[]; repetitions: (Repetition | undefined)[] }

/** Why a text is no pattern: which characters, counted from 0, and the rule. */
export type PatternProblem = { from: number; to: number; rule: 'construct' | 'repetitions' }

// What is literal text in a path or a query; everything else would mean something to some regex.
const literal = /^[A-Za-z0-9\-._~%!&',:;=@/?]$/

const constructs: [string, PatternPlace | Repetition][] = [
  ['[0-9]', { is: 'digit' }],
  ['[a-z]', { is: 'letter' }],
  ['[^/]*', 'segment'],
  ['.*', 'any'],
]

/**
 * Reads a pattern: the four constructs `[0-9]`, `[a-z]`, `[^/]*` and `.*`; all else is literal, also a
 * single dot.
 *
 * @returns the pattern, or the first thing in it that is none
 * @see the vendor's page on regex-based refresh
 */
export function parsePattern(text: string): Pattern | PatternProblem {
  const pattern: Pattern = { places: [], repetitions: [] }
  let repetitions = 0
  for (let at = 0; at < text.length; ) {
    const [written, meaning] = constructs.find(([each]) => text.startsWith(each, at)) ?? [text[at] as string]
    if (typeof meaning === 'string') {
      repetitions += 1
      if (repetitions > maxRepetitions) return { from: at, to: at + written.length, rule: 'repetitions' }
      const here = pattern.places.length
      if (pattern.repetitions[here] !== 'any') pattern.repetitions[here] = meaning
    } else if (meaning) pattern.places.push(meaning)
    else if (literal.test(written)) pattern.places.push({ is: 'character', character: written })
    else return { from: at, to: oddEnd(text, at), rule: 'construct' }
    at += written.length
  }
  return pattern
}

/** Where something that looks like a construct ends, for a mark under all of it. */
function oddEnd(text: string, at: number): number {
  return at + (/^\[[^\]]*\][*+?]?/.exec(text.slice(at))?.[0].length ?? 1)
}

/** Whether a pattern covers every path of its host, or names so little of it that it may as well. */
export function breadthOf({ places, repetitions }: Pattern): 'host' | 'broad' | 'narrow' {
  if (!repetitions.includes('any')) return 'narrow'
  const named = places.filter((place) => place.is !== 'character' || place.character !== '/')
  if (named.length === 0) return 'host'
  return named.length < 3 ? 'broad' : 'narrow'
}

/**
 * Makes a test for whole targets. It takes time proportional to their length whatever the pattern is,
 * for it follows all ways through the pattern at once, a bit each (shift-and with repetition).
 */
export function patternTest({ places, repetitions }: Pattern): (target: string) => boolean {
  const end = places.length
  const words = (end >> 5) + 1
  // Bit n of a state: the first n places are behind us. `steps` says which place takes a character.
  const steps = new Map<number, Uint32Array>()
  const stays: Record<'slash' | 'other', Uint32Array> = {
    slash: new Uint32Array(words),
    other: new Uint32Array(words),
  }
  for (let place = 0; place <= end; place += 1) {
    if (repetitions[place] === 'any') set(stays.slash, place)
    if (repetitions[place] !== undefined) set(stays.other, place)
  }
  const stepsOf = (code: number): Uint32Array => {
    let known = steps.get(code)
    if (!known) {
      known = new Uint32Array(words)
      for (const [index, place] of places.entries()) if (accepts(place, code)) set(known, index)
      steps.set(code, known)
    }
    return known
  }
  return (target) => {
    const state = new Uint32Array(words)
    state[0] = 1
    for (let at = 0; at < target.length; at += 1) {
      const code = target.charCodeAt(at)
      if (!advance(state, stepsOf(code), code === slash ? stays.slash : stays.other)) return false
    }
    return ((state[end >> 5] as number) & (1 << (end & 31))) !== 0
  }
}

const slash = 47

function set(bits: Uint32Array, index: number): void {
  bits[index >> 5] = (bits[index >> 5] as number) | (1 << (index & 31))
}

function accepts(place: PatternPlace, code: number): boolean {
  if (place.is === 'digit') return code >= 48 && code <= 57
  if (place.is === 'letter') return code >= 97 && code <= 122
  return place.character.charCodeAt(0) === code
}

/** Moves a state by one character; false when no way through the pattern is left. */
function advance(state: Uint32Array, steps: Uint32Array, stays: Uint32Array): boolean {
  let carry = 0
  let alive = 0
  for (let word = 0; word < state.length; word += 1) {
    const now = state[word] as number
    const taken = now & (steps[word] as number)
    const next = ((taken << 1) | carry | (now & (stays[word] as number))) >>> 0
    carry = taken >>> 31
    state[word] = next
    alive |= next
  }
  return alive !== 0
}
