import { type ActionName, actions } from './actions.ts'
import type { Caller } from './caller.ts'
import type { CommandKind, Mode } from './command.ts'
import type { Method } from './line.ts'
import { parsePattern } from './pattern.ts'
import {
  compileSetCondition,
  type Facts,
  factsOf,
  type SetCondition,
  spellPath,
} from './policy-conditions.ts'
import type { PolicyDocument } from './policy-document.ts'
import { type CompiledStatement, extentOf, statementsOn } from './policy-statements.ts'
import { domainResource } from './resource-name.ts'
import { normalisePattern, pathOf } from './spelling.ts'

/** A policy of a caller, and the group by which the caller has it. */
export type AttachedPolicy = { name: string; group: string | null; document: PolicyDocument }

/** What a line reaches: exactly this path, without a query, or everything whose path begins with it. */
export type Reach = { path: string; wide: boolean }

/** What is asked for: an action on this resource, and for a submission what is in it. */
export type Asked = {
  resource: string
  method?: Method
  mode?: Mode
  reaches?: readonly Reach[]
  lineCount?: number
  /** Names of the caches that it goes to. */
  caches?: readonly string[]
}

/** A statement of an attached policy, by its place from 0. */
export type StatementRef = { policy: string; statement: number; group: string | null }

/** `at` and `reach` are places, from 0, in what was asked and in what that reaches. */
export type Decision =
  | { allowed: true; by: StatementRef | null }
  | {
      allowed: false
      at: number
      reach?: number
      denial: 'ImplicitDeny' | 'ExplicitDeny'
      by: StatementRef | null
    }

/** A statement with the policy that has it. */
type Held = { policy: AttachedPolicy; statement: CompiledStatement }

const everything: Reach = { path: '/', wide: true }

/** What a line reaches on its domain. A tag may stand on anything. */
export function reachOf({ kind, target }: { kind: CommandKind | 'prefetch'; target: string }): Reach {
  if (kind === 'everything' || kind === 'tag') return everything
  if (kind === 'regex') return reachOfPattern(target)
  return { path: pathOf(target), wide: kind === 'directory' }
}

/** Everything that begins with what stands before the first construct of a pattern. */
function reachOfPattern(target: string): Reach {
  const pattern = parsePattern(normalisePattern(target))
  if ('rule' in pattern) return everything
  const { places, repetitions } = pattern
  let text = ''
  for (const [at, place] of places.entries()) {
    if (repetitions[at] !== undefined || place.is !== 'character') break
    text += place.character
  }
  const isWhole = text.length === places.length && repetitions.every((each) => each === undefined)
  if (isWhole || text.includes('?')) return { path: pathOf(text), wide: false }
  // A construct may complete an escape, and a cache may compare it with a URL as its visitor spelled it.
  return { path: text.replace(/%[0-9a-f]?$/i, ''), wide: true }
}

/**
 * Whether a caller may do something to all of what is asked. The default is no, and a Deny wins. The
 * owner of an account is not subject to policies, nor is the system.
 *
 * Where something reaches more than one path or cache, an Allow has to hold for all of it, and a Deny
 * for any of it. Each reach is decided by itself, as if it were all that was submitted.
 *
 * @param asked names of resources, or more about what is asked; an empty list asks for `*`
 */
export function evaluate(
  caller: Caller,
  action: string,
  asked: readonly (string | Asked)[],
  nowMs = Date.now(),
): Decision {
  if (caller.role !== 'user') return { allowed: true, by: null }
  const held = heldOn(caller, action)
  const facts = factsOf(caller, nowMs)
  let by: StatementRef | null = null
  for (const [at, one] of (asked.length === 0 ? ['*'] : asked).entries()) {
    const decision = decide(held, facts, typeof one === 'string' ? { resource: one } : one)
    if (!decision.allowed) return { ...decision, at }
    by ??= decision.by
  }
  return { allowed: true, by }
}

