import { z } from 'zod'
import { modes } from '#lib/core/command.ts'
import { Fault } from '#lib/core/fault.ts'
import { methods } from '#lib/core/line.ts'
import { isTaskId } from '#lib/core/task.ts'
import { readHeaders } from '#lib/store/accept.ts'
import { readFailed } from '#lib/store/tasks.ts'
import { describeRefreshTasks, requireTask } from './describe-refresh-tasks.ts'
import { operation } from './operation.ts'
import { preloadAction } from './preload-object-caches.ts'
import { refreshObjectCaches } from './refresh-object-caches.ts'
import {
  askedBy,
  permitLines,
  readGround,
  readLines,
  type SubmitAnswer,
  submissionFields,
  submit,
} from './submit.ts'

/**
 * Submits anew the lines of a task that failed, for the caches where they did. It is a submission like
 * any other, with its own record and its place in the quota; the old record stays as it is.
 *
 * @throws Fault EntityNotExist.Task, NothingToRetry, NoPermission and those of a submission
 */
export const retryLines = operation({
  action: describeRefreshTasks.action,
  input: z.object({ taskId: z.string().refine(isTaskId), key: submissionFields.key }),
  resources: () => 'anywhere',
  async run(caller, given): Promise<SubmitAnswer> {
    const { taskId, key } = given
    const task = await requireTask(caller, taskId)
    const action = task.operation === 'prefetch' ? preloadAction : refreshObjectCaches.action
    const ground = await readGround(caller)
    const served = ground.byName.get(task.domain)?.caches ?? []
    const { lines: failed, cacheIds } = await readFailed(caller.accountId, taskId)
    const onlyCaches = cacheIds.filter((id) => served.includes(id))
    const method = methods.find((one) => one === task.kind)
    if (!method || failed.length === 0 || onlyCaches.length === 0)
      throw new Fault('NothingToRetry', { id: taskId })
    const tag = method === 'tag' ? { tagDomain: task.domain } : {}
    const lines = readLines(failed.join('\n'), { method, ...tag }, ground)
    const mode = modes.find((one) => one === task.mode) ?? 'hard'
    const permitted = await permitLines(caller, askedBy(lines, { caller, ground, method, mode }))
    const headers = task.operation === 'prefetch' ? { headers: await readHeaders(taskId) } : {}
    const options = task.forbidden ? { forbidden: true as const } : headers
    const part = { lines, method, mode, optionsFor: () => options, onlyCaches }
    return submit(permitted, ground, { action, parts: [part], note: task.note, key, body: given })
  },
})
