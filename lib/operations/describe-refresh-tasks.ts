import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { hiddenValue, writeHeaderSets } from '#lib/core/header-sets.ts'
import { type Method, methods } from '#lib/core/line.ts'
import { isTaskId, type TaskSnapshot } from '#lib/core/task.ts'
import { readLines, readTasks, readTexts } from '#lib/store/tasks.ts'
import { operation } from './operation.ts'
import { scopeOf } from './scope.ts'

const mostLinesAgain = 10_000

/** Tasks of the account by their numbers, or those of a submission; newest first. */
export const describeRefreshTasks = operation({
  action: 'dcdn:DescribeDcdnRefreshTasks',
  input: z.union([
    z.strictObject({ ids: z.array(z.string().refine(isTaskId)).max(200) }),
    z.strictObject({ submissionId: z.string().regex(/^\d{1,18}$/) }),
  ]),
  resources: () => 'anywhere',
  run: async (caller, filter): Promise<TaskSnapshot[]> => readTasks(await scopeOf(caller), filter),
})

/** One task of the account. */
export const describeRefreshTaskById = operation({
  action: 'dcdn:DescribeDcdnRefreshTaskById',
  input: z.object({ id: z.string().refine(isTaskId) }),
  resources: () => ['*'],
  run: (caller, { id }): Promise<TaskSnapshot> => requireTask(caller, id),
})

/** A task that the caller may see. @throws Fault EntityNotExist.Task */
export async function requireTask(caller: Caller, id: string): Promise<TaskSnapshot> {
  const [task] = await readTasks(await scopeOf(caller, 'number'), { ids: [id] })
  if (!task) throw new Fault('EntityNotExist.Task', { id })
  return task
}

/** Lines of a task as they were submitted, from an ordinal on, those that contain a text. */
export const listLines = operation({
  action: 'dcdn:DescribeDcdnRefreshTaskById',
  input: z.object({
    taskId: z.string().refine(isTaskId),
    from: z.number().int().min(0).max(2_000_000_000).default(0),
    limit: z.number().int().min(1).max(500).default(100),
    contains: z
      .string()
      .max(1024)
      .regex(/^[^\0]*$/)
      .default(''),
  }),
  resources: () => ['*'],
  async run(caller, { taskId, ...page }) {
    const { id } = await requireTask(caller, taskId)
    return readLines(caller.accountId, id, page)
  },
})

/** What a past task submitted, to be submitted again or prefetched: at most 10,000 lines. */
export const readTaskText = operation({
  action: 'dcdn:DescribeDcdnRefreshTaskById',
  input: z.object({ id: z.string().refine(isTaskId) }),
  resources: () => ['*'],
  async run(caller, { id }): Promise<{ text: string; method: Method; domain: string; headers: string }> {
    const { kind, domain, headers } = await requireTask(caller, id)
    const page = { from: 0, limit: mostLinesAgain, contains: '' }
    const lines = await readTexts(caller.accountId, id, page)
    const method = methods.find((one) => one === kind) ?? 'directory'
    const text = lines.map((line) => line.text).join('\n')
    // Those with a hidden value would have to be written again; the domain has most of them.
    const isWhole = !headers.flat().some(([, value]) => value === hiddenValue)
    return { text, method, domain, headers: isWhole ? writeHeaderSets(headers) : '' }
  },
})