/** The places of those reaches that a caller is refused; with one decision for all of them, all or none. */
export function refusedReaches(caller: Caller, action: string, asked: Asked, nowMs: number): number[] {
  if (caller.role !== 'user') return []
  const { reaches = [], ...rest } = asked
  const held = heldOn(caller, action)
  const facts = factsOf(caller, nowMs)
  const first = decide(held, facts, asked)
  if (first.allowed) return []
  if (first.reach === undefined) return reaches.map((_, at) => at)
  return reaches.flatMap((reach, at) =>
    decide(held, facts, { ...rest, reaches: [reach] }).allowed ? [] : [at],
  )
}

/** The statements of all policies of a caller that are about an action. */
function heldOn({ policies }: Caller, action: string): Held[] {
  const held: Held[] = []
  for (const policy of policies)
    for (const statement of statementsOn(policy.document, action)) held.push({ policy, statement })
  return held
}

function refOf({ policy: { name, group }, statement: { index } }: Held): StatementRef {
  return { policy: name, statement: index, group }
}

const refOrNull = (held: Held | undefined) => (held ? refOf(held) : null)

type OneDecision = { allowed: true; by: StatementRef | null } | Omit<Decision & { allowed: false }, 'at'>

function decide(held: readonly Held[], common: Facts, asked: Asked): OneDecision {
  const facts = { ...common, ...factsOfAsked(asked) }
  const denies: Held[] = []
  const allows: Held[] = []
  let allowed: Held | undefined
  for (const one of held) {
    const { statement } = one
    if (!isOn(statement, facts, asked)) continue
    if (statement.paths.length > 0) (statement.isDeny ? denies : allows).push(one)
    else if (statement.isDeny) return refusal(one)
    else allowed ??= one
  }
  const { reaches = [] } = asked
  if (reaches.length > 0 && denies.length + allows.length > 0)
    return decideReaches(reaches, { denies, allows, allowed })
  return allowed ? { allowed: true, by: refOf(allowed) } : refusal(undefined)
}

const isDeny = ({ statement }: Held) => statement.isDeny
const isAllow = ({ statement }: Held) => !statement.isDeny

function refusal(denied: Held | undefined, reach?: number): OneDecision {
  const decision = { allowed: false, denial: denied ? 'ExplicitDeny' : 'ImplicitDeny' } as const
  return { ...decision, by: refOrNull(denied), ...(reach === undefined ? {} : { reach }) }
}

/** Decides reach by reach, where `allowed` allows all of them as far as nothing denies them. */
function decideReaches(
  reaches: readonly Reach[],
  { denies, allows, allowed }: { denies: Held[]; allows: Held[]; allowed: Held | undefined },
): OneDecision {
  const findDeny = finder(denies, reaches.length)
  const findAllow = finder(allows, reaches.length)
  let last = allowed
  for (const [index, { path, wide }] of reaches.entries()) {
    const reach = { path: spellPath(path), wide }
    const denied = findDeny(reach)
    if (denied) return refusal(denied, index)
    // Lines that follow one another are mostly of one place.
    const isSame = last !== undefined && isOnReach(last.statement, reach)
    last = allowed ?? (isSame ? last : findAllow(reach))
    if (!last) return refusal(undefined, index)
  }
  return { allowed: true, by: refOrNull(last) }
}

type Find = (reach: Reach) => Held | undefined

/**
 * What finds the first statement that is about a reach. For many reaches it looks up the beginnings of a
 * path instead of asking each statement: 10,000 paths and 1,000 statements are ten million questions.
 */
function finder(held: readonly Held[], count: number): Find {
  const ask: Find = (reach) => held.find(({ statement }) => isOnReach(statement, reach))
  if (count < 20) return ask
  const byHead = new Map<string, Held[]>()
  for (const one of held)
    for (const head of one.statement.paths[0]?.heads ?? ['']) {
      const others = byHead.get(head)
      if (others) others.push(one)
      else byHead.set(head, [one])
    }
  const lengths = [...new Set([...byHead.keys()].map((head) => head.length))]
  return (reach) => {
    if (reach.wide) return ask(reach)
    for (const length of lengths) {
      const found = byHead
        .get(reach.path.slice(0, length))
        ?.find(({ statement }) => isOnReach(statement, reach))
      if (found) return found
    }
    return undefined
  }
}

