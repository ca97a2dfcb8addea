import type { ActionName } from '#lib/core/actions.ts'
import type { Caller } from '#lib/core/caller.ts'
import { regions } from '#lib/core/capabilities.ts'
import { modes } from '#lib/core/command.ts'
import { Fault } from '#lib/core/fault.ts'
import type { Method } from '#lib/core/line.ts'
import type { CallName, PoolState } from '#lib/core/quota.ts'
import { type CacheProgress, isTaskId, type TaskSnapshot } from '#lib/core/task.ts'
import {
  describeLinesById,
  describeRefreshLines,
  describeTaskProgress,
  type LineRecord,
  type LineStatus,
} from '#lib/operations/describe-refresh-lines.ts'
import { describeRefreshQuota, describeUserQuota } from '#lib/operations/describe-refresh-quota.ts'
import { preloadObjectCaches } from '#lib/operations/preload-object-caches.ts'
import { readSitemap } from '#lib/operations/read-sitemap.ts'
import { refreshObjectCaches } from '#lib/operations/refresh-object-caches.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { type Parameters, wrong } from './parameters.ts'
import type { Answer } from './render.ts'
import type { RpcRequest } from './request.ts'

/** A parameter as the reference tells of it. */
export type ParameterText = { name: string; is: string; required?: true; text: string }

/** One action of the API: what it is called, what it takes, and the one operation that it asks. */
export type Action = {
  /** As what it is counted, and named in policies with its service before it. */
  call: CallName
  permission: ActionName
  text: string
  parameters: readonly ParameterText[]
  answers: string
  answer: (caller: Caller, given: Parameters) => Promise<Answer>
}

/** The vendor's product of edges, its older product, and what neither of them has. */
export const versions = { dcdn: '2018-01-15', cdn: '2018-05-10', own: '2026-11-26' } as const

const path: ParameterText = {
  name: 'ObjectPath',
  is: 'text',
  required: true,
  text: 'URLs, directories or patterns, one a line (\\n or \\r\\n), percent-encoded, of at most 1,024 characters and 10 domains. Without a scheme each is one of http.',
}
const force: ParameterText = {
  name: 'Force',
  is: 'true, false',
  text: 'Whether copies are removed; otherwise caches keep them and ask the origin whether they have changed. Files are always removed.',
}
const ownOfSubmissions: ParameterText[] = [
  {
    name: 'Note',
    is: 'text',
    text: 'Of Freshet: what Records shows beside the task, at most 200 characters.',
  },
  {
    name: 'ClientToken',
    is: 'UUID',
    text: 'Of Freshet: names this one submission. A repeat with the same token within 48 hours gets the first answer and does nothing more.',
  },
]
const mode: ParameterText = {
  name: 'Mode',
  is: 'hard, soft',
  text: 'Of Freshet: how copies are purged, whatever Force says and for files too.',
}

const objectTypes: Record<string, Exclude<Method, 'prefetch' | 'tag'>> = {
  File: 'url',
  Directory: 'directory',
  Regex: 'regex',
  IgnoreParams: 'ignore-parameters',
}

const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What every submission says besides its lines. */
function submissionOf(given: Parameters) {
  const key = given.text('ClientToken') ?? null
  if (key !== null && !isUuid.test(key)) throw wrong('ClientToken', key, 'Write a UUID.')
  return { dialect: 'api', note: given.text('Note') ?? '', key } as const
}

/** Files are removed; what reaches far is asked about, unless it is forced. */
function modeOf(given: Parameters, method: Method) {
  const isForced = given.flag('Force')
  return given.word('Mode', modes) ?? (method === 'url' || isForced ? 'hard' : 'soft')
}

