import type { Caller } from '#lib/core/caller.ts'
import { coveredDomains, evaluate, verbs } from '#lib/core/policy.ts'
import type { RecordFilter } from '#lib/core/records.ts'
import { domainResource } from '#lib/core/resource-name.ts'
import type { Scope } from '#lib/core/scope.ts'
import { readDomainNames } from '#lib/store/domains.ts'

/**
 * Whose records a caller may read: of all domains of the account, or of those that the caller's policies
 * let see. What is asked for by its number may also be seen by who may purge or prefetch its domain, since
 * RAM has no domain in such a request; but a Deny of seeing wins here too.
 */
export async function scopeOf(caller: Caller, asked: 'list' | 'number' = 'list'): Promise<Scope> {
  const { accountId, role } = caller
  if (role !== 'user') return { accountId, domains: null }
  const names = await readDomainNames(accountId)
  const covered = (action: string) => coveredDomains(caller, action, names, accountId)
  const others = asked === 'list' ? [] : [verbs.purge, verbs.prefetch].flatMap(covered)
  const seen = new Set([...covered(verbs.see), ...others.filter((name) => !isHidden(caller, name))])
  return { accountId, domains: seen.size === names.length ? null : [...seen] }
}

/** Whether a statement denies to see the tasks of a domain. */
function isHidden(caller: Caller, domain: string): boolean {
  const decision = evaluate(caller, verbs.see, [domainResource(caller.accountId, domain)])
  return !decision.allowed && decision.denial === 'ExplicitDeny'
}

/** What a list of records asks for: the domain that it names, or what the caller may see of all. */
export function recordsOf({ accountId }: Caller, { domain }: RecordFilter): string[] | 'anywhere' {
  return domain === undefined ? 'anywhere' : [domainResource(accountId, domain)]
}

/** What a caller may do and see, as a text that is another one as soon as any of it has changed. */
export async function sightOfCaller(caller: Caller): Promise<string> {
  const { role, policies } = caller
  return JSON.stringify([role, policies, await scopeOf(caller)])
}
