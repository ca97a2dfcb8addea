import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Fault } from '#lib/core/fault.ts'
import { type PlannedTask, planTasks } from '#lib/core/plan.ts'
import type { Caller } from '#lib/core/policy.ts'
import { evaluate } from '#lib/core/policy.ts'
import { domainResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { countLines, maxLines, parseSubmission, type Submission } from '#lib/core/submission.ts'
import { acceptTask, newSubmission, withPartitions } from '#lib/store/accept.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { type Tx, transaction } from '#lib/store/client.ts'
import { type DomainView, readDomains } from '#lib/store/domains.ts'
import { keepAnswer, type SubmissionKey, takeSubmissionKey } from '#lib/store/submission-keys.ts'
import { operation } from './operation.ts'

const action = 'dcdn:RefreshDcdnObjectCaches'

const input = z.object({
  /** One URL a line, as pasted. */
  text: z.string(),
  kind: z.literal('url'),
  mode: z.literal('hard'),
  note: z
    .string()
    .trim()
    .max(200, 'note' satisfies RuleCode)
    .regex(/^[^\0]*$/, 'note' satisfies RuleCode)
    .default(''),
  /** Names this one try: a repeat with the same key is the same submission. */
  key: z.uuid('submission-key' satisfies RuleCode),
})

export type RefreshAnswer = { submissionId: string; taskIds: string[] }

/**
 * Accepts a purge for delivery, or refuses all of it.
 *
 * @throws Fault MissingObjectPath, SingleRequest.OverLimit, InvalidObjectPath.Malformed (with the
 *   problems), DomainWithoutCaches, NoPermission, IdempotentParameterMismatch
 */
export const refreshObjectCaches = operation({
  action,
  input,
  // Which domains are named is known after parsing; they are checked there.
  resources: () => [],
  async run(caller, given): Promise<RefreshAnswer> {
    const domains = await readDomains(caller.accountId)
    const planned = planTasks(permitted(caller, parsed(given.text, domains)))
    requireCaches(planned, domains)
    const bodyHash = createHash('sha256')
      .update(JSON.stringify([given.kind, given.mode, given.note, given.text]))
      .digest()
    const key = {
      accountId: caller.accountId,
      caller: `user/${caller.userId}`,
      action,
      key: given.key,
      bodyHash,
    }
    return withPartitions(() => transaction((tx) => accept(tx, caller, key, given, planned, domains)))
  },
})

function parsed(text: string, domains: readonly DomainView[]): Submission {
  // Before reading them: a text of megabytes must not hold up the others.
  const given = countLines(text)
  if (given > maxLines) throw new Fault('SingleRequest.OverLimit', { given, limit: maxLines })
  const submission = parseSubmission(text, new Set(domains.map((domain) => domain.name)))
  const { lines, problems } = submission
  const total = lines.length + problems.length
  if (total === 0) throw new Fault('MissingObjectPath')
  if (problems.length > 0)
    throw new Fault('InvalidObjectPath.Malformed', { count: problems.length, total, problems })
  return submission
}

function permitted(caller: Caller, { lines }: Submission): Submission['lines'] {
  const resources = [...new Set(lines.map((line) => line.domain))].map((name) =>
    domainResource(caller.accountId, name),
  )
  const decision = evaluate(caller, action, resources)
  if (!decision.allowed) throw new Fault('NoPermission', decision.details)
  return lines
}

function requireCaches(planned: readonly PlannedTask[], domains: readonly DomainView[]): void {
  const without = planned.find(
    (task) => domains.find((domain) => domain.name === task.domain)?.caches.length === 0,
  )
  if (without) throw new Fault('DomainWithoutCaches', { domain: without.domain })
}

/** One transaction: the key, the tasks with their lines, the audit row; the commit is the acceptance. */
async function accept(
  tx: Tx,
  caller: Caller,
  key: SubmissionKey,
  given: z.output<typeof input>,
  planned: readonly PlannedTask[],
  domains: readonly DomainView[],
): Promise<RefreshAnswer> {
  const taken = await takeSubmissionKey(tx, key)
  if (taken.is === 'mismatch') throw new Fault('IdempotentParameterMismatch')
  if (taken.is === 'repeat') return taken.answer as RefreshAnswer
  const submissionId = await newSubmission(tx)
  const head = { caller, operation: 'purge' as const, kind: given.kind, mode: given.mode, note: given.note }
  const taskIds: string[] = []
  for (const task of planned) {
    const domain = domains.find((one) => one.name === task.domain)
    if (!domain) throw new Error(`planned a task for ${task.domain}, which is not a domain`)
    taskIds.push(await acceptTask(tx, submissionId, domain.id, head, task))
  }
  const answer = { submissionId: String(submissionId), taskIds }
  await keepAnswer(tx, key, answer)
  const resources = planned.map((task) => domainResource(caller.accountId, task.domain))
  await writeAudit(tx, caller, action, resources, {
    ...answer,
    lines: planned.map((task) => task.lines.length),
  })
  return answer
}