const refresh: Action = {
  call: 'RefreshDcdnObjectCaches',
  permission: 'dcdn:RefreshDcdnObjectCaches',
  text: 'Purges files, directories, patterns, or files whatever their parameters, on every cache of their domains.',
  parameters: [
    path,
    {
      name: 'ObjectType',
      is: 'File, Directory, Regex, IgnoreParams',
      text: 'What the lines are; File unless it is said.',
    },
    force,
    mode,
    ...ownOfSubmissions,
  ],
  answers: 'RefreshTaskId: the numbers of the tasks, one for each domain, with commas between them.',
  async answer(caller, given) {
    const type = given.text('ObjectType') ?? 'File'
    const method = Object.hasOwn(objectTypes, type) ? objectTypes[type] : undefined
    if (!method)
      throw new Fault('InvalidObjectType.Malformed', {
        ...{ given: type.slice(0, 100), known: Object.keys(objectTypes).join(', ') },
      })
    const text = requiredPath(given)
    const { taskIds } = await refreshObjectCaches(caller, {
      ...{ text, method, mode: modeOf(given, method) },
      ...submissionOf(given),
    })
    return { RefreshTaskId: taskIds.join(',') }
  },
}

function requiredPath(given: Parameters): string {
  const text = given.text('ObjectPath')
  if (text === undefined) throw new Fault('MissingObjectPath')
  return text
}

const refreshByTag: Action = {
  call: 'RefreshDcdnObjectCacheByCacheTag',
  permission: 'dcdn:RefreshDcdnObjectCacheByCacheTag',
  text: 'Purges what carries one of some tags, on every cache of a domain.',
  parameters: [
    { name: 'DomainName', is: 'text', required: true, text: 'The domain whose tags these are.' },
    { name: 'CacheTag', is: 'text', required: true, text: 'Tags with commas between them.' },
    force,
    mode,
    ...ownOfSubmissions,
  ],
  answers: 'RefreshTaskId: the number of the task.',
  async answer(caller, given) {
    const tagDomain = given.required('DomainName').toLowerCase()
    const tags = given.required('CacheTag').split(',')
    const { taskIds } = await refreshObjectCaches(caller, {
      ...{ text: tags.map((tag) => tag.trim()).join('\n'), method: 'tag', tagDomain },
      ...{ mode: modeOf(given, 'tag'), ...submissionOf(given) },
    })
    return { RefreshTaskId: taskIds.join(',') }
  },
}

const preload = (idName: 'PreloadTaskId' | 'PushTaskId'): Action => ({
  call: 'PreloadDcdnObjectCaches',
  permission: 'dcdn:PreloadDcdnObjectCaches',
  text: 'Fetches files into the caches of their domains: into the shields, and into the edges too where the domain says so.',
  parameters: [
    { ...path, text: 'URLs of files, one a line, at most 100.' },
    {
      name: 'Area',
      is: regions.join(', '),
      text: 'Only caches of this region, and those whose region is not set; all of them unless it is said.',
    },
    {
      name: 'L2Preload',
      is: 'true, false',
      text: 'Whether edges behind a shield are filled as well, also where the domain does not say so.',
    },
    {
      name: 'WithHeader',
      is: 'JSON',
      text: 'Fields of the requests, such as {"Accept-Encoding":["gzip","br"]}: each choice of values is a request of its own. Those of the domain unless it is said.',
    },
    {
      name: 'QueryHashkey',
      is: 'true, false',
      text: 'Whether the domain’s rewrites and rules for parameters make the URL that is fetched; otherwise each is asked for as it stands.',
    },
    ...ownOfSubmissions,
  ],
  answers: `${idName}: the numbers of the tasks, one for each domain, with commas between them.`,
  async answer(caller, given) {
    const area = areaOf(given)
    const { taskIds } = await preloadObjectCaches(caller, {
      ...{ text: requiredPath(given), headers: given.text('WithHeader') ?? '', ...(area && { area }) },
      ...{ reachesEdges: given.flag('L2Preload'), asGiven: !given.flag('QueryHashkey') },
      ...submissionOf(given),
    })
    return { [idName]: taskIds.join(',') }
  },
})

function areaOf(given: Parameters) {
  const area = given.text('Area')
  const region = regions.find((one) => one === area)
  if (area !== undefined && !region) throw new Fault('InvalidParameter.Area', { given: area.slice(0, 100) })
  return region
}

