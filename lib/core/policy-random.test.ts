import { expect, it } from 'vitest'
import { type Caller, noRequest } from './caller.ts'
import { modes } from './command.ts'
import { type Asked, coveredDomains, evaluate, mayAnywhere, type Reach } from './policy.ts'
import type { Statement } from './policy-document.ts'

// The rules a second time, as plainly as the grammar says them: wildcards are regular expressions, addresses
// are texts of bits, and everything under a prefix is a list of paths. Both must decide the same.

const cases = 100_000
const seed = Number(process.env.POLICY_SEED ?? 20_260_715)

/** mulberry32 */
function chance(state: number): () => number {
  let at = state
  return () => {
    at = (at + 0x6d2b79f5) | 0
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const random = chance(seed)
const below = (limit: number) => Math.floor(random() * limit)
const one = <Thing>(things: readonly Thing[]): Thing => things[below(things.length)] as Thing
const some = <Thing>(most: number, make: () => Thing): Thing[] => {
  const made = [make()]
  for (let more = below(most); more > 0; more -= 1) made.push(make())
  return made
}
const maybe = <Thing>(share: number, make: () => Thing) => (random() < share ? make() : undefined)

const actions = [
  'dcdn:RefreshDcdnObjectCaches',
  'dcdn:PreloadDcdnObjectCaches',
  'dcdn:DescribeDcdnRefreshTasks',
]
const domains = ['a', 'ab']
const resources = [...domains.map((name) => `acs:dcdn:*:1:domain/${name}`), '*', 'acs:freshet:*:1:cache/x']
const caches = ['x', 'xy', 'y']
const addresses = ['10.0.0.1', '10.200.0.1', '::ffff:10.0.0.1', '2001:db8::1', '']
const ranges = ['10.0.0.0/8', '10.0.0.0/9', '10.0.0.1', '2001:db8::/32', '::ffff:10.0.0.0/112', '::/0']
const nowMs = Date.parse('2026-07-15T12:00:00Z')
const dates = ['2026-07-15', '2026-07-15T12:00Z', '2026-07-15T20:00:00+08:00', '2026-07-15T14:00:01+02:00']

/** A name with some of it replaced by wildcards. */
function loosened(name: string): string {
  const kind = below(6)
  const from = below(name.length)
  const to = from + below(name.length - from + 1)
  if (kind === 0) return '*'
  if (kind === 1) return `${name.slice(0, from)}*`
  if (kind === 2) return `${name.slice(0, from)}*${name.slice(to)}`
  if (kind === 3) return `${name.slice(0, from)}?${name.slice(from + 1)}`
  return name
}

const respelled = (path: string) => (random() < 0.1 ? path.replace('a', '%61') : path)
const pathPattern = () =>
  respelled(one(['/', '/', '*', '?']) + some(3, () => one(['/', 'a', 'b', '*', '?'])).join(''))
const reach = (): Reach => {
  const path = respelled(`/${some(2, () => one(['', 'a', 'b', '/'])).join('')}`)
  return { path, wide: random() < 0.4 }
}

const textOperators = ['', 'Not'].flatMap((not) =>
  ['Equals', 'EqualsIgnoreCase', 'Like'].map((name) => `String${not}${name}`),
)
const comparisons = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']
const keys: Record<string, [operators: string[], value: () => string]> = {
  'freshet:Path': [textOperators, pathPattern],
  'freshet:Cache': [textOperators, () => loosened(one(caches))],
  'freshet:Mode': [textOperators, () => one([...modes, 'Hard', 's*'])],
  'freshet:Weekday': [textOperators, () => one(['wed', 'Wed', 'w?d', 'thu'])],
  'freshet:LineCount': [comparisons.map((name) => `Numeric${name}`), () => one(['1', '2', '2.5', '-1'])],
  'acs:CurrentTime': [comparisons.map((name) => `Date${name}`), () => one(dates)],
  'acs:SourceIp': [['IpAddress', 'NotIpAddress'], () => one(ranges)],
  'acs:SecureTransport': [['Bool'], () => one(['true', 'false'])],
  'acs:MFAPresent': [['Bool'], () => one(['true', 'false'])],
  'acs:SourceVpc': [textOperators, () => 'vpc'],
}
// Paths are the hard part.
const drawn = [...Object.keys(keys), ...Array<string>(8).fill('freshet:Path')]

function condition(): Statement['Condition'] {
  const made: NonNullable<Statement['Condition']> = {}
  for (const key of some(2, () => one(drawn))) {
    const [operators, value] = keys[key] as [string[], () => string]
    const operator = one(operators)
    made[operator] = { ...made[operator], [key]: some(2, value) }
  }
  return made
}

function statement(): Statement {
  const Condition = maybe(0.7, condition)
  return {
    Effect: random() < 0.6 ? 'Allow' : 'Deny',
    [random() < 0.9 ? 'Action' : 'NotAction']: some(2, () => loosened(one([...actions, 'DCDN:refresh*']))),
    [random() < 0.9 ? 'Resource' : 'NotResource']: some(2, () => loosened(one(resources))),
    ...(Condition && { Condition }),
  }
}

const caller = (): Caller => ({
  accountId: 1,
  userId: 2,
  name: 'ines',
  role: 'user',
  policies: some(2, () => ({
    name: String(below(1000)),
    group: null,
    document: { Version: '1', Statement: some(4, statement) },
  })),
  source: 'console',
  ...noRequest,
  address: one(addresses),
  isSecure: random() < 0.5,
})

const asked = (): Asked => {
  const full = {
    mode: maybe(0.8, () => one(modes)),
    lineCount: maybe(0.8, () => below(4)),
    caches: maybe(0.8, () => some(3, () => one(caches))),
    // Many are looked up in another way than few.
    reaches: maybe(0.9, () => some(random() < 0.1 ? 40 : 3, reach)),
  }
  const present = Object.entries(full).filter(([, value]) => value !== undefined)
  return { resource: one(resources), ...Object.fromEntries(present) }
}

const memory = new Map<string, unknown>()
function once<Answer>(key: string, make: () => Answer): Answer {
  if (!memory.has(key)) memory.set(key, make())
  return memory.get(key) as Answer
}

/** The texts that a wildcard, or a text that is none, fits. */
const test = (pattern: string, { like = true, flags = 's' } = {}): RegExp =>
  once(`${like} ${flags} ${pattern}`, () => {
    const quoted = pattern.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    const source = like ? quoted.replaceAll(String.raw`\*`, '.*').replaceAll(String.raw`\?`, '.') : quoted
    return new RegExp(`^${source}$`, flags)
  })

/** Every way to go on, as long as what a pattern has after its first sign, with a letter that none has and with signs that stand for themselves. */
const endings = ['']
for (let length = 0, begin = 0; length < 3; length += 1) {
  const end = endings.length
  for (; begin < end; begin += 1) for (const letter of '/abc*?') endings.push(endings[begin] + letter)
}

const plain = (path: string) => path.replaceAll('%61', 'a')
const setOf = ({ path, wide }: Reach): string[] =>
  once(`${wide} ${path}`, () => (wide ? endings.map((each) => plain(path) + each) : [plain(path)]))

function bitsOf(address: string): string {
  const { hostname } = new URL(`http://[${address.includes(':') ? address : `::ffff:${address}`}]`)
  const [left = '', right] = hostname.slice(1, -1).split('::')
  const groups = (text = '') => text.split(':').filter((group) => group !== '')
  const [first, last] = [groups(left), groups(right)]
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last]
  return all.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}

function isIn(address: string, range: string): boolean {
  const [base = '', length] = range.split('/')
  const most = base.includes(':') ? 128 : 32
  return bitsOf(address).startsWith(bitsOf(base).slice(0, 128 - most + Number(length ?? most)))
}

const compare: Record<string, (actual: number, wanted: number) => boolean> = {
  Equals: (actual, wanted) => actual === wanted,
  LessThan: (actual, wanted) => actual < wanted,
  LessThanEquals: (actual, wanted) => actual <= wanted,
  GreaterThan: (actual, wanted) => actual > wanted,
  GreaterThanEquals: (actual, wanted) => actual >= wanted,
}

/** Whether one value fits what the request has; a negated operator as if it were not. */
function fitsValue(operator: string, value: string, actual: string | number | boolean): boolean {
  const name = operator.replace('Not', '')
  if (name === 'Bool') return String(actual) === value
  if (name === 'IpAddress') return once(`${actual} ${value}`, () => isIn(String(actual), value))
  if (name.startsWith('Date')) return compare[name.slice(4)]?.(Number(actual), Date.parse(value)) ?? false
  if (name.startsWith('Numeric')) return compare[name.slice(7)]?.(Number(actual), Number(value)) ?? false
  const flags = name.endsWith('IgnoreCase') ? 'si' : 's'
  return test(value, { like: name === 'StringLike', flags }).test(String(actual))
}

type Quantity = 'every' | 'some'

function fitsSet(operator: string, values: string[], within: Reach, quantity: Quantity): boolean {
  const isNegated = operator.includes('Not')
  // A negated operator holds for all of it where no value fits any of it, and the other way round.
  const asked = isNegated === (quantity === 'every') ? 'some' : 'every'
  const fits = values
    .map(plain)
    .some((value) =>
      once(`${operator} ${value} ${within.path} ${within.wide} ${asked}`, () =>
        setOf(within)[asked]((path) => fitsValue(operator, value, path)),
      ),
    )
  return fits !== isNegated
}

type Part = [operator: string, key: string, values: string[]]

function applies(
  rule: Statement,
  who: Caller,
  action: string,
  what: Asked,
  within: Reach | undefined,
): boolean {
  const matches = (patterns: string[] | undefined, name: string, flags: string) =>
    patterns?.some((pattern) => test(pattern, { flags }).test(name))
  if (rule.Action ? !matches(rule.Action, action, 'si') : matches(rule.NotAction, action, 'si')) return false
  const { resource } = what
  if (rule.Resource ? !matches(rule.Resource, resource, 's') : matches(rule.NotResource, resource, 's'))
    return false
  const parts = Object.entries(rule.Condition ?? {}).flatMap(([operator, byKey]) =>
    Object.entries(byKey).map(([key, values]): Part => [operator, key, values]),
  )
  const quantity = rule.Effect === 'Allow' ? 'every' : 'some'
  const onCaches = parts.filter(([, key]) => key === 'freshet:Cache')
  const given = what.caches ?? []
  if (onCaches.length > 0 && given.length === 0) return false
  const fitsOne =
    (actual: string | number | boolean) =>
    ([operator, , values]: Part) =>
      values.some((value) => fitsValue(operator, value, actual)) !== operator.includes('Not')
  if (onCaches.length > 0 && !given[quantity]((cache) => onCaches.every(fitsOne(cache)))) return false
  const facts: Record<string, string | number | boolean | undefined> = {
    'freshet:Mode': what.mode,
    'freshet:LineCount': what.lineCount,
    'freshet:Weekday': 'wed',
    'acs:CurrentTime': nowMs,
    'acs:SourceIp': who.address || undefined,
    'acs:SecureTransport': who.isSecure,
    'acs:MFAPresent': false,
  }
  return parts.every((part) => {
    const [operator, key, values] = part
    if (key === 'freshet:Cache') return true
    if (key === 'freshet:Path') return within !== undefined && fitsSet(operator, values, within, quantity)
    const actual = facts[key]
    return actual !== undefined && fitsOne(actual)(part)
  })
}

function decided(who: Caller, action: string, all: readonly Asked[]): string {
  const rules = who.policies.flatMap(({ document }) => document.Statement)
  for (const [at, what] of all.entries())
    for (const [place, within] of (what.reaches ?? [undefined]).entries()) {
      const effects = rules
        .filter((rule) => applies(rule, who, action, what, within))
        .map(({ Effect }) => Effect)
      if (effects.includes('Deny')) return `ExplicitDeny ${at} ${place}`
      if (effects.length === 0) return `ImplicitDeny ${at} ${place}`
    }
  return 'allowed'
}

it(`${cases} random requests are decided as the grammar says, seed ${seed}`, { timeout: 120_000 }, () => {
  const counts = new Map<string, number>()
  for (let round = 0; round < cases; round += 1) {
    const who = caller()
    const action = one(actions)
    const all = some(2, asked)
    const decision = evaluate(who, action, all, nowMs)
    const brief = decision.allowed ? 'allowed' : `${decision.denial} ${decision.at} ${decision.reach ?? 0}`
    const expected = decided(who, action, all)
    if (brief !== expected)
      expect.fail(`seed ${seed}, round ${round}: ${JSON.stringify({ who, action, all, brief, expected })}`)
    const kind = decision.allowed ? 'allowed' : decision.denial
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    expectOverview(who, action, all, decision.allowed)
  }
  // That they differ says that something was tried.
  for (const kind of ['allowed', 'ExplicitDeny', 'ImplicitDeny'])
    expect(counts.get(kind), kind).toBeGreaterThan(cases / 20)
})

/** What is allowed is offered, and its domain is among those that are covered. */
function expectOverview(who: Caller, action: string, all: readonly Asked[], isAllowed: boolean): void {
  const named = domains.filter((_, at) => all.some(({ resource }) => resource === resources[at]))
  const covered = coveredDomains(who, action, named, 1, nowMs)
  const isReading = action.includes('Describe')
  // The requests of a read have no key that is asked later.
  const allowed = isReading
    ? named.filter((name) => evaluate(who, action, [`acs:dcdn:*:1:domain/${name}`], nowMs).allowed)
    : isAllowed
      ? named
      : []
  const agrees = isReading ? covered.join() === allowed.join() : covered.length >= allowed.length
  const isOffered = covered.length === 0 || mayAnywhere(who, action, nowMs)
  if (!agrees || !isOffered)
    expect.fail(`seed ${seed}: ${JSON.stringify({ who, action, all, covered, allowed, isOffered })}`)
}
