import { type ActionName, actionNames, actions, resourcePattern, type SubmissionKey } from './actions.ts'
import type { Caller } from './caller.ts'
import { mayAnywhere } from './policy.ts'
import { conditionKeys, factsOf } from './policy-conditions.ts'
import { isKnownAction, type PolicyDocument, type PolicyPath, type Statement } from './policy-document.ts'
import { type CompiledStatement, extentOf, statementsOn } from './policy-statements.ts'
import { domainResource } from './resource-name.ts'
import { covers, wildcard } from './wildcard.ts'

/**
 * What is allowed to be written and yet hardly meant. In the detail:
 *
 * - `wrong-resource`: actions that a statement allows on resources that they are never asked for
 * - `denied-anyway`: the place, from 0, of the Deny that leaves nothing of an Allow
 * - `no-domain`: a resource that is no domain of the account now
 * - `catches-author`: what the author may do now and would not, were the policy theirs
 * - `key-absent`: a key that no request for these actions has, so that the statement never takes effect
 * - `key-absent-for`: actions of the statement whose requests do not have the key
 * - `mfa-absent`: acs:MFAPresent, which is false for everybody
 * - `unknown-service`: an action of a service that is not here
 * - `unknown-action`: one that the vendor may have, and that nothing here asks for
 */
export type PolicyWarningCode =
  | 'wrong-resource'
  | 'denied-anyway'
  | 'no-domain'
  | 'catches-author'
  | 'key-absent'
  | 'key-absent-for'
  | 'mfa-absent'
  | 'unknown-service'
  | 'unknown-action'

/** `offer` is a statement that would make it right. */
export type PolicyWarning = {
  path: PolicyPath
  code: PolicyWarningCode
  detail: string
  offer?: Statement
}

type Ground = { author?: Caller; domains: readonly string[]; accountId: number }

/** A statement of the document, and what of our actions it is about. */
type Part = { statement: Statement; at: number; names: ActionName[]; path: PolicyPath }

/** Warns of what a policy says in vain, or more widely than its author would like. */
export function lint(document: PolicyDocument, ground: Ground): PolicyWarning[] {
  const parts = document.Statement.map((statement, at): Part => {
    const names = actionNames.filter((name) => compiledOn(document, name, at) !== undefined)
    return { statement, at, names, path: ['Statement', at] }
  })
  return parts.flatMap((part) => [
    ...unknownServices(part),
    ...wrongResources(document, part, ground),
    ...deniedAnyway(parts, part),
    ...withoutDomain(part, ground),
    ...absentKeys(part),
    ...catchingAuthor(document, part, ground),
  ])
}

function compiledOn(document: PolicyDocument, action: string, at: number): CompiledStatement | undefined {
  return statementsOn(document, action).find(({ index }) => index === at)
}

function unknownServices({ statement: { Action = [], NotAction = [] }, path }: Part): PolicyWarning[] {
  const member = Action.length > 0 ? 'Action' : 'NotAction'
  return [...Action, ...NotAction].flatMap((written, place): PolicyWarning[] => {
    const [, service] = /^([\w-]+):/.exec(written) ?? []
    if (service === undefined || isKnownAction(written)) return []
    const where = [...path, member, place]
    return /^(dcdn|freshet)$/i.test(service)
      ? [{ path: where, code: 'unknown-action', detail: written }]
      : [{ path: where, code: 'unknown-service', detail: service }]
  })
}

/** Most often it is what the vendor asks for on `*` alone, in a statement that names domains. */
function wrongResources(
  document: PolicyDocument,
  { statement: { Effect, Action = [] }, at, path }: Part,
  { accountId }: Ground,
): PolicyWarning[] {
  if (Effect === 'Deny') return []
  const isAllowed = (name: ActionName) =>
    statementsOn(document, name).some((each) => !each.isDeny && extentOf(each, name, accountId) !== 'none')
  return Action.flatMap((written, place) => {
    const { fits } = wildcard(written.toLowerCase())
    const names = actionNames.filter((name) => {
      // A wildcard takes in much that nobody thinks of.
      const isMeant = name.toLowerCase() === written.toLowerCase() || actions[name].resource === '*'
      return isMeant && fits(name.toLowerCase()) && !isAllowed(name)
    })
    if (names.length === 0) return []
    const Resource = [...new Set(names.map((name) => resourcePattern(name, accountId, '*')))]
    const offer: Statement = { Effect: 'Allow', Action: names, Resource }
    const where = [...path, 'Action', place]
    return [{ path: where, code: 'wrong-resource', detail: names.join(', '), offer }]
  })
}