/** As the vendor writes records of each method; its filter knows the first four. */
const recordTypes: Record<string, string> = {
  url: 'file',
  directory: 'directory',
  regex: 'regex',
  prefetch: 'preload',
  'ignore-parameters': 'ignoreparams',
  tag: 'tag',
  everything: 'directory',
}
const statuses: Record<string, LineStatus> = { Complete: 'complete', Refreshing: 'open', Failed: 'failed' }

const describeTasks = (itemName: 'Task' | 'CDNTask', mostRows: number): Action => ({
  call: 'DescribeDcdnRefreshTasks',
  permission: 'dcdn:DescribeDcdnRefreshTasks',
  text: 'Lines of tasks of the last three days, of the newest first.',
  parameters: [
    { name: 'TaskId', is: 'number', text: 'Lines of this task.' },
    { name: 'ObjectPath', is: 'text', text: 'Exactly this line.' },
    { name: 'DomainName', is: 'text', text: 'Lines of this domain; needs an ObjectType beside it.' },
    { name: 'Status', is: Object.keys(statuses).join(', '), text: 'Lines that are so; needs an ObjectType.' },
    { name: 'ObjectType', is: 'file, directory, regex, preload', text: 'Lines of this kind.' },
    { name: 'StartTime', is: '2026-11-30T08:00:00Z', text: 'Tasks from then on; goes with EndTime.' },
    { name: 'EndTime', is: '2026-11-30T08:00:00Z', text: 'Tasks until then; goes with StartTime.' },
    { name: 'PageNumber', is: '1 to 100000', text: '1 unless it is said.' },
    { name: 'PageSize', is: `1 to ${mostRows}`, text: '20 unless it is said.' },
  ],
  answers: `PageNumber, PageSize, TotalCount and Tasks.${itemName}, a list of TaskId, ObjectPath, ObjectType, Status, Process, CreationTime and Description.`,
  async answer(caller, given) {
    const page = given.whole('PageNumber', { usual: 1, most: 100_000 })
    const size = given.whole('PageSize', { usual: 20, most: mostRows })
    const [taskId] = given.text('TaskId') === undefined ? [] : taskIdsOf(given, 1)
    const { records, total } = await describeRefreshLines(caller, {
      ...{ taskId, ...filterOf(given), ...timesOf(given) },
      ...{ offset: (page - 1) * size, limit: size },
    })
    const rows = records.map((record) => ({ ...rowOf(record, ''), Process: String(record.percent) }))
    return { PageNumber: page, PageSize: size, TotalCount: total, Tasks: { [itemName]: rows } }
  },
})

function filterOf(given: Parameters) {
  const [domain, status, type] = ['DomainName', 'Status', 'ObjectType'].map((name) => given.text(name))
  if (type === undefined && (domain !== undefined || status !== undefined))
    throw new Fault('MissingParameter.ObjectType')
  const known = [...new Set(Object.values(recordTypes))]
  const written = type?.toLowerCase()
  if (written !== undefined && !known.includes(written))
    throw new Fault('InvalidObjectType.ValueNotSupported', { given: written, known: known.join(', ') })
  if (status !== undefined && !Object.hasOwn(statuses, status))
    throw new Fault('InvalidStatus.ValueNotSupported', { given: status.slice(0, 100) })
  if (domain?.includes(','))
    throw new Fault('DomainNameOverLimit', { given: domain.split(',').length, limit: 1 })
  const text = given.text('ObjectPath')
  if ((text?.length ?? 0) > 1024)
    throw wrong('ObjectPath', text?.slice(0, 100) ?? '', 'A line has at most 1,024 characters.')
  const kinds = Object.keys(recordTypes).filter((kind) => recordTypes[kind] === written) as Method[]
  return {
    ...{ text, domain },
    status: status === undefined ? undefined : statuses[status],
    kinds: written === undefined ? undefined : kinds,
  }
}

