import { z } from 'zod'
import { Fault } from '#lib/core/fault.ts'
import { recordFilterSchema } from '#lib/core/record-filter.ts'
import { maySearch } from '#lib/core/records.ts'
import type { Scope } from '#lib/core/scope.ts'
import type { TaskLine, TaskSnapshot } from '#lib/core/task.ts'
import { findSubmissions, tasksOf } from '#lib/store/records.ts'
import { readLines, readTasks } from '#lib/store/tasks.ts'
import { describeRefreshTasks } from './describe-refresh-tasks.ts'
import { operation } from './operation.ts'
import { recordsOf, scopeOf } from './scope.ts'

/** Submissions, and lines of a task, that an export reads at once: what it holds in memory. */
const atOnce = { submissions: 50, lines: 2_000 }

/** A line of an export: what was asked, by whom, and what came of it. */
export type ExportedLine = {
  task: string
  submission: string
  submitted_at: string
  operation: string
  method: string
  mode: string
  domain: string
  line: string
  status: string
  /** Milliseconds from acceptance, of the task; null where not reached, and where this line failed. */
  applied_ms: number | null
  confirmed_ms: number | null
  caches: number
  caches_confirmed: number
  /** Caches that missed this line, with the cause and what they answered. */
  missed: string
  by: string
  source: string
  key: string
  address: string
  note: string
}

export const exportColumns = [
  'task',
  'submission',
  'submitted_at',
  'operation',
  'method',
  'mode',
  'domain',
  'line',
  'status',
  'applied_ms',
  'confirmed_ms',
  'caches',
  'caches_confirmed',
  'missed',
  'by',
  'source',
  'key',
  'address',
  'note',
] as const satisfies (keyof ExportedLine)[]

/** Every line that filters let through, newest task first, in parts of at most 2,000. @throws Fault SearchTooShort */
export const exportRecords = operation({
  action: describeRefreshTasks.action,
  input: recordFilterSchema,
  resources: (filter, caller) => recordsOf(caller, filter),
  async run(caller, filter): Promise<AsyncGenerator<ExportedLine[]>> {
    if (!maySearch(filter, Date.now())) throw new Fault('SearchTooShort', { given: filter.url ?? '' })
    return goThrough(await scopeOf(caller), filter)
  },
})

async function* goThrough(
  scope: Scope,
  filter: z.output<typeof recordFilterSchema>,
): AsyncGenerator<ExportedLine[]> {
  let before: string | undefined
  do {
    const found = await findSubmissions(scope, filter, { before, limit: atOnce.submissions })
    for (const { submissionId } of found) {
      const ids = await tasksOf(scope, filter, submissionId)
      for (const id of ids) {
        const [task] = await readTasks(scope, { ids: [id] })
        if (task) yield* linesOf(scope.accountId, task, filter.url ?? '')
      }
    }
    before = found.length < atOnce.submissions ? undefined : found.at(-1)?.leadId
  } while (before !== undefined)
}

async function* linesOf(
  accountId: number,
  task: TaskSnapshot,
  contains: string,
): AsyncGenerator<ExportedLine[]> {
  let from = 0
  while (from < task.lineCount) {
    const lines = await readLines(accountId, task.id, { from, limit: atOnce.lines, contains })
    if (lines.length > 0) yield lines.map((line) => exported(task, line))
    if (lines.length < atOnce.lines) return
    from = (lines.at(-1)?.ordinal ?? 0) + 1
  }
}

function exported(task: TaskSnapshot, { text, misses }: TaskLine): ExportedLine {
  const nameOf = (cacheId: number) => task.caches.find((cache) => cache.cacheId === cacheId)?.name ?? cacheId
  const failed = misses.filter((miss) => miss.state !== 'degraded')
  return {
    task: task.id,
    submission: task.submissionId,
    submitted_at: task.acceptedAt,
    operation: task.operation,
    method: task.kind,
    mode: task.operation === 'purge' ? task.mode : '',
    domain: task.domain,
    line: text,
    status: failed.length > 0 ? 'failed' : task.state === 'partial' ? 'complete' : task.state,
    applied_ms: failed.length > 0 ? null : task.appliedMs,
    confirmed_ms: failed.length > 0 ? null : task.confirmedMs,
    caches: task.caches.length,
    caches_confirmed: task.caches.filter(
      ({ cacheId, confirmed }) =>
        confirmed >= task.commands && !failed.some((miss) => miss.cacheId === cacheId),
    ).length,
    missed: misses
      .map(({ cacheId, cause, detail }) => `${nameOf(cacheId)}: ${cause}${detail ? ` (${detail})` : ''}`)
      .join('; '),
    by: task.actor,
    source: task.source,
    key: task.keyId ?? '',
    address: task.address,
    note: task.note,
  }
}
