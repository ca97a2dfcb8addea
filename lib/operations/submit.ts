import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import type { Mode } from '#lib/core/command.ts'
import { Fault, type FaultCode } from '#lib/core/fault.ts'
import { defaultHeaderSets, type HeaderSet, hiddenValue, parseHeaderSets } from '#lib/core/header-sets.ts'
import type { LineRules, Method } from '#lib/core/line.ts'
import { askedOf } from '#lib/core/permitted.ts'
import { deviations, type PlannedTask, planTasks } from '#lib/core/plan.ts'
import type { Limits, Pool } from '#lib/core/quota.ts'
import { domainResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import {
  countLines,
  namedHosts,
  type Problem,
  parseSubmission,
  type SubmissionLine,
} from '#lib/core/submission.ts'
import {
  acceptTask,
  newNumbers,
  type Once,
  type TaskHead,
  type TaskOptions,
  withPartitions,
} from '#lib/store/accept.ts'
import { auditInsert } from '#lib/store/audit.ts'
import { type CacheView, readCaches } from '#lib/store/caches.ts'
import { db, type Tx, transaction } from '#lib/store/client.ts'
import { type DomainView, findRoute, readDomains, rulesOf } from '#lib/store/domains.ts'
import { type Charge, dueOf, readLoad, type Short, shortOf } from '#lib/store/quotas.ts'
import { shared } from '#lib/store/shared.ts'
import { keepAnswer, readAnswer, type SubmissionKey, takeSubmissionKey } from '#lib/store/submission-keys.ts'
import { permit } from './operation.ts'

/** What every submission says besides its lines. */
export const submissionFields = {
  /** One line each, as pasted. */
  text: z.string(),
  note: z
    .string()
    .trim()
    .max(200, 'note' satisfies RuleCode)
    .regex(/^[^\0]*$/, 'note' satisfies RuleCode)
    .default(''),
  /** Names this one try: a repeat with the same key is the same submission. A call of the API may have none. */
  key: z.uuid('submission-key' satisfies RuleCode).nullable(),
  /** Whose rules and limits its lines follow: those of the form, or those of the vendor's API. */
  dialect: z.enum(['console', 'api']).default('console'),
}

export type SubmitAnswer = { submissionId: string; taskIds: string[] }

/** What an account has to do with its submissions. */
export type Ground = {
  domains: DomainView[]
  byName: Map<string, DomainView>
  limits: Limits
  caches: Map<number, CacheView>
  /** Whether the account has used up what may travel in the urgent lane now. */
  isBusy: boolean
}

/** Reads the domains and the limits that a submission is held against. */
export const readGround = ({ accountId }: Caller): Promise<Ground> => groundOf(accountId)

const groundOf = shared(async (accountId: number): Promise<Ground> => {
  const [domains, { limits, isBusy }, caches] = await Promise.all([
    readDomains(accountId),
    readLoad(accountId),
    readCaches(accountId),
  ])
  const byName = new Map(domains.map((domain) => [domain.name, domain]))
  const byId = new Map(caches.map((cache) => [cache.id, cache]))
  return { domains, byName, limits, caches: byId, isBusy }
})

/** Names of the domains in a text, for the policies. */
export function resourcesOf(text: string, { accountId }: Caller): string[] {
  return [...namedHosts(text)].map((host) => domainResource(accountId, host))
}

/** What lines ask of the policies. */
export function askedBy(
  lines: readonly SubmissionLine[],
  { caller, ground, method, mode = 'hard' }: { caller: Caller; ground: Ground; method: Method; mode?: Mode },
): ReturnType<typeof askedOf> {
  // Policies are for users alone, and ten thousand lines take their time.
  if (caller.role !== 'user') return []
  const { byName, caches } = ground
  return askedOf(lines, {
    ...{ accountId: caller.accountId, method, mode },
    cachesOf: (domain) => (byName.get(domain)?.caches ?? []).flatMap((id) => caches.get(id)?.name ?? []),
    sharedBy: (domain) => (byName.get(domain)?.shared ?? []).map((other) => other.name),
  })
}

/** Goes on only if the caller may submit all of these lines, which are asked for by one action. @throws Fault NoPermission */
export async function permitLines(caller: Caller, asked: ReturnType<typeof askedOf>): Promise<Caller> {
  const [first] = asked
  return first ? permit(caller, first.action, asked) : caller
}

/**
 * Reads all lines of a text, or refuses all of them.
 *
 * @throws Fault MissingObjectPath, SingleRequest.OverLimit, InvalidObjectPath.Malformed (with the problems);
 *   of the API also InvalidDomain.NotFound, InvalidExtensiveDomain.ValueNotSupported, DomainNameOverLimit
 */
export function readLines(
  text: string,
  rules: Pick<LineRules, 'method' | 'dialect' | 'asGiven'> & { tagDomain?: string | undefined },
  { domains, limits }: Ground,
): SubmissionLine[] {
  const isApi = rules.dialect === 'api'
  const perSubmission = isApi ? limits.perCall : limits.perSubmission
  // Before reading them: a text of megabytes must not hold up the others. Half of it may be repeats.
  const given = countLines(text)
  const most = Math.max(...Object.values(perSubmission))
  if (given > 2 * most) throw new Fault('SingleRequest.OverLimit', { given, limit: most })
  const { lines, problems } = parseSubmission(text, {
    method: rules.method,
    domains: rulesOf(domains),
    dialect: rules.dialect,
    asGiven: rules.asGiven ?? false,
    ...(rules.tagDomain === undefined ? {} : { tagDomain: rules.tagDomain }),
  })
  const total = lines.length + problems.length
  if (total === 0) throw new Fault('MissingObjectPath')
  if (problems.length > 0)
    throw new Fault(isApi ? codeOf(problems) : 'InvalidObjectPath.Malformed', {
      ...{ count: problems.length, total, problems },
      domain: (problems[0]?.code === 'tag-domain' ? rules.tagDomain : problems[0]?.detail) ?? '',
    })
  for (const [pool, count] of countByPool(lines)) {
    const limit = perSubmission[pool]
    if (count > limit) throw new Fault('SingleRequest.OverLimit', { given: count, limit, pool })
  }
  const hosts = new Set(lines.map((line) => line.domain)).size
  if (isApi && hosts > limits.domainsPerCall)
    throw new Fault('DomainNameOverLimit', { given: hosts, limit: limits.domainsPerCall })
  return lines
}

/** The vendor's code for lines that cannot be submitted: that of the first. */
function codeOf([first]: readonly Problem[]): FaultCode {
  if (first?.code === 'wildcard-host') return 'InvalidExtensiveDomain.ValueNotSupported'
  if (first?.code === 'unknown-domain' || first?.code === 'tag-domain') return 'InvalidDomain.NotFound'
  return 'InvalidObjectPath.Malformed'
}

function countByPool(lines: readonly { method: Method }[]): Map<Pool, number> {
  const counts = new Map<Pool, number>()
  for (const { method } of lines) counts.set(method, (counts.get(method) ?? 0) + 1)
  return counts
}

/** Refuses lines that reach a whole host until a person has typed its name. @throws Fault ConfirmationNeeded */
export function requireConfirmed(lines: readonly SubmissionLine[], confirmed: readonly string[]): void {
  const hosts = new Set(lines.filter((line) => line.breadth === 'host').map((line) => line.domain))
  const missing = [...hosts].filter((host) => !confirmed.includes(host))
  if (missing.length > 0) throw new Fault('ConfirmationNeeded', { hosts: missing.join(', ') })
}

/** The requests of a prefetch: its own, else those of the domain, else the vendor's. @throws Fault InvalidParameter.WithHeader */
export function headerSetsOf(written: string, { settings }: DomainView): HeaderSet[] {
  const text = written.trim() === '' ? settings.headers : written
  if (text.trim() === '') return defaultHeaderSets
  const sets = parseHeaderSets(text, settings.allowCredentials)
  if ('rule' in sets) {
    const { line, given, rule } = sets
    throw new Fault('InvalidParameter.WithHeader', { field: 'headers', line, given, rule: `headers-${rule}` })
  }
  if (sets.flat().some(([, value]) => value === hiddenValue)) {
    const details = { field: 'headers', given: hiddenValue, rule: 'headers-hidden' }
    throw new Fault('InvalidParameter.WithHeader', details)
  }
  return sets
}

/** One way to use lines: what is planned with them, and what else their tasks say. */
export type Part = {
  lines: readonly SubmissionLine[]
  method: Method
  mode: 'hard' | 'soft'
  optionsFor: (domain: DomainView) => TaskOptions
  /** Of the caches of the domain, only these. */
  onlyCaches?: readonly number[]
  /** Whether a prefetch reaches the edges behind a shield too; otherwise as the domain has it. */
  reachesEdges?: boolean
}

type Submission = {
  action: string
  parts: readonly Part[]
  note: string
  key: string | null
  /** All that makes a repeat the same submission. */
  body: Record<string, unknown> & { text?: string }
}

/**
 * Accepts a submission for delivery, or refuses all of it: one transaction takes the key, writes the
 * tasks with their lines, charges the quotas and writes the audit row. Its commit is the acceptance.
 *
 * @throws Fault DomainWithoutCaches, IdempotentParameterMismatch, QuotaExceeded.Refresh,
 *   QuotaExceeded.Preload, QuotaPerMinuteExceeded.Refresh, PreloadQueueFull
 */
export async function submit(caller: Caller, ground: Ground, submission: Submission): Promise<SubmitAnswer> {
  const urgentLeft = !ground.isBusy
  const planned = submission.parts.map((part) => ({
    part,
    tasks: planTasks(part.lines, { ...part, urgentLeft }),
  }))
  for (const { tasks } of planned) requireCaches(tasks, ground)
  const charge = chargeOf(
    planned.flatMap(({ tasks }) => tasks),
    ground,
  )
  const work = (client: Tx) => acceptOnce(client, caller, ground, submission, { planned, charge })
  // A task without a key is one statement, which needs no transaction around it: half of the ways there and back.
  const once = () => (charge.tasks === 1 && submission.key === null ? work(db()) : transaction(work))
  return withPartitions(once).catch((error) => {
    const short = shortOf(error, ground.limits)
    throw short ? tooMuch(short, ground, charge) : error
  })
}

/** Accepts what has a key once; its repeats get the same answer, and are not charged. */
async function acceptOnce(
  client: Tx,
  caller: Caller,
  ground: Ground,
  submission: Submission,
  { planned, charge }: { planned: readonly Planned[]; charge: Charge },
): Promise<SubmitAnswer> {
  const key = keyOf(caller, submission)
  const taken = key ? await takeSubmissionKey(client, key) : ({ is: 'new' } as const)
  if (taken.is === 'mismatch') throw new Fault('IdempotentParameterMismatch')
  if (taken.is === 'repeat') return taken.answer as SubmitAnswer
  const due = dueOf({ accountId: caller.accountId, limits: ground.limits }, charge)
  const answer = await accept(client, caller, ground, submission, { planned, due })
  if (key) await keepAnswer(client, key, answer)
  return answer
}

/**
 * What the same submission was answered before. Asked before its lines are read: limits and domains may be others
 * by now, and it is done already.
 */
export async function answeredBefore(
  caller: Caller,
  action: string,
  body: Submission['body'] & Pick<Submission, 'key'>,
): Promise<SubmitAnswer | undefined> {
  const key = keyOf(caller, { action, key: body.key, body })
  return key ? ((await readAnswer(key)) as SubmitAnswer | undefined) : undefined
}

function keyOf(
  { accountId, userId }: Caller,
  { action, key, body }: Pick<Submission, 'action' | 'key' | 'body'>,
): SubmissionKey | null {
  return key === null ? null : { accountId, caller: `user/${userId}`, action, key, bodyHash: hashOf(body) }
}

/** A text of megabytes is hashed as it is: to escape it for JSON first takes as long again. */
function hashOf({ text = '', ...rest }: Submission['body']): Buffer {
  return createHash('sha256').update(JSON.stringify(rest)).update(text).digest()
}

type Planned = { part: Part; tasks: PlannedTask[] }

async function accept(
  client: Tx,
  caller: Caller,
  ground: Ground,
  { action, note }: Submission,
  { planned, due }: { planned: readonly Planned[]; due: string },
): Promise<SubmitAnswer> {
  const tasks = planned.flatMap((each) => each.tasks)
  const { submissionId, taskIds, ...stamp } = await newNumbers(client, tasks.length)
  const answer = { submissionId: String(submissionId), taskIds: taskIds.map(String) }
  const resources = [...new Set(tasks.map((task) => domainResource(caller.accountId, task.domain)))]
  const lines = tasks.map(({ method, mode, lines: own }) => ({ method, mode, lines: own.length }))
  const audit = auditInsert(caller, action, resources, { detail: { ...answer, tasks: lines }, stamp })
  let once: Once | undefined = { due, audit }
  const numbers = taskIds.values()
  for (const { part, tasks } of planned) {
    for (const task of tasks) {
      const id = numbers.next().value as bigint
      const head = await headOf(client, caller, ground, { part, task, note })
      await acceptTask(client, { submissionId, id }, head, task, once)
      once = undefined
    }
  }
  return answer
}

async function headOf(
  client: Tx,
  caller: Caller,
  ground: Ground,
  { part, task, note }: { part: Part; task: PlannedTask; note: string },
): Promise<TaskHead> {
  const domain = domainOf(task, ground)
  const kinds = domain.caches.map((id) => ground.caches.get(id)?.kind ?? '')
  const routeId = await ownRoute(client, caller, part, task, domain)
  return {
    ...{ caller, domainId: domain.id, note },
    also: task.kind === 'prefetch' ? [] : domain.shared,
    plan: deviations(task.lines, task.mode, kinds),
    options: { ...part.optionsFor(domain), ...countingParameters(task, domain) },
    ...(routeId === undefined ? {} : { routeId }),
  }
}

/** What goes with URLs that stand for others too; see `Command`. */
export function countingParameters(
  { kind }: { kind: PlannedTask['kind'] },
  { settings }: DomainView,
): Pick<TaskOptions, 'query'> {
  const { query } = settings
  return kind === 'url' && (query.is === 'only' || query.is === 'without') ? { query } : {}
}

function domainOf({ domain }: PlannedTask, { byName }: Ground): DomainView {
  const found = byName.get(domain)
  if (!found) throw new Error(`planned a task for ${domain}, which is not a domain`)
  return found
}

function requireCaches(tasks: readonly PlannedTask[], ground: Ground): void {
  const without = tasks.find((task) => domainOf(task, ground).caches.length === 0)
  if (without) throw new Fault('DomainWithoutCaches', { domain: without.domain })
}

/** A prefetch that is for the shields alone takes a route of its own, and so does what is for some caches only. */
async function ownRoute(
  client: Tx,
  { accountId }: Caller,
  { onlyCaches, reachesEdges }: Part,
  task: PlannedTask,
  { id, name, settings, caches, shields }: DomainView,
): Promise<number | undefined> {
  const isForShields =
    task.kind === 'prefetch' && shields.length > 0 && !(reachesEdges || settings.prefetchEdges)
  if (!onlyCaches && !isForShields) return undefined
  const layer = isForShields ? shields : caches
  const chosen = onlyCaches ? layer.filter((cache) => onlyCaches.includes(cache)) : layer
  if (chosen.length === 0) throw new Fault('InvalidParameter.Area', { domain: name })
  return findRoute(client, { id, accountId }, { caches: chosen, shields })
}

function chargeOf(tasks: readonly PlannedTask[], { byName }: Ground): Charge {
  const minutes = tasks.flatMap(({ method: pool, domain, lines }) => {
    const domainId = byName.get(domain)?.id
    const counts = domainId !== undefined && (pool === 'url' || pool === 'directory')
    return counts ? [{ domainId, pool, lines: lines.length }] : []
  })
  return { tasks: tasks.length, minutes, days: countByPool(tasks.flatMap((task) => task.lines)) }
}

function tooMuch(short: Short, { domains, limits }: Ground, { days }: Charge): Fault {
  if (short.is === 'queue')
    return new Fault('PreloadQueueFull', { queued: short.queued, limit: limits.queue })
  if (short.is === 'minute') {
    const { domain: id, pool, lines, left } = short
    const domain = domains.find((one) => one.id === id)?.name ?? ''
    const details = { domain, pool, asked: lines, left, limit: limits.perMinute[pool] }
    return new Fault('QuotaPerMinuteExceeded.Refresh', details)
  }
  const { pool, limit, left, resetsAtMs } = short
  const code = pool === 'prefetch' ? 'QuotaExceeded.Preload' : 'QuotaExceeded.Refresh'
  const resetsAt = `${new Date(resetsAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return new Fault(code, { pool, asked: days.get(pool) ?? 0, left, limit, resetsAt })
}
