import { randomUUID } from 'node:crypto'
import type { Caller } from '#lib/core/caller.ts'
import { noRequest } from '#lib/core/caller.ts'
import { db } from '#lib/store/client.ts'
import { changeAccessKey, createAccessKey, deleteAccessKey, listAccessKeys } from './access-keys.ts'
import {
  decideAccess,
  listAccessRequests,
  listOwnRequests,
  requestAccess,
  withdrawAccess,
} from './access-requests.ts'
import { describeOverview } from './describe-overview.ts'
import { describeLinesById, describeRefreshLines, describeTaskProgress } from './describe-refresh-lines.ts'
import { describeRefreshQuota, listQuotaRequests } from './describe-refresh-quota.ts'
import {
  describeRefreshTaskById,
  describeRefreshTasks,
  listLines,
  readTaskText,
} from './describe-refresh-tasks.ts'
import { exportRecords } from './export-records.ts'
import { lineHistory } from './line-history.ts'
import { listCaches } from './list-caches.ts'
import { listCalls } from './list-calls.ts'
import { countRecords, listRecords } from './list-records.ts'
import { previewSubmission } from './preview-submission.ts'
import { describeProbe, probeCache } from './probe-cache.ts'
import { recentLines } from './recent-lines.ts'
import { refreshObjectCaches } from './refresh-object-caches.ts'
import { decideQuota, requestQuota, withdrawQuotaRequest } from './request-quota.ts'
import { retryLines } from './retry-lines.ts'
import { removeCache, saveCache, tryCache } from './save-cache.ts'
import { listDomains, removeDomain, saveDomain } from './save-domain.ts'
import { listGroups, removeGroup, saveGroup } from './save-group.ts'
import {
  attachPolicies,
  grantAccess,
  listPolicies,
  listPolicyVersions,
  removePolicy,
  savePolicy,
} from './save-policy.ts'
import { addUser, disableUser, inviteAgain, listUsers } from './save-user.ts'
import { listViews, removeView, saveView } from './saved-views.ts'
import { simulatePolicy, summariseRights } from './simulate-policy.ts'
import { watchTasks } from './watch-tasks.ts'

/** Numbers and names of what an account has; every name holds the account's own mark. */
type Belongings = {
  caller: Caller
  mark: string
  cache: number
  domain: string
  domainId: number
  user: number
  group: number
  policy: string
  key: string
  request: number
  quotaRequest: number
  view: number
  probe: string
  task: string
  submission: string
}

const secret = 'sixteen-characters'
const document = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"dcdn:Describe*","Resource":"*"}]}'

/** Makes an account that has one of everything. */
export async function furnish(): Promise<Belongings> {
  const mark = `m${randomUUID().slice(0, 8)}`
  const { id: accountId } = await db().account.create({ data: { name: mark } })
  const owner = await db().user.create({ data: { accountId, name: `${mark}-owner`, role: 'owner' } })
  const base = { accountId, source: 'console', address: '192.0.2.1', ...noRequest } as const
  const caller: Caller = { ...base, userId: owner.id, name: owner.name, role: 'owner', policies: [] }
  const domain = `${mark}.test`
  const cache = await saveCache(caller, {
    name: mark,
    kind: 'edge',
    address: 'http://one:80',
    tier: 'edge',
    secret,
  })
  const { id: domainId } = await saveDomain(caller, { name: domain, cacheIds: [cache.id] })
  const user = await addUser(caller, { name: `${mark}-user`, policy: 'FreshetReadOnlyAccess' })
  const group = await saveGroup(caller, { name: `${mark}-group`, userIds: [user.id] })
  const policy = `${mark}-policy`
  await savePolicy(caller, { name: policy, text: document })
  const key = await createAccessKey(caller, { userId: user.id })
  const asker: Caller = { ...caller, userId: user.id, name: user.name }
  await requestQuota(asker, { pool: 'url', wanted: 20_000, until: null, reason: mark, peakMbps: null })
  const request = await requestAccess(asker, { can: 'purge', domain, reason: mark })
  await saveView(caller, { name: `${mark}-view`, query: `domain=${domain}` })
  const { probeId } = await probeCache(caller, { id: cache.id })
  const line = `https://${domain}/${mark}`
  const sent = await refreshObjectCaches(caller, {
    ...{ text: line, method: 'url', mode: 'hard', note: mark, key: randomUUID() },
  })
  const [view, asked] = await Promise.all([listViews(caller, {}), listQuotaRequests(caller, {})])
  return {
    ...{
      caller,
      mark,
      cache: cache.id,
      domain,
      domainId,
      user: user.id,
      group: group.id,
      policy,
      key: key.id,
    },
    ...{ request: request.id, quotaRequest: asked[0]?.id ?? 0, view: view[0]?.id ?? 0, probe: probeId },
    ...{ task: sent.taskIds[0] ?? '', submission: sent.submissionId },
  }
}