function factsOfAsked({ method, mode, lineCount }: Asked): Facts {
  return { 'freshet:Method': method, 'freshet:Mode': mode, 'freshet:LineCount': lineCount }
}

/** Whether a statement is about a resource and all that it asks holds, as far as no path is concerned. */
function isOn(statement: CompiledStatement, facts: Facts, { resource, caches }: Asked): boolean {
  if (!statement.resource.holds(resource)) return false
  for (const condition of statement.conditions) if (!condition.holds(facts)) return false
  return isOnCaches(statement, caches ?? [])
}

function isOnCaches({ caches: conditions, isDeny }: CompiledStatement, caches: readonly string[]): boolean {
  if (conditions.length === 0) return true
  const fits = (cache: string) => conditions.every((condition) => condition.holds(cache))
  return isDeny ? caches.some(fits) : caches.length > 0 && caches.every(fits)
}

/** Whether what a line reaches is what a statement with these paths is about. */
export function pathTest(effect: 'Allow' | 'Deny', paths: readonly string[]): (reach: Reach) => boolean {
  const condition = compileSetCondition('StringLike', 'freshet:Path', paths)
  const statement = { paths: [condition], isDeny: effect === 'Deny' }
  return ({ path, wide }) => isOnReach(statement, { path: spellPath(path), wide })
}

function isOnReach(
  { paths, isDeny }: Pick<CompiledStatement, 'paths' | 'isDeny'>,
  { path, wide }: Reach,
): boolean {
  for (const condition of paths) {
    const quantified = isDeny ? condition.holdsForSome : condition.holdsForAll
    const holds = wide ? quantified : condition.holds
    if (!holds(path)) return false
  }
  return true
}

/** A statement that is about what was asked, whether it took effect, and the keys whose conditions did not hold. */
export type Considered = {
  by: StatementRef
  effect: 'Allow' | 'Deny'
  applies: boolean
  failed: string[]
}

/** Why a caller may do something or not: the decision, and every statement about this action and resource. */
export function explain(
  caller: Caller,
  action: string,
  asked: Asked,
  nowMs: number,
): { decision: Decision; considered: Considered[] } {
  const facts = { ...factsOf(caller, nowMs), ...factsOfAsked(asked) }
  const considered = heldOn(caller, action)
    .filter(({ statement }) => statement.resource.holds(asked.resource))
    .map((held): Considered => {
      const failed = [...new Set(failedKeys(held.statement, facts, asked))]
      const effect = held.statement.isDeny ? 'Deny' : 'Allow'
      return { by: refOf(held), effect, applies: appliesTo(held.statement, facts, asked), failed }
    })
  return { decision: evaluate(caller, action, [asked], nowMs), considered }
}

function appliesTo(statement: CompiledStatement, facts: Facts, asked: Asked): boolean {
  if (!isOn(statement, facts, asked)) return false
  if (statement.paths.length === 0) return true
  const reaches = (asked.reaches ?? []).map(({ path, wide }) => ({ path: spellPath(path), wide }))
  const fits = (reach: Reach) => isOnReach(statement, reach)
  return statement.isDeny ? reaches.some(fits) : reaches.length > 0 && reaches.every(fits)
}

function failedKeys(statement: CompiledStatement, facts: Facts, asked: Asked): string[] {
  const alone = (only: { paths?: SetCondition[]; caches?: SetCondition[] }) =>
    appliesTo({ ...statement, conditions: [], paths: [], caches: [], ...only }, facts, asked)
  return [
    ...statement.conditions.filter((condition) => !condition.holds(facts)),
    ...statement.paths.filter((condition) => !alone({ paths: [condition] })),
    ...statement.caches.filter((condition) => !alone({ caches: [condition] })),
  ].map(({ key }) => key)
}

/** Whether something can be done: always, as far as conditions hold that are asked later, or not. */
export type Standing = 'yes' | 'partly' | 'no'

