import type { Caller } from './caller.ts'
import type { FaultDetails } from './fault.ts'

/** A statement of a policy, in the grammar of RAM: names with `*` for any run of characters. */
type Statement = { Effect: 'Allow' | 'Deny'; Action: readonly string[]; Resource: readonly string[] }
type PolicyDocument = { Version: '1'; Statement: readonly Statement[] }

const allow = (...actions: string[]): Statement => ({ Effect: 'Allow', Action: actions, Resource: ['*'] })

const reading = allow('dcdn:Describe*', 'freshet:Describe*', 'freshet:List*', 'freshet:Preview*')

/** Policies that every deployment has. @see the vendor's page on the structure of RAM policies */
const systemDocuments = {
  FreshetFullAccess: { Version: '1', Statement: [allow('*')] },
  FreshetPurgeAndPrefetchAccess: {
    Version: '1',
    Statement: [
      reading,
      allow(
        'dcdn:RefreshDcdnObjectCaches',
        'dcdn:PreloadDcdnObjectCaches',
        'freshet:TryCache',
        'freshet:ProbeCache',
        'freshet:ReadSitemap',
        'freshet:RequestQuota',
        'freshet:SaveView',
        'freshet:RemoveView',
      ),
    ],
  },
  FreshetReadOnlyAccess: { Version: '1', Statement: [reading] },
} as const satisfies Record<string, PolicyDocument>

export type SystemPolicy = keyof typeof systemDocuments

/** The names of the system policies, the widest first. */
export const systemPolicies = Object.keys(systemDocuments) as [SystemPolicy, ...SystemPolicy[]]

export type Decision = { allowed: true } | { allowed: false; details: FaultDetails }

/**
 * Whether a caller may act on all of these resources; the default is no, and a Deny wins. The owner of
 * an account is not subject to policies.
 */
export function evaluate(caller: Caller, action: string, resources: readonly string[]): Decision {
  if (caller.role !== 'user') return { allowed: true }
  const statements = caller.policies.flatMap((name): readonly Statement[] => systemDocuments[name].Statement)
  const refused = resources.find((resource) => !isAllowed(statements, action, resource))
  if (refused === undefined && resources.length > 0) return { allowed: true }
  if (refused === undefined && isAllowed(statements, action, '*')) return { allowed: true }
  return {
    allowed: false,
    details: { action, resource: refused ?? '*', policies: caller.policies.join(', ') },
  }
}

/** Whether a caller may do something somewhere: what a page asks before it offers it. */
export function mayAnywhere(caller: Caller, action: string): boolean {
  return evaluate(caller, action, ['*']).allowed
}

function isAllowed(statements: readonly Statement[], action: string, resource: string): boolean {
  const concerns = ({ Action, Resource }: Statement) =>
    // RAM compares actions without regard to case.
    Action.some((each) => fits(each.toLowerCase(), action.toLowerCase())) &&
    Resource.some((each) => fits(each, resource))
  const concerned = statements.filter(concerns)
  return concerned.length > 0 && concerned.every(({ Effect }) => Effect === 'Allow')
}

/** Whether a name fits one with `*` for any run and `?` for any one character. */
function fits(pattern: string, name: string): boolean {
  // Characters of the name from where the last asterisk may take one more.
  let [at, place, asterisk, from] = [0, 0, -1, 0]
  while (at < name.length) {
    if (pattern[place] === '*') {
      asterisk = place
      place += 1
      from = at
    } else if (place < pattern.length && (pattern[place] === '?' || pattern[place] === name[at])) {
      at += 1
      place += 1
    } else if (asterisk >= 0) {
      from += 1
      at = from
      place = asterisk + 1
    } else return false
  }
  return /^\**$/.test(pattern.slice(place))
}