type Probe = (of: Caller, other: Belongings) => Promise<unknown>
const page = { offset: 0, limit: 50 }

/** Everything that can be asked for with a number, a name or a cursor of somebody else, and every list. */
const probes: Record<string, Probe> = {
  tasks: (of, { task }) => describeRefreshTasks(of, { ids: [task] }),
  submission: (of, { submission }) => describeRefreshTasks(of, { submissionId: submission }),
  task: (of, { task }) => describeRefreshTaskById(of, { id: task }),
  lines: (of, { task }) => listLines(of, { taskId: task }),
  text: (of, { task }) => readTaskText(of, { id: task }),
  records: (of) => listRecords(of, { filter: {} }),
  'records by domain': (of, { domain }) => listRecords(of, { filter: { domain } }),
  'records by cache': (of, { mark }) => listRecords(of, { filter: { cache: mark } }),
  'records by note': (of, { mark }) => listRecords(of, { filter: { note: mark } }),
  'records by user': (of, { caller }) => listRecords(of, { filter: { user: caller.name } }),
  'records by task': (of, { task }) => listRecords(of, { filter: { task } }),
  'records by text': (of, { mark }) => listRecords(of, { filter: { url: mark } }),
  'records behind a cursor': (of, { task }) =>
    listRecords(of, { filter: {}, before: String(BigInt(task) + 1n) }),
  count: (of, { domain }) => countRecords(of, { domain }),
  export: async (of, { mark }) => Array.fromAsync(await exportRecords(of, { note: mark })),
  'export of all': async (of) => Array.fromAsync(await exportRecords(of, {})),
  'lines for the API': (of) => describeRefreshLines(of, page),
  'lines of a task': (of, { task }) => describeRefreshLines(of, { taskId: task, ...page }),
  'lines of a domain': (of, { domain }) => describeRefreshLines(of, { domain, ...page }),
  'a line': (of, { domain, mark }) =>
    describeRefreshLines(of, { text: `https://${domain}/${mark}`, ...page }),
  'lines by number': (of, { task }) => describeLinesById(of, { ids: [task] }),
  progress: (of, { task }) => describeTaskProgress(of, { ids: [task] }),
  'calls of a key': (of, { key }) => listCalls(of, { keyId: key }),
  'recent lines': (of) => recentLines(of, { domains: ['*'] }),
  history: (of, { domain, mark }) => lineHistory(of, { url: `https://${domain}/${mark}` }),
  retry: (of, { task }) => retryLines(of, { taskId: task, key: randomUUID() }),
  overview: (of, { cache }) => describeOverview(of, { figures: cache }),
  stream: async (of) => {
    const seen: unknown[] = []
    const leave = await watchTasks(of, (tasks) => seen.push(tasks))
    leave()
    return seen
  },
  caches: (of) => listCaches(of, {}),
  domains: (of) => listDomains(of, {}),
  users: (of) => listUsers(of, {}),
  groups: (of) => listGroups(of, {}),
  policies: (of) => listPolicies(of, {}),
  versions: (of, { policy }) => listPolicyVersions(of, { name: policy }),
  keys: (of, { user }) => listAccessKeys(of, { userId: user }),
  requests: (of) => listAccessRequests(of, {}),
  'own requests': (of) => listOwnRequests(of, {}),
  views: (of) => listViews(of, {}),
  quotas: (of) => describeRefreshQuota(of, {}),
  'quota requests': (of) => listQuotaRequests(of, {}),
  'answer to a probe': (of, { probe }) => describeProbe(of, { probeId: probe }),
  preview: (of, { domain, mark }) =>
    previewSubmission(of, { text: `https://${domain}/${mark}`, method: 'url' }),
  rights: (of, { user }) => summariseRights(of, { userId: user }),
  simulation: (of, { user, domain }) =>
    simulatePolicy(of, { userId: user, action: 'dcdn:RefreshDcdnObjectCaches', on: domain }),
  purge: (of, { domain }) =>
    refreshObjectCaches(of, { text: `https://${domain}/x`, method: 'url', mode: 'hard', key: randomUUID() }),
  'change of a cache': (of, { cache }) =>
    saveCache(of, { id: cache, name: 'mine', kind: 'edge', address: 'http://mine:80', tier: 'edge', secret }),
  'test of a cache': (of, { cache }) => probeCache(of, { id: cache }),
  'try of a cache': (of, { cache }) => tryCache(of, { id: cache }),
  'removal of a cache': (of, { cache }) => removeCache(of, { id: cache }),
  'domain on a cache': (of, { cache }) => saveDomain(of, { name: `${randomUUID()}.test`, cacheIds: [cache] }),
  'change of a domain': (of, { domain, domainId }) =>
    saveDomain(of, { id: domainId, name: domain, cacheIds: [] }),
  'removal of a domain': (of, { domainId }) => removeDomain(of, { id: domainId }),
  'disabling a user': (of, { user }) => disableUser(of, { id: user, disabled: true }),
  'link for a user': (of, { user }) => inviteAgain(of, { id: user }),
  'removal of a group': (of, { group }) => removeGroup(of, { id: group }),
  'policies of a user': (of, { user }) =>
    attachPolicies(of, { holder: { is: 'user', id: user }, policies: ['FreshetFullAccess'] }),
  'policies of a group': (of, { group }) =>
    attachPolicies(of, { holder: { is: 'group', id: group }, policies: ['FreshetFullAccess'] }),
  'grant to a user': (of, { user, domain }) =>
    grantAccess(of, { holder: { is: 'user', id: user }, domains: [domain], can: ['purge'] }),
  'removal of a policy': (of, { policy }) => removePolicy(of, { name: policy }),
  'key for a user': (of, { user }) => createAccessKey(of, { userId: user }),
  'change of a key': (of, { key }) =>
    changeAccessKey(of, { id: key, enabled: false, networks: [], expiresAt: null }),
  'deletion of a key': (of, { key }) => deleteAccessKey(of, { id: key }),
  'decision on a request': (of, { request }) => decideAccess(of, { id: request, granted: null }),
  'withdrawal of a request': (of, { request }) => withdrawAccess(of, { id: request }),
  'decision on a quota': (of, { quotaRequest }) => decideQuota(of, { id: quotaRequest, approve: false }),
  'withdrawal of a quota request': (of, { quotaRequest }) => withdrawQuotaRequest(of, { id: quotaRequest }),
  'removal of a view': (of, { view }) => removeView(of, { id: view }),
}

export const probeNames = Object.keys(probes)

/**
 * Asks in the name of one account for what another has.
 *
 * @returns what it answered as text, or the code of the fault, with whatever it knows of the other account
 */
export async function probe(
  name: string,
  of: Belongings,
  other: Belongings,
): Promise<{ answer: string; leaks: boolean }> {
  const answer = await (probes[name] as Probe)(of.caller, other).then(
    (given) => JSON.stringify(given) ?? 'nothing',
    (error) => `${error.code ?? error}`,
  )
  return { answer, leaks: answer.includes(other.mark) }
}

/** What an account has, to be compared with what it has later: nobody else may have changed any of it. */
export async function inventory({ caller }: Belongings): Promise<string> {
  const kept = [
    listCaches,
    listDomains,
    listUsers,
    listGroups,
    listPolicies,
    listAccessKeys,
    listAccessRequests,
    listViews,
    listQuotaRequests,
  ]
  return JSON.stringify(await Promise.all(kept.map((list) => list(caller, {}))))
}
