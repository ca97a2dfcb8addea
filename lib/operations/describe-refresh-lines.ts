import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { methods } from '#lib/core/line.ts'
import { domainResource } from '#lib/core/resource-name.ts'
import { isTaskId, type TaskSnapshot } from '#lib/core/task.ts'
import { type LineFilter, type LineRow, type LineStatus, readLineRows } from '#lib/store/api-records.ts'
import { readTasks } from '#lib/store/tasks.ts'
import { describeRefreshTaskById, describeRefreshTasks } from './describe-refresh-tasks.ts'
import { operation } from './operation.ts'
import { scopeOf } from './scope.ts'

export type { LineRow, LineStatus }

/** How far the vendor's API looks back. */
export const lookBackDays = 3
const dayMs = 86_400_000
/** Lines that are told of tasks asked for by number; the API takes at most a thousand a call. */
const mostLines = 10_000

/** A line of a task with how far its task is, percent. */
export type LineRecord = LineRow & { percent: number }

const moment = z.date().optional()

/**
 * Lines of tasks of the last three days, of the newest tasks first.
 *
 * @throws Fault InvalidStartTime.ValueNotSupported, InvalidEndTime.Mismatch, NoPermission
 */
export const describeRefreshLines = operation({
  action: describeRefreshTasks.action,
  input: z.object({
    taskId: z.string().refine(isTaskId).optional(),
    text: z.string().max(1024).optional(),
    domain: z.string().max(253).toLowerCase().optional(),
    kinds: z.array(z.enum([...methods, 'everything'])).optional(),
    status: z.enum(['open', 'complete', 'failed']).optional(),
    from: moment,
    until: moment,
    offset: z.number().int().min(0),
    limit: z.number().int().min(1).max(100),
  }),
  resources: ({ domain }, { accountId }) =>
    domain === undefined ? 'anywhere' : [domainResource(accountId, domain)],
  async run(caller, { offset, limit, taskId, from, until, ...rest }) {
    const filter = { ...rest, ...windowOf(from, until), ...(taskId === undefined ? {} : { ids: [taskId] }) }
    return recordsOf(caller, 'list', filter, { offset, limit })
  },
})

/** Lines of tasks by their numbers, at most 10,000 of them. */
export const describeLinesById = operation({
  action: describeRefreshTaskById.action,
  input: z.object({ ids: z.array(z.string().refine(isTaskId)).min(1).max(10) }),
  resources: () => ['*'],
  run: (caller, { ids }) =>
    recordsOf(caller, 'number', { ids, ...windowOf() }, { offset: 0, limit: mostLines }),
})

/** Tasks by their numbers, cache by cache, for whoever waits for them. */
export const describeTaskProgress = operation({
  action: describeRefreshTaskById.action,
  input: z.object({ ids: z.array(z.string().refine(isTaskId)).min(1).max(100) }),
  resources: () => ['*'],
  run: async (caller, { ids }): Promise<TaskSnapshot[]> =>
    readTasks(await scopeOf(caller, 'number'), { ids }),
})

async function recordsOf(
  caller: Caller,
  asked: 'list' | 'number',
  given: { [Name in keyof LineFilter]: LineFilter[Name] | undefined } & Pick<LineFilter, 'from' | 'until'>,
  page: { offset: number; limit: number },
): Promise<{ records: LineRecord[]; total: number }> {
  const scope = await scopeOf(caller, asked)
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  const { rows, total } = await readLineRows(scope, Object.fromEntries(set) as LineFilter, page)
  const open = [...new Set(rows.filter((row) => row.status === 'open').map((row) => row.taskId))]
  const tasks = open.length === 0 ? [] : await readTasks(scope, { ids: open })
  const percents = new Map(tasks.map((task) => [task.id, percentOf(task)]))
  return { records: rows.map((row) => ({ ...row, percent: percents.get(row.taskId) ?? 100 })), total }
}

/** How much of what its caches have to take, twice, a task is through; 100 is kept for when it is over. */
function percentOf({ caches, commands }: TaskSnapshot): number {
  const passed = caches.reduce((sum, cache) => sum + cache.applied + cache.confirmed, 0)
  return Math.min(99, Math.floor((100 * passed) / Math.max(1, 2 * commands * caches.length)))
}

function windowOf(from?: Date, until?: Date): { from: Date; until: Date } {
  const now = Date.now()
  const earliest = new Date(now - lookBackDays * dayMs)
  // A second of grace, or what was just in time would be refused on the way.
  if (from && from.getTime() < earliest.getTime() - 1_000)
    throw new Fault('InvalidStartTime.ValueNotSupported', { given: from.toISOString(), days: lookBackDays })
  if (from && until && from.getTime() + 999 >= until.getTime()) throw new Fault('InvalidEndTime.Mismatch')
  return { from: from ?? earliest, until: until ?? new Date(now + dayMs) }
}