function timesOf(given: Parameters): { from?: Date; until?: Date } {
  const [start, end] = [given.text('StartTime'), given.text('EndTime')]
  if (start === undefined && end === undefined) return {}
  if (start === undefined || end === undefined) throw new Fault('MissingTimeParameter')
  // Rows say when to the second, so a second is meant whole.
  const until = new Date(timeOf('EndTime', end).getTime() + 999)
  return { from: timeOf('StartTime', start), until }
}

function timeOf(name: 'StartTime' | 'EndTime', given: string): Date {
  const isShaped = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(given) && !Number.isNaN(Date.parse(given))
  // 30 February would be read as 2 March.
  if (!isShaped || !new Date(given).toISOString().startsWith(given.slice(0, 10)))
    throw new Fault(`Invalid${name}.Malformed`, { given: given.slice(0, 100) })
  return new Date(given)
}

function taskIdsOf(given: Parameters, limit: number): string[] {
  const written = given.required('TaskId')
  const ids = written.split(',').map((id) => id.trim())
  if (ids.length > limit || !ids.every((id) => /^\d{1,20}$/.test(id)))
    throw new Fault('InvalidTaskId.Malformed', { given: written.slice(0, 200), limit })
  // Digits that no task can have name none.
  return ids.map((id) => (isTaskId(id) ? id : noTask))
}

const noTask = '2000010100000000'

/** @param blank between the words of a description: one of the two actions writes them apart */
function rowOf({ taskId, kind, text, acceptedAt, status, percent, ...why }: LineRecord, blank: '' | ' ') {
  const listed = kind === 'directory' && blank === '' ? 'path' : (recordTypes[kind] ?? kind)
  const open = blank === ' ' && percent === 0 ? 'Pending' : 'Refreshing'
  return {
    ...{ TaskId: taskId, ObjectPath: text, ObjectType: listed },
    Status: { open, complete: 'Complete', failed: 'Failed' }[status],
    Process: `${percent}%`,
    CreationTime: `${acceptedAt.toISOString().slice(0, 19)}Z`,
    Description: status === 'failed' ? describe(why, blank) : '',
  }
}

/** The vendor's three reasons, and behind them what the cache said. */
function describe({ cause, detail }: Pick<LineRecord, 'cause' | 'detail'>, blank: string): string {
  const code = /^HTTP (\d{3})$/.exec(detail ?? '')?.[1]
  if (cause === 'origin-timeout') return `Origin${blank}Timeout`
  if (cause === 'origin-status' && code) return `Origin${blank}Return${blank || ' '}StatusCode ${code}`
  return `Internal${blank}Error: ${cause ?? ''}${detail ? `, ${detail}` : ''}`
}

const describeById: Action = {
  call: 'DescribeDcdnRefreshTaskById',
  permission: 'dcdn:DescribeDcdnRefreshTaskById',
  text: 'Lines of tasks by their numbers, of the last three days; at most 10,000 lines.',
  parameters: [
    { name: 'TaskId', is: 'numbers', required: true, text: 'At most 10, with commas between them.' },
  ],
  answers: 'TotalCount and Tasks, a list of the same rows as above, with Pending and a percent sign.',
  async answer(caller, given) {
    const { records, total } = await describeLinesById(caller, { ids: taskIdsOf(given, 10) })
    return { TotalCount: total, Tasks: records.map((record) => rowOf(record, ' ')) }
  },
}

/** The vendor's names of pools; it blocks URLs too, which nothing here does. */
const poolNames = [
  ['Url', 'url'],
  ['Dir', 'directory'],
  ['Regex', 'regex'],
  ['Preload', 'prefetch'],
  ['IgnoreParams', 'ignore-parameters'],
] as const

function quotaRows<Written>(pools: readonly PoolState[], prefix: string, write: (count: number) => Written) {
  const rows = poolNames.flatMap(([name, pool]) => {
    const state = pools.find((one) => one.pool === pool)
    const full = name === 'Url' || name === 'Dir' ? prefix + name : name
    return [
      [`${full}Quota`, write(state?.limit ?? 0)],
      [`${full}Remain`, write(state?.left ?? 0)],
    ]
  })
  return Object.fromEntries([...rows, ['BlockQuota', write(0)], ['BlockRemain', write(0)]])
}

