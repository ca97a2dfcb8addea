import type { ActionName } from './actions.ts'
import type { AttachedPolicy } from './policy.ts'
import type { PolicyDocument } from './policy-document.ts'

const allow = (
  ...actions: (ActionName | '*' | 'dcdn:Describe*' | 'freshet:Describe*')[]
): PolicyDocument => ({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: ['*'] }],
})

const reading = [
  'dcdn:Describe*',
  'freshet:Describe*',
  'freshet:ListCaches',
  'freshet:ListQuotaRequests',
  'freshet:ListViews',
  'freshet:PreviewSubmission',
] as const

const seeingUsers = ['freshet:ListUsers', 'freshet:ListGroups', 'freshet:ListPolicies'] as const

/** Policies that every account has; they cannot be changed. */
const documents = {
  FreshetFullAccess: allow('*'),
  FreshetPurgeAndPrefetchAccess: allow(
    ...reading,
    ...seeingUsers,
    'dcdn:RefreshDcdnObjectCaches',
    'dcdn:RefreshDcdnObjectCacheByCacheTag',
    'dcdn:PreloadDcdnObjectCaches',
    'freshet:TryCache',
    'freshet:ProbeCache',
    'freshet:ReadSitemap',
    'freshet:RequestQuota',
    'freshet:RequestAccess',
    'freshet:SaveView',
    'freshet:RemoveView',
  ),
  FreshetReadOnlyAccess: allow(...reading, ...seeingUsers, 'freshet:RequestAccess'),
  FreshetAuditorAccess: allow(
    ...reading,
    ...seeingUsers,
    'freshet:SimulatePolicy',
    'freshet:ListSessions',
    'freshet:ListAccessKeys',
    'freshet:ListAccessRequests',
    'freshet:ListAudit',
    'freshet:ExportAudit',
  ),
  FreshetUserAdminAccess: allow(
    ...seeingUsers,
    'freshet:SaveUser',
    'freshet:DisableUser',
    'freshet:ListSessions',
    'freshet:EndSession',
    'freshet:SaveGroup',
    'freshet:RemoveGroup',
    'freshet:SavePolicy',
    'freshet:RemovePolicy',
    'freshet:AttachPolicy',
    'freshet:GrantAccess',
    'freshet:SimulatePolicy',
    'freshet:ListAccessKeys',
    'freshet:CreateAccessKey',
    'freshet:ChangeAccessKey',
    'freshet:DeleteAccessKey',
    'freshet:ListAccessRequests',
    'freshet:DecideAccess',
    // What is granted is granted on these, and every page counts them.
    'dcdn:DescribeDcdnUserDomains',
    'freshet:ListCaches',
  ),
} as const satisfies Record<string, PolicyDocument>

export type SystemPolicy = keyof typeof documents

/** The names of the system policies. */
export const systemPolicies = Object.keys(documents) as [SystemPolicy, ...SystemPolicy[]]

export function isSystemPolicy(name: string): name is SystemPolicy {
  return Object.hasOwn(documents, name)
}

/** The document of a system policy; undefined where there is none of that name. */
export function systemPolicy(name: string): PolicyDocument | undefined {
  return isSystemPolicy(name) ? documents[name] : undefined
}

/** System policies by their names, as they are attached to a user. */
export function attachedSystem(names: readonly SystemPolicy[]): AttachedPolicy[] {
  return names.map((name) => ({ name, group: null, document: documents[name] }))
}
