import { z } from 'zod'

/** The keys of the search field of the audit log, in the order in which they are offered. */
export const auditKeys = [
  'actor',
  'action',
  'domain',
  'resource',
  'outcome',
  'from',
  'until',
  'address',
  'request',
  'key',
] as const
export type AuditKey = (typeof auditKeys)[number]

const outcomes = ['done', 'refused'] as const

const text = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\0]*$/)
const texts = z.array(text).max(20)

/**
 * Filters of the audit log. Of several values of a key one must fit, and something of every key and every
 * word; `*` is any run of characters, except in moments.
 */
export const auditFilterSchema = z.object({
  actor: texts.optional(),
  action: texts.optional(),
  domain: texts.optional(),
  resource: texts.optional(),
  address: texts.optional(),
  request: texts.optional(),
  /** An access key that was used. */
  key: texts.optional(),
  outcome: z.enum(outcomes).optional(),
  /** Moments, ISO 8601: from the first on, before the second. */
  from: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  words: texts.optional(),
})
export type AuditFilter = z.output<typeof auditFilterSchema>

/** What is wrong with a part of a search; the parts without a problem still filter. */
export type AuditProblem = {
  part: string
  is: 'key' | 'empty' | 'outcome' | 'moment' | 'twice' | 'order' | 'long' | 'many'
}

/**
 * Reads a search such as `actor:maria action:freshet:Save* from:2026-11-01 "two words"`.
 *
 * @param timeZone whose clocks days and times are told by, unless they name a zone
 */
export function parseAuditFilter(
  given: string,
  timeZone: string,
): { filter: AuditFilter; problems: AuditProblem[] } {
  const filter: AuditFilter = {}
  const problems: AuditProblem[] = []
  for (const part of given.match(/(?:"[^"]*"?|[^\s"])+/g) ?? []) {
    const is = take(filter, part.replaceAll('"', '').replaceAll('\0', ''), timeZone)
    if (is) problems.push({ part, is })
  }
  if (filter.from && filter.until && filter.from >= filter.until)
    problems.push({ part: `until:${filter.until}`, is: 'order' })
  return { filter, problems }
}

/** Adds a part of a search to the filter; @returns what is wrong with it, if anything is. */
function take(filter: AuditFilter, part: string, timeZone: string): AuditProblem['is'] | undefined {
  if (part.length > 300) return 'long'
  const [, key, value = ''] = /^([a-z]+):(.*)$/i.exec(part) ?? []
  // Names of actions, of resources and of addresses have colons too.
  if (key === undefined || /^(?:freshet|dcdn|acs|https?)$/i.test(key)) return add(filter, 'words', part)
  const name = auditKeys.find((one) => one === key.toLowerCase())
  if (!name) return 'key'
  if (value === '') return 'empty'
  if (name === 'outcome') return takeOutcome(filter, value.toLowerCase())
  if (name !== 'from' && name !== 'until') return add(filter, name, value)
  if (filter[name]) return 'twice'
  const moment = momentOf(value, timeZone, name === 'until')
  if (moment === undefined) return 'moment'
  filter[name] = moment
  return undefined
}

type Many = 'words' | Exclude<AuditKey, 'outcome' | 'from' | 'until'>

function add(filter: AuditFilter, name: Many, value: string): 'many' | undefined {
  if (value === '') return undefined
  const values = filter[name] ?? []
  if (values.length === 20) return 'many'
  filter[name] = [...values, value]
  return undefined
}

function takeOutcome(filter: AuditFilter, value: string): 'outcome' | 'twice' | undefined {
  const outcome = outcomes.find((one) => one === value)
  if (!outcome) return 'outcome'
  if (filter.outcome && filter.outcome !== outcome) return 'twice'
  filter.outcome = outcome
  return undefined
}

const written = /^([12]\d{3})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?)?$/i

/** The moment that a day or a time names, ISO 8601; a day that is meant until its end ends with the next. */
function momentOf(given: string, timeZone: string, isEnd: boolean): string | undefined {
  const [whole, ...fields] = written.exec(given) ?? []
  if (whole === undefined) return undefined
  const zone = fields[6]
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
    .slice(0, 6)
    .map((n) => Number(n ?? 0))
  const shown = Date.UTC(year, month - 1, day, hour, minute, second)
  // The calendar has no 31 February, and a clock no 25 o'clock.
  if (Number.isNaN(shown) || !new Date(shown).toISOString().startsWith(clockText(given))) return undefined
  if (zone) return Number.isNaN(Date.parse(whole)) ? undefined : new Date(whole).toISOString()
  const isDay = fields[3] === undefined
  return new Date(momentAt(timeZone, isDay && isEnd ? shown + 86_400_000 : shown)).toISOString()
}

/** A day or a time without its zone, as far as it goes. */
const clockText = (given: string) => given.toUpperCase().replace(/(?:Z|[+-]\d\d:\d\d)$/, '')

/** When the clocks of a zone show a time, which is told as if it were UTC; ms. */
function momentAt(timeZone: string, shown: number): number {
  // Once more from there: the clocks may have been changed between the two.
  const near = shown - offsetAt(timeZone, shown)
  return shown - offsetAt(timeZone, near)
}

/** How far the clocks of a zone are ahead of UTC at a moment, ms. */
function offsetAt(timeZone: string, moment: number): number {
  const clock = new Date(moment).toLocaleString('sv-SE', { timeZone })
  return Date.parse(`${clock.replace(' ', 'T')}Z`) - Math.floor(moment / 1000) * 1000
}

/** Whether a value stands for more than itself. */
export const hasWildcard = (value: string): boolean => value.includes('*')

/** What the word under the cursor of a search may become: a key, or a value of one that is known. */
export function completionsOf(word: string, known: Partial<Record<AuditKey, readonly string[]>>): string[] {
  const [, key = '', value = ''] = /^([a-z]+):(.*)$/i.exec(word) ?? []
  const name = auditKeys.find((one) => one === key.toLowerCase())
  if (!name) return auditKeys.filter((one) => one.startsWith(word.toLowerCase())).map((one) => `${one}:`)
  const values = name === 'outcome' ? outcomes : (known[name] ?? [])
  return values
    .filter((one) => one !== value && one.toLowerCase().includes(value.toLowerCase()))
    .slice(0, 8)
    .map((one) => `${name}:${/\s/.test(one) ? `"${one}"` : one}`)
}