const describeQuota: Action = {
  call: 'DescribeDcdnRefreshQuota',
  permission: 'dcdn:DescribeDcdnRefreshQuota',
  text: 'What is left of each daily quota.',
  parameters: [],
  answers:
    'UrlQuota, UrlRemain and the same of Dir, Regex, Preload, IgnoreParams and Block: numbers as texts.',
  async answer(caller) {
    const { pools } = await describeRefreshQuota(caller, {})
    return quotaRows(pools, '', String)
  },
}

const describeUser: Action = {
  call: 'DescribeDcdnUserQuota',
  permission: 'dcdn:DescribeDcdnUserQuota',
  text: 'The quotas of the account; there is no limit to domains here, so DomainQuota says ten million.',
  parameters: [],
  answers:
    'DomainQuota, RefreshUrlQuota, RefreshUrlRemain and the same of RefreshDir, Preload, IgnoreParams and Block: numbers.',
  async answer(caller) {
    const { pools } = await describeUserQuota(caller, {})
    const { RegexQuota: _, RegexRemain: __, ...rows } = quotaRows(pools, 'Refresh', Number)
    return { DomainQuota: 10_000_000, ...rows }
  },
}

const searchTypes = ['full_match', 'fuzzy_match', 'pre_match', 'suf_match'] as const

const describeDomains: Action = {
  call: 'DescribeDcdnUserDomains',
  permission: 'dcdn:DescribeDcdnUserDomains',
  text: 'The domains of the account that the caller may see, by name.',
  parameters: [
    { name: 'DomainName', is: 'text', text: 'Domains with this name, or a part of it.' },
    { name: 'DomainSearchType', is: searchTypes.join(', '), text: 'full_match unless it is said.' },
    { name: 'PageNumber', is: '1 to 100000', text: '1 unless it is said.' },
    { name: 'PageSize', is: '1 to 500', text: '20 unless it is said.' },
  ],
  answers:
    'PageNumber, PageSize, TotalCount and Domains.PageData, a list of DomainName, DomainStatus and Sources.',
  async answer(caller, given) {
    const page = given.whole('PageNumber', { usual: 1, most: 100_000 })
    const size = given.whole('PageSize', { usual: 20, most: 500 })
    const domains = (await listDomains(caller, {})).filter(({ name }) => isMeant(name, given))
    const rows = domains.slice((page - 1) * size, page * size).map(({ name, origin }) => ({
      ...{ DomainName: name, DomainStatus: 'online' },
      Sources: { Source: URL.canParse(origin) ? [{ Type: 'domain', Content: new URL(origin).host }] : [] },
    }))
    return { PageNumber: page, PageSize: size, TotalCount: domains.length, Domains: { PageData: rows } }
  },
}

function isMeant(name: string, given: Parameters): boolean {
  const part = given.text('DomainName')?.toLowerCase()
  const type = given.word('DomainSearchType', searchTypes) ?? 'full_match'
  if (part === undefined) return true
  if (type === 'fuzzy_match') return name.includes(part)
  if (type === 'pre_match') return name.startsWith(part)
  return type === 'suf_match' ? name.endsWith(part) : name === part
}

const describeProgress: Action = {
  call: 'DescribeTaskProgress',
  permission: 'dcdn:DescribeDcdnRefreshTaskById',
  text: 'Tasks by their numbers, with how far each cache is and what it waits for.',
  parameters: [
    { name: 'TaskId', is: 'numbers', required: true, text: 'At most 100, with commas between them.' },
  ],
  answers:
    'Tasks, a list of TaskId, Domain, Operation, Method, Mode, State (pending, running, complete, partial, failed), LineCount, MissedLines, Commands, AcceptedAt, AppliedMs, ConfirmedMs, Note and Caches. AppliedMs and ConfirmedMs are empty until every cache is so far.',
  async answer(caller, given) {
    const tasks = await describeTaskProgress(caller, { ids: taskIdsOf(given, 100) })
    return { Tasks: tasks.map(progressOf) }
  },
}