function deniedAnyway(parts: readonly Part[], { statement, path }: Part): PolicyWarning[] {
  if (statement.Effect === 'Deny') return []
  const deny = parts.find(
    (other) => other.statement.Effect === 'Deny' && leavesNothing(other.statement, statement),
  )
  return deny ? [{ path, code: 'denied-anyway', detail: String(deny.at) }] : []
}

/** As far as that can be told from the names alone. */
function leavesNothing(deny: Statement, allow: Statement): boolean {
  const isAlways = Object.values(deny.Condition ?? {}).every((byKey) => Object.keys(byKey).length === 0)
  const coversAll = (wide: string[] = [], narrow: string[] = []) =>
    narrow.length > 0 && narrow.every((one) => wide.some((each) => covers(each, one)))
  const lower = (names: string[] = []) => names.map((name) => name.toLowerCase())
  return (
    isAlways && coversAll(lower(deny.Action), lower(allow.Action)) && coversAll(deny.Resource, allow.Resource)
  )
}

function withoutDomain({ statement, path }: Part, { domains, accountId }: Ground): PolicyWarning[] {
  const names = domains.map((domain) => domainResource(accountId, domain))
  return (['Resource', 'NotResource'] as const).flatMap((member) =>
    (statement[member] ?? []).flatMap((written, place): PolicyWarning[] => {
      const isDomain = /^acs:[^:]*:[^:]*:[^:]*:domain\//.test(written)
      if (!isDomain || names.some(wildcard(written).fits)) return []
      return [{ path: [...path, member, place], code: 'no-domain', detail: written }]
    }),
  )
}

function absentKeys({ statement: { Condition = {}, Action = [] }, names, path }: Part): PolicyWarning[] {
  const entries = Object.entries(Condition).flatMap(([operator, byKey]) =>
    Object.keys(byKey).map((key) => ({ key, path: [...path, 'Condition', operator, key] })),
  )
  const written = new Set(Action.map((each) => each.toLowerCase()))
  return entries.flatMap(({ key, path: place }): PolicyWarning[] => {
    if (key === 'acs:MFAPresent') return [{ path: place, code: 'mfa-absent', detail: key }]
    if (!Object.hasOwn(conditionKeys, key)) return [{ path: place, code: 'key-absent', detail: key }]
    if (!isSubmissionKey(key)) return []
    const without = names.filter((name) => !actions[name].conditions.some((each) => each === key))
    if (without.length === names.length) return [{ path: place, code: 'key-absent', detail: key }]
    const named = without.filter((name) => written.has(name.toLowerCase()))
    return named.length === 0 ? [] : [{ path: place, code: 'key-absent-for', detail: named.join(', ') }]
  })
}

const isSubmissionKey = (key: string): key is SubmissionKey =>
  actions['dcdn:RefreshDcdnObjectCaches'].conditions.some((each) => each === key)

/** Who writes a Deny may be among those that it is for. A condition that can hold later counts. */
function catchingAuthor(
  document: PolicyDocument,
  { statement, at, names, path }: Part,
  { author, accountId }: Ground,
): PolicyWarning[] {
  if (statement.Effect === 'Allow' || author?.role !== 'user') return []
  const facts = factsOf(author, 0)
  const isOfAuthor = ['acs:SourceIp', 'acs:SecureTransport', 'acs:MFAPresent']
  const caught = names.filter((name) => {
    const compiled = compiledOn(document, name, at)
    const holds = compiled?.conditions.every(({ key, holds }) => {
      // What is not here at all holds never.
      return isOfAuthor.includes(key) || !Object.hasOwn(conditionKeys, key) ? holds(facts) : true
    })
    return (
      holds &&
      extentOf(compiled as CompiledStatement, name, accountId) !== 'none' &&
      mayAnywhere(author, name)
    )
  })
  return caught.length === 0 ? [] : [{ path, code: 'catches-author', detail: caught.join(', ') }]
}
