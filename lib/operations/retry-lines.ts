import { z } from 'zod'
import { modes } from '#lib/core/command.ts'
import { Fault } from '#lib/core/fault.ts'
import { methods } from '#lib/core/line.ts'
import { isTaskId, type TaskSnapshot } from '#lib/core/task.ts'
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
    const lines = readLines(failed.join('\n'), { method, ...rulesOf(task) }, ground)
    const mode = modes.find((one) => one === task.mode) ?? 'hard'
    const permitted = await permitLines(caller, askedBy(lines, { caller, ground, method, mode }))
    const headers = task.operation === 'prefetch' ? { headers: await readHeaders(taskId) } : {}
    const options = task.forbidden ? { forbidden: true as const } : headers
    // Those caches were reached before, behind a shield or not.
    const part = { lines, method, mode, optionsFor: () => options, onlyCaches, reachesEdges: true }
    return submit(permitted, ground, { action, parts: [part], note: task.note, key, body: given })
  },
})

/** How the lines of a task were read when it was accepted. */
function rulesOf({ source, domain, asked }: TaskSnapshot) {
  const isApi = source === 'api'
  return {
    dialect: isApi ? 'api' : 'console',
    asGiven: isApi && asked.QueryHashkey === undefined,
    tagDomain: domain,
  } as const
}
