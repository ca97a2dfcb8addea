import { domainResource, freshetResource } from './resource-name.ts'

/** What a condition may ask of a submission; a request that is none has none of them. */
export type SubmissionKey =
  | 'freshet:Method'
  | 'freshet:Path'
  | 'freshet:Mode'
  | 'freshet:LineCount'
  | 'freshet:Cache'

type ResourceKind =
  | '*'
  | 'domain'
  | 'cache'
  | 'user'
  | 'group'
  | 'policy'
  | 'key'
  | 'quota'
  | 'view'
  | 'records'
  | 'overview'
  | 'audit'
  | 'account'
  | 'request'

type Action = { resource: ResourceKind; level: 'read' | 'write'; conditions: readonly SubmissionKey[] }

const read = (resource: ResourceKind): Action => ({ resource, level: 'read', conditions: [] })
const write = (resource: ResourceKind): Action => ({ resource, level: 'write', conditions: [] })
const submit = (level: Action['level']): Action => ({
  resource: 'domain',
  level,
  conditions: ['freshet:Method', 'freshet:Path', 'freshet:Mode', 'freshet:LineCount', 'freshet:Cache'],
})

/**
 * Everything that a policy can grant: what it acts on, whether it changes anything, and which keys of
 * ours its requests have. A resource `*` has no name: only a statement on `*` grants it.
 *
 * @see the vendor's page on the RAM authorization of DCDN, for the first eight
 */
export const actions = {
  'dcdn:RefreshDcdnObjectCaches': submit('write'),
  'dcdn:RefreshDcdnObjectCacheByCacheTag': submit('write'),
  'dcdn:PreloadDcdnObjectCaches': submit('write'),
  'dcdn:DescribeDcdnRefreshTasks': read('domain'),
  'dcdn:DescribeDcdnUserDomains': read('domain'),
  'dcdn:DescribeDcdnRefreshTaskById': read('*'),
  'dcdn:DescribeDcdnRefreshQuota': read('*'),
  'dcdn:DescribeDcdnUserQuota': read('*'),
  'freshet:PreviewSubmission': submit('read'),
  'freshet:ReadSitemap': read('domain'),
  'freshet:SaveDomain': write('domain'),
  'freshet:RemoveDomain': write('domain'),
  'freshet:ListCaches': read('cache'),
  'freshet:ProbeCache': read('cache'),
  'freshet:TryCache': write('cache'),
  'freshet:SaveCache': write('cache'),
  'freshet:RemoveCache': write('cache'),
  'freshet:ListQuotaRequests': read('quota'),
  'freshet:RequestQuota': write('quota'),
  'freshet:DecideQuota': write('quota'),
  'freshet:SaveLimits': write('quota'),
  'freshet:DescribeOverview': read('overview'),
  'freshet:ListViews': read('view'),
  'freshet:SaveView': write('view'),
  'freshet:RemoveView': write('view'),
  'freshet:DescribeRetention': read('records'),
  'freshet:SaveRetention': write('records'),
  'freshet:RemoveDemo': write('account'),
  'freshet:ListUsers': read('user'),
  'freshet:SaveUser': write('user'),
  'freshet:DisableUser': write('user'),
  'freshet:ListSessions': read('user'),
  'freshet:EndSession': write('user'),
  'freshet:ListGroups': read('group'),
  'freshet:SaveGroup': write('group'),
  'freshet:RemoveGroup': write('group'),
  'freshet:ListPolicies': read('policy'),
  'freshet:SavePolicy': write('policy'),
  'freshet:RemovePolicy': write('policy'),
  'freshet:AttachPolicy': write('policy'),
  'freshet:GrantAccess': write('policy'),
  'freshet:SimulatePolicy': read('policy'),
  'freshet:ListAccessKeys': read('key'),
  'freshet:CreateAccessKey': write('key'),
  'freshet:ChangeAccessKey': write('key'),
  'freshet:DeleteAccessKey': write('key'),
  'freshet:ListAccessRequests': read('request'),
  'freshet:RequestAccess': write('request'),
  'freshet:DecideAccess': write('request'),
  'freshet:ListAudit': read('audit'),
  'freshet:ExportAudit': read('audit'),
} as const satisfies Record<string, Action>

export type ActionName = keyof typeof actions

/** Their names, in the order of the table. */
export const actionNames = Object.keys(actions) as ActionName[]

/** Of what an account has one, so that it needs no name. */
const nameless: ReadonlySet<ResourceKind> = new Set(['records', 'overview', 'audit', 'account'])

/** The resource that an action is asked for: of one thing by its name, or with `*` of all of the kind. */
export function resourcePattern(action: ActionName, accountId: number, name: string): string {
  const { resource } = actions[action]
  if (resource === '*') return '*'
  if (resource === 'domain') return domainResource(accountId, name)
  return freshetResource(accountId, nameless.has(resource) ? resource : `${resource}/${name}`)
}