/** A statement and whether it is sure to take effect, for nothing of it is asked later. */
type Possible = Held & { isSure: boolean }

/** The statements that can take effect, where what is in `open` is not known yet. */
function possibleOn(caller: Caller, action: string, facts: Facts, open: ReadonlySet<string>): Possible[] {
  return heldOn(caller, action).flatMap((held) => {
    const { conditions, paths, caches } = held.statement
    const isOpen = ({ key }: { key: string }) => open.has(key)
    const all = [...conditions, ...paths, ...caches]
    const holds =
      conditions.every((condition) => isOpen(condition) || condition.holds(facts)) &&
      [...paths, ...caches].every(isOpen)
    return holds ? [{ ...held, isSure: !all.some(isOpen) }] : []
  })
}

/** What a request for the action will say of itself that is not known before. */
function askedLater(action: string): ReadonlySet<string> {
  return new Set(Object.hasOwn(actions, action) ? actions[action as ActionName].conditions : [])
}

function standingOn(possible: readonly Possible[], resource: string): Standing {
  let standing: Standing = 'no'
  let isCut = false
  for (const { statement, isSure } of possible) {
    if (standing === 'yes' && !statement.isDeny) continue
    if (!statement.resource.holds(resource)) continue
    if (statement.isDeny && isSure) return 'no'
    if (statement.isDeny) isCut = true
    else standing = isSure ? 'yes' : 'partly'
  }
  return standing === 'yes' && isCut ? 'partly' : standing
}

/**
 * Whether a caller may do something to something: what a page asks before it offers it. A condition on
 * what is submitted counts as one that can be met.
 */
export function mayAnywhere(caller: Caller, action: string, nowMs = Date.now()): boolean {
  if (caller.role !== 'user') return true
  const possible = possibleOn(caller, action, factsOf(caller, nowMs), askedLater(action))
  const extent = ({ statement }: Held) => extentOf(statement, action, caller.accountId)
  if (possible.some((each) => isDeny(each) && each.isSure && extent(each) === 'all')) return false
  return possible.some((each) => isAllow(each) && extent(each) !== 'none')
}

/** Those domains on which a caller may do something, if only sometimes: what lists show is filtered by it. */
export function coveredDomains(
  caller: Caller,
  action: string,
  domains: readonly string[],
  accountId: number,
  nowMs = Date.now(),
): string[] {
  if (caller.role !== 'user') return [...domains]
  const possible = possibleOn(caller, action, factsOf(caller, nowMs), askedLater(action))
  return domains.filter((domain) => standingOn(possible, domainResource(accountId, domain)) !== 'no')
}

/** What people call the actions that matter most. */
export const verbs = {
  see: 'dcdn:DescribeDcdnRefreshTasks',
  purge: 'dcdn:RefreshDcdnObjectCaches',
  prefetch: 'dcdn:PreloadDcdnObjectCaches',
} as const satisfies Record<string, ActionName>

export type Verb = keyof typeof verbs

/** What differs from one request of the same caller to the next. */
const changing = ['acs:SourceIp', 'acs:SecureTransport', 'freshet:Weekday']

/** What a caller may do on each domain; `partly` where it depends on what is submitted, from where and on which day. */
export function summarise(
  caller: Caller,
  domains: readonly string[],
  nowMs: number,
): ({ domain: string } & Record<Verb, Standing>)[] {
  const facts = factsOf(caller, nowMs)
  const standing = (verb: Verb): ((domain: string) => Standing) => {
    if (caller.role !== 'user') return () => 'yes'
    const open = new Set([...changing, ...askedLater(verbs[verb])])
    const possible = possibleOn(caller, verbs[verb], facts, open)
    return (domain) => standingOn(possible, domainResource(caller.accountId, domain))
  }
  const [see, purge, prefetch] = [standing('see'), standing('purge'), standing('prefetch')]
  return domains.map((domain) => {
    return { domain, see: see(domain), purge: purge(domain), prefetch: prefetch(domain) }
  })
}
