import { modes } from './command.ts'
import { isWithin, parseAddress, parseRange } from './ip-address.ts'
import { methods } from './line.ts'
import { normaliseTarget } from './spelling.ts'
import { literal, type Wildcard, wildcard } from './wildcard.ts'

/** What a key holds, and so which operators fit it. */
type ValueType = 'text' | 'number' | 'date' | 'boolean' | 'address'

/** What a request has under a key: a text, a number, milliseconds, a boolean, an address. */
export type Value = string | number | boolean | bigint

/** What a request has by key; what it has not is undefined. */
export type Facts = Readonly<Record<string, Value | undefined>>

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** The keys we know. Others are allowed, for policies that were written for the vendor; no request has them. */
export const conditionKeys: Readonly<Record<string, { type: ValueType; values?: readonly string[] }>> = {
  'acs:SourceIp': { type: 'address' },
  'acs:CurrentTime': { type: 'date' },
  'acs:SecureTransport': { type: 'boolean' },
  'acs:MFAPresent': { type: 'boolean' },
  'freshet:Method': { type: 'text', values: methods },
  'freshet:Path': { type: 'text' },
  'freshet:Mode': { type: 'text', values: modes },
  'freshet:LineCount': { type: 'number' },
  'freshet:Cache': { type: 'text' },
  'freshet:Weekday': { type: 'text', values: weekdays },
}

type TextOperator = { type: 'text'; negated: boolean; like: boolean; caseless: boolean }
type Compare = (actual: number, wanted: number) => boolean
type Operator =
  | TextOperator
  | { type: 'number'; negated: boolean; compare: Compare }
  | { type: 'date'; negated: boolean; compare: Compare }
  | { type: 'boolean'; negated: boolean }
  | { type: 'address'; negated: boolean }

const equal: Compare = (actual, wanted) => actual === wanted
const comparisons: [string, Compare, boolean][] = [
  ['Equals', equal, false],
  ['NotEquals', equal, true],
  ['LessThan', (actual, wanted) => actual < wanted, false],
  ['LessThanEquals', (actual, wanted) => actual <= wanted, false],
  ['GreaterThan', (actual, wanted) => actual > wanted, false],
  ['GreaterThanEquals', (actual, wanted) => actual >= wanted, false],
]

const text = (more: Partial<TextOperator>): Operator => {
  return { type: 'text', negated: false, like: false, caseless: false, ...more }
}

const comparing = (name: string, type: 'number' | 'date') =>
  comparisons.map(([suffix, compare, negated]): [string, Operator] => {
    return [name + suffix, { type, negated, compare }]
  })

/** @see the vendor's page on the elements of a RAM policy, “Condition” */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', text({})],
  ['StringNotEquals', text({ negated: true })],
  ['StringEqualsIgnoreCase', text({ caseless: true })],
  ['StringNotEqualsIgnoreCase', text({ caseless: true, negated: true })],
  ['StringLike', text({ like: true })],
  ['StringNotLike', text({ like: true, negated: true })],
  ...comparing('Numeric', 'number'),
  ...comparing('Date', 'date'),
  ['Bool', { type: 'boolean', negated: false }],
  ['IpAddress', { type: 'address', negated: false }],
  ['NotIpAddress', { type: 'address', negated: true }],
])