function progressOf(task: TaskSnapshot): Answer {
  return {
    ...{
      TaskId: task.id,
      Domain: task.domain,
      Operation: task.operation,
      Method: task.kind,
      Mode: task.mode,
    },
    ...{ State: task.state, LineCount: task.lineCount, MissedLines: task.missedLines },
    ...{ Commands: task.commands, AcceptedAt: task.acceptedAt, Note: task.note },
    ...{ AppliedMs: task.appliedMs, ConfirmedMs: task.confirmedMs, Caches: task.caches.map(cacheOf) },
  }
}

function cacheOf({ notes, waits, ...cache }: CacheProgress): Answer {
  return {
    ...{ Name: cache.name, Pop: cache.pop, Tier: cache.tier, Kind: cache.kind },
    ...{ Applied: cache.applied, Confirmed: cache.confirmed, Failed: cache.failed },
    ...{ AppliedMs: cache.appliedMs, ConfirmedMs: cache.confirmedMs },
    ...{ Cause: notes?.cause ?? '', Detail: notes?.detail ?? '' },
    ...{ WaitsFor: waits?.cause ?? '', WaitsDetail: waits?.detail ?? '', WaitsSince: waits?.since ?? '' },
    Paused: waits?.paused ?? false,
  }
}

const sitemap: Action = {
  call: 'ReadSitemap',
  permission: 'freshet:ReadSitemap',
  text: 'The URLs that a sitemap of one of the account’s domains lists, read through one of its caches.',
  parameters: [
    { name: 'Url', is: 'text', required: true, text: 'Where the sitemap is.' },
    { name: 'Since', is: '2026-11-30', text: 'Only URLs that say they have changed since that day.' },
  ],
  answers:
    'Urls, Found, and where it could not be read Problem (address, answer, format, silent) and Detail.',
  async answer(caller, given) {
    const since = given.text('Since') ?? null
    if (since !== null && !/^\d{4}-\d\d-\d\d$/.test(since))
      throw wrong('Since', since, 'Write a day as 2026-11-30.')
    const { urls, found, problem, detail } = await readSitemap(caller, { url: given.required('Url'), since })
    return { Urls: urls, Found: found, Problem: problem ?? '', Detail: detail }
  },
}

/** Every action by its version and name; those of the older product are other names for the same. */
export const actionTable: Record<string, Record<string, Action>> = {
  [versions.dcdn]: {
    RefreshDcdnObjectCaches: refresh,
    PreloadDcdnObjectCaches: preload('PreloadTaskId'),
    DescribeDcdnRefreshTasks: describeTasks('Task', 50),
    DescribeDcdnRefreshTaskById: describeById,
    DescribeDcdnRefreshQuota: describeQuota,
    DescribeDcdnUserQuota: describeUser,
    RefreshDcdnObjectCacheByCacheTag: refreshByTag,
    DescribeDcdnUserDomains: describeDomains,
  },
  [versions.cdn]: {
    RefreshObjectCaches: refresh,
    PushObjectCache: preload('PushTaskId'),
    DescribeRefreshTasks: describeTasks('CDNTask', 100),
    DescribeRefreshTaskById: describeById,
    DescribeRefreshQuota: describeQuota,
  },
  [versions.own]: { DescribeTaskProgress: describeProgress, ReadSitemap: sitemap },
}

/** The action that a request asks for. @throws Fault MissingParameter, InvalidVersion, InvalidAction.NotFound */
export function actionNamed({ action, version }: RpcRequest): Action {
  if (action === '') throw new Fault('MissingParameter', { field: 'Action' })
  if (version === '') throw new Fault('MissingParameter', { field: 'Version' })
  if (!Object.hasOwn(actionTable, version))
    throw new Fault('InvalidVersion', {
      given: version.slice(0, 40),
      known: Object.values(versions).join(', '),
    })
  const found = actionTable[version] as Record<string, Action>
  if (!Object.hasOwn(found, action))
    throw new Fault('InvalidAction.NotFound', { given: action.slice(0, 100) })
  return found[action] as Action
}
