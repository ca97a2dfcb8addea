/** The fields of one request, in order. */
export type HeaderSet = [name: string, value: string][]

/** Why a text names no header sets; `line` counts from 1, 0 where it is about all of them. */
export type HeaderProblem = { line: number; given: string; rule: HeaderRule }
export type HeaderRule =
  | 'syntax'
  | 'json'
  | 'name'
  | 'value'
  | 'refused'
  | 'credentials'
  | 'repeated'
  | 'too-many'

/** What a prefetch sends unless it is told otherwise. @see the vendor's guide to prefetch */
export const defaultHeaderSets: HeaderSet[] = [[['Accept-Encoding', 'gzip']]]

/** The most variants of one URL that one prefetch may ask for. */
export const maxHeaderSets = 16
const maxFields = 20
const maxValueLength = 2_000

// RFC 9110, sections 5.6.2 and 5.5.
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/
const visible = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/

// They name the host, belong to one connection or frame the message, or are ours; a condition or a part
// would keep a cache from storing the whole.
const refused =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|via|cdn-loop|forwarded|range|cache-control|pragma|(?:proxy|x-forwarded|if|freshet)-.*)$/i
const credentials = /^(?:cookie|authorization)$/i
/** Whether a field holds a secret, by its name: it is sealed where it is kept, and never shown again. */
const isSecret = (name: string) =>
  /cookie|auth|token|secret|password|session|signature|credential|api-?key/i.test(name)

/**
 * Reads header sets: `Name: value` lines with a blank line between sets, or the vendor's WithHeader, a
 * JSON object of name and values, where each choice of values is a set of its own.
 *
 * @param allowCredentials whether Cookie and Authorization may be among them
 */
export function parseHeaderSets(text: string, allowCredentials: boolean): HeaderSet[] | HeaderProblem {
  const read = /^\s*[[{]/.test(text) ? readJson(text) : readLines(text)
  if ('rule' in read) return read
  for (const { line, set } of read) {
    const problem = problemOf(set, allowCredentials)
    if (problem) return { line, ...problem }
  }
  if (read.length > maxHeaderSets) return { line: 0, given: String(read.length), rule: 'too-many' }
  return read.map(({ set }) => set)
}

/** Header sets as they are written. */
export function writeHeaderSets(sets: readonly HeaderSet[]): string {
  return sets.map((set) => set.map(([name, value]) => `${name}: ${value}`).join('\n')).join('\n\n')
}

/** Stands in place of a credential, which is never shown again. */
export const hiddenValue = '(hidden)'

/** Sets with other values of fields that hold a secret. */
export function withCredentials(
  sets: readonly HeaderSet[],
  valueOf: (name: string, value: string) => string,
): HeaderSet[] {
  return sets.map((set) => set.map(([name, value]) => [name, isSecret(name) ? valueOf(name, value) : value]))
}

/** A text of header sets as it may be shown. */
export function hideCredentials(text: string): string {
  const sets = parseHeaderSets(text, true)
  if ('rule' in sets || !sets.flat().some(([name]) => isSecret(name))) return text
  return writeHeaderSets(withCredentials(sets, () => hiddenValue))
}

/** A text that was shown, with the credentials that were hidden in it; undefined where one cannot be told. */
export function revealCredentials(text: string, before: string): string | undefined {
  const [sets, known] = [parseHeaderSets(text, true), parseHeaderSets(before, true)]
  const isHidden = ([name, value]: HeaderSet[number]) => value === hiddenValue && isSecret(name)
  if ('rule' in sets || !sets.flat().some(isHidden)) return text
  const revealed = sets.map((set, at) =>
    set.map((field): HeaderSet[number] => {
      if (!isHidden(field) || 'rule' in known) return field
      // Of several values the one in the same place, unless places have moved.
      const isSame = ([name]: HeaderSet[number]) => name.toLowerCase() === field[0].toLowerCase()
      const values = new Set(
        known
          .flat()
          .filter(isSame)
          .map(([, value]) => value),
      )
      const inPlace = sets.length === known.length ? known[at]?.find(isSame)?.[1] : undefined
      return [field[0], inPlace ?? (values.size === 1 ? [...values].join() : hiddenValue)]
    }),
  )
  return revealed.flat().some(isHidden) ? undefined : writeHeaderSets(revealed)
}

type Read = { line: number; set: HeaderSet }[]

function readLines(text: string): Read | HeaderProblem {
  const sets: Read = []
  let open: HeaderSet | undefined
  for (const [index, row] of text.split(/\r\n|\r|\n/).entries()) {
    const given = row.trim()
    if (given === '') {
      open = undefined
      continue
    }
    const colon = given.indexOf(':')
    if (colon < 1) return { line: index + 1, given: given.slice(0, 100), rule: 'syntax' }
    if (!open) {
      open = []
      sets.push({ line: index + 1, set: open })
    }
    open.push([given.slice(0, colon), given.slice(colon + 1).trim()])
  }
  return sets
}

function readJson(text: string): Read | HeaderProblem {
  const problem: HeaderProblem = { line: 0, given: text.slice(0, 100), rule: 'json' }
  try {
    const objects: unknown[] = [JSON.parse(text)].flat()
    const sets: Read = []
    for (const object of objects) {
      const made = setsOf(object)
      if (!made) return problem
      sets.push(...made.map((set) => ({ line: 0, set })))
      if (sets.length > maxHeaderSets) return { line: 0, given: String(sets.length), rule: 'too-many' }
    }
    return sets
  } catch {
    return problem
  }
}

/** Every choice of one value a name, up to one more than there may be. */
function setsOf(object: unknown): HeaderSet[] | undefined {
  if (typeof object !== 'object' || object === null) return undefined
  let sets: HeaderSet[] = [[]]
  for (const [name, given] of Object.entries(object)) {
    const values = [given].flat()
    if (values.length === 0 || values.some((value) => typeof value !== 'string')) return undefined
    sets = sets
      .flatMap((set) => values.map((value): HeaderSet => [...set, [name, value]]))
      .slice(0, maxHeaderSets + 1)
  }
  return sets
}

function problemOf(set: HeaderSet, allowCredentials: boolean): Omit<HeaderProblem, 'line'> | undefined {
  if (set.length > maxFields) return { given: String(set.length), rule: 'too-many' }
  const names = new Set<string>()
  for (const [name, value] of set) {
    const given = name.slice(0, 100)
    if (!token.test(name)) return { given, rule: 'name' }
    if (refused.test(name)) return { given, rule: 'refused' }
    if (credentials.test(name) && !allowCredentials) return { given, rule: 'credentials' }
    if (value !== '' && (value.length > maxValueLength || !visible.test(value)))
      return { given, rule: 'value' }
    if (names.has(name.toLowerCase())) return { given, rule: 'repeated' }
    names.add(name.toLowerCase())
  }
  return undefined
}