/** Whether a value can stand with this operator under this key. */
export function isValue(operator: Operator, key: string, value: string): boolean {
  if (operator.type === 'boolean') return /^(true|false)$/i.test(value)
  if (operator.type === 'address') return parseRange(value) !== undefined
  if (operator.type === 'number') return /^-?\d{1,15}(\.\d{1,15})?$/.test(value)
  if (operator.type === 'date') return parseDate(value) !== undefined
  if (key === 'freshet:Path') return /^[/*?]/.test(value)
  const values = conditionKeys[key]?.values
  if (!values || operator.like) return true
  return values.includes(operator.caseless ? value.toLowerCase() : value)
}

/** Reads a date of ISO 8601, with a time only if it says of which zone; milliseconds. */
function parseDate(written: string): number | undefined {
  const shape = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/
  const [, day] = shape.exec(written) ?? []
  const time = Date.parse(written)
  // 30 February would be read as 2 March.
  if (!day || Number.isNaN(time) || !new Date(day).toJSON()?.startsWith(day)) return undefined
  return time
}

/** A path, or a value that is compared with paths, as caches spell it; an escape that a wildcard cuts, too. */
export function spellPath(path: string): string {
  return normaliseTarget(path).replace(/%[0-9a-f]?(?=[*?])/g, (cut) => cut.toUpperCase())
}

/** One operator on one key. */
export type Condition = { key: string; holds: (facts: Facts) => boolean }

/** One operator on a key of which a request can have several, such as paths. */
export type SetCondition = {
  key: string
  /** Each name for which it holds begins with one of these. */
  heads: readonly string[]
  holds: (name: string) => boolean
  /** Whether it holds for all names that begin so. */
  holdsForAll: (prefix: string) => boolean
  /** Whether it may hold for some name that begins so. */
  holdsForSome: (prefix: string) => boolean
}

/** Compiles a condition on a key that a request has once. What is absent fits no condition, a negated one neither. */
export function compileCondition(name: string, key: string, values: readonly string[]): Condition {
  const operator = operators.get(name) as Operator
  const tests = values.map((value) => testOf(operator, value))
  const holds = (facts: Facts) => {
    const actual = facts[key]
    return actual !== undefined && tests.some((test) => test(actual)) !== operator.negated
  }
  return { key, holds }
}

function testOf(operator: Operator, value: string): (actual: Value) => boolean {
  if (operator.type === 'text') {
    const { fits } = textTest(operator, value)
    return (actual) => typeof actual === 'string' && fits(operator.caseless ? actual.toLowerCase() : actual)
  }
  if (operator.type === 'boolean') {
    const wanted = value.toLowerCase() === 'true'
    return (actual) => actual === wanted
  }
  if (operator.type === 'address') {
    const range = parseRange(value)
    return (actual) => typeof actual === 'bigint' && range !== undefined && isWithin(actual, range)
  }
  const { compare, type } = operator
  const wanted = (type === 'date' ? parseDate(value) : Number(value)) ?? Number.NaN
  return (actual) => typeof actual === 'number' && compare(actual, wanted)
}

/** Compiles a condition on paths or names of caches. */
export function compileSetCondition(name: string, key: string, values: readonly string[]): SetCondition {
  const operator = operators.get(name) as TextOperator
  const spelled = key === 'freshet:Path' ? values.map(spellPath) : values
  const tests = spelled.map((value) => textTest(operator, value))
  return { key, ...anyOf(tests, operator) }
}

function textTest({ like, caseless }: TextOperator, value: string): Wildcard {
  const folded = caseless ? value.toLowerCase() : value
  return like ? wildcard(folded) : literal(folded)
}

/**
 * Whether any of some wildcards fits, or for a negated one that none does. For all names at once one
 * of them has to fit all of them by itself.
 */
export function anyOf(
  tests: readonly Wildcard[],
  { negated, caseless = false }: { negated: boolean; caseless?: boolean },
): Omit<SetCondition, 'key'> {
  const fold = (name: string) => (caseless ? name.toLowerCase() : name)
  const [only, ...more] = tests
  // Asked a million times, and most have one value.
  const fits = only && more.length === 0 ? only.fits : (name: string) => tests.some((test) => test.fits(name))
  const all = (prefix: string) => tests.some((test) => test.fitsAll(fold(prefix)))
  const some = (prefix: string) => tests.some((test) => test.fitsSome(fold(prefix)))
  return {
    heads: negated || caseless ? [''] : tests.map(({ head }) => head),
    holds: negated || caseless ? (name) => fits(fold(name)) !== negated : fits,
    holdsForAll: (prefix) => (negated ? !some(prefix) : all(prefix)),
    holdsForSome: (prefix) => (negated ? !all(prefix) : some(prefix)),
  }
}

/** What a request has by itself: when, from where and how it came. */
export function factsOf(
  { address, isSecure }: { address: string; isSecure: boolean },
  nowMs: number,
): Record<string, Value | undefined> {
  return {
    'acs:SourceIp': parseAddress(address),
    'acs:CurrentTime': nowMs,
    'acs:SecureTransport': isSecure,
    'acs:MFAPresent': false,
    'freshet:Weekday': weekdays[new Date(nowMs).getUTCDay()],
  }
}
