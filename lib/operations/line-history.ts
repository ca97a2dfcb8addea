import { z } from 'zod'
import { Fault } from '#lib/core/fault.ts'
import { coverageTest } from '#lib/core/matching.ts'
import type { Scope } from '#lib/core/scope.ts'
import type { TaskLine, TaskSnapshot } from '#lib/core/task.ts'
import { findUrl, readWideCommands, tasksOf } from '#lib/store/records.ts'
import { readLines, readTasks } from '#lib/store/tasks.ts'
import { describeRefreshTasks } from './describe-refresh-tasks.ts'
import { operation } from './operation.ts'
import { recordsOf, scopeOf } from './scope.ts'

const mostTasks = 100
const mostCommands = 5_000

/** Something that happened to a URL: the task, and its line that named or reached it. */
export type LineEvent = { task: TaskSnapshot; line: TaskLine }

/**
 * What happened to a URL, newest first: tasks that named it, and those that reached it by a directory, a
 * pattern or without its parameters. Tags are known to caches alone, and are not among them.
 *
 * @throws Fault InvalidObjectPath.Url
 */
export const lineHistory = operation({
  action: describeRefreshTasks.action,
  input: z.object({ url: z.string().max(8192) }),
  resources: ({ url }, caller) => {
    const place = placeOf(url)
    return place ? recordsOf(caller, { domain: place.domain }) : 'anywhere'
  },
  async run(caller, { url }): Promise<LineEvent[]> {
    const place = placeOf(url)
    if (!place) throw new Fault('InvalidParameter', { field: 'url', given: url.slice(0, 200), rule: '' })
    const { accountId } = caller
    const scope = await scopeOf(caller)
    const [named, reached] = await Promise.all([tasksThatName(scope, place), tasksThatReach(scope, place)])
    const lines = new Map([...reached, ...named])
    const ids = [...lines.keys()].sort().reverse().slice(0, mostTasks)
    const tasks = ids.length === 0 ? [] : await readTasks(scope, { ids })
    return Promise.all(tasks.map((task) => eventOf(accountId, task, lines.get(task.id) ?? 0)))
  },
})

type Place = { domain: string; target: string }

function placeOf(url: string): Place | null {
  const [, domain = '', target = ''] = /^(?:https?:\/\/)?([^/?#\s]+)([^\s]*)$/i.exec(url.trim()) ?? []
  return domain === '' ? null : { domain: domain.toLowerCase(), target: target || '/' }
}

/** Tasks with the URL as a line, and which of their lines it is. */
async function tasksThatName(scope: Scope, place: Place): Promise<[string, number][]> {
  const found = await findUrl(scope, place, mostTasks)
  const url = place.domain + place.target
  const named = await Promise.all(
    found.map(async ({ submissionId }) => {
      const ids = await tasksOf(scope, { domain: place.domain }, submissionId)
      return Promise.all(ids.map((id) => lineOf(scope.accountId, id, url)))
    }),
  )
  return named.flat().filter((one) => one !== null)
}

async function lineOf(accountId: number, taskId: string, url: string): Promise<[string, number] | null> {
  const lines = await readLines(accountId, taskId, { from: 0, limit: 100, contains: url })
  const line = lines.find(({ text }) => text.replace(/^https?:\/\//i, '') === url)
  return line ? [taskId, line.ordinal] : null
}

async function tasksThatReach(scope: Scope, { domain, target }: Place): Promise<[string, number][]> {
  const commands = await readWideCommands(scope, domain, mostCommands)
  return commands.flatMap(({ taskId, kind, targets, firstOrdinal }): [string, number][] => {
    if (kind === 'tag') return []
    if (kind === 'everything') return [[taskId, 0]]
    const at = targets.findIndex((one) => coverageTest({ kind, targets: [one] })(target))
    return at < 0 ? [] : [[taskId, firstOrdinal + at]]
  })
}

async function eventOf(accountId: number, task: TaskSnapshot, ordinal: number): Promise<LineEvent> {
  const [line] = await readLines(accountId, task.id, { from: ordinal, limit: 1, contains: '' })
  return { task, line: line ?? { ordinal, text: task.firstLine, misses: [] } }
}
