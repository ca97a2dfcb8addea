import { z } from 'zod'
import { Fault } from '#lib/core/fault.ts'
import { cursorSchema, recordFilterSchema } from '#lib/core/record-filter.ts'
import { maySearch, type RecordFilter, type RecordRow } from '#lib/core/records.ts'
import type { Scope } from '#lib/core/scope.ts'
import { countTasks, findSubmissions, mostCounted } from '#lib/store/records.ts'
import { countSubmissions, readTasks } from '#lib/store/tasks.ts'
import { describeRefreshTasks } from './describe-refresh-tasks.ts'
import { operation } from './operation.ts'
import { recordsOf, scopeOf } from './scope.ts'

/** Tasks of one submission that a list reads; of those behind them it tells numbers and states. */
const mostTasksEach = 20

/** Submissions that filters let through, newest first. @throws Fault SearchTooShort */
export const listRecords = operation({
  action: describeRefreshTasks.action,
  input: z.object({
    filter: recordFilterSchema,
    before: cursorSchema.optional(),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  resources: ({ filter }, caller) => recordsOf(caller, filter),
  async run(caller, { filter, before, limit }) {
    if (!maySearch(filter, Date.now())) throw new Fault('SearchTooShort', { given: filter.url ?? '' })
    return readRows(await scopeOf(caller), filter, { before, limit })
  },
})

/** Submissions that filters let through, each with its tasks, and where the next ones begin. */
export async function readRows(
  scope: Scope,
  filter: RecordFilter,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<{ rows: RecordRow[]; next: string | null }> {
  const found = await findSubmissions(scope, filter, { before, limit: limit + 1 })
  const shown = found.slice(0, limit)
  const submissionIds = shown.map((one) => one.submissionId)
  const tasks = await readTasks(scope, { submissionIds, mostEach: mostTasksEach })
  const bySubmission = Map.groupBy(tasks.reverse(), (task) => task.submissionId)
  const large = submissionIds.filter((id) => bySubmission.get(id)?.length === mostTasksEach)
  const counts = large.length === 0 ? new Map() : await countSubmissions(scope, large)
  const rows = submissionIds.map((submissionId) => ({
    submissionId,
    tasks: bySubmission.get(submissionId) ?? [],
    all: counts.get(submissionId) ?? null,
  }))
  return { rows, next: found.length > limit ? (shown.at(-1)?.leadId ?? null) : null }
}

/** How many tasks filters let through; more than 10,000 are not counted, and null is not known. */
export const countRecords = operation({
  action: describeRefreshTasks.action,
  input: recordFilterSchema,
  resources: (filter, caller) => recordsOf(caller, filter),
  async run(caller, filter): Promise<{ count: number; isMore: boolean } | null> {
    const count = await countTasks(await scopeOf(caller), filter)
    return count === null ? null : { count: Math.min(count, mostCounted), isMore: count > mostCounted }
  },
})
