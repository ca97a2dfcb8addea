import { setTimeout as delay } from 'node:timers/promises'
import { call, mayPass, versions } from './call.ts'
import { clientEnvironment } from './environment.ts'
import type { Connection } from './profile.ts'
import {
  changesOf,
  drawBars,
  endOf,
  outcomeOf,
  type Point,
  type Row,
  rowsOf,
  type TaskProgress,
} from './progress.ts'

/** What is done with each new picture of the tasks. */
type Show = (tasks: readonly TaskProgress[]) => void

/** The console does not tell what is not there from what one may not see. */
class NoTask extends Error {
  exitCode = 3
  code = 'NoTask'
}

/** The most tasks that one call tells of. */
const mostTasks = 100
/** A purge is confirmed within seconds, so one looks often at first; a long answer is worth a longer pause. */
const pauses = { soonMs: 250, laterMs: 1_000, soonForMs: 15_000, timesAsLong: 4 }

/** How far tasks are, in the order that was asked for. */
export async function readProgress(
  connection: Connection,
  ids: readonly string[],
  patienceMs?: number,
): Promise<TaskProgress[]> {
  const tasks: TaskProgress[] = []
  for (let first = 0; first < ids.length; first += mostTasks) {
    const asked = ids.slice(first, first + mostTasks)
    const parameters = { TaskId: asked.join(',') }
    const { Tasks } = await call<{ Tasks: TaskProgress[] }>(
      connection,
      { action: 'DescribeTaskProgress', version: versions.own, parameters },
      patienceMs,
    )
    const found = new Map(Tasks.map((task) => [task.TaskId, task]))
    const missing = asked.filter((id) => !found.has(id))
    if (missing.length > 0) throw new NoTask(`There is no task ${missing.join(', ')}, or you may not see it.`)
    tasks.push(...asked.flatMap((id) => found.get(id) ?? []))
  }
  return tasks
}

/**
 * Watches tasks until each has got to a point, is over, or the time is up. A console that does not answer
 * meanwhile, as when it is started anew, ends nothing: the tasks go on without it.
 */
export async function follow(
  connection: Connection,
  ids: readonly string[],
  { awaited, timeoutMs, show }: { awaited: Point; timeoutMs: number; show: Show },
): Promise<TaskProgress[]> {
  const startedMs = performance.now()
  let tasks = await readProgress(connection, ids)
  for (let askedMs = startedMs; ; ) {
    show(tasks)
    const nowMs = performance.now()
    const leftMs = startedMs + timeoutMs - nowMs
    if (outcomeOf(tasks, awaited) !== 'waiting' || leftMs <= 0) return tasks
    const usualMs = nowMs < startedMs + pauses.soonForMs ? pauses.soonMs : pauses.laterMs
    await delay(Math.min(Math.max(usualMs, pauses.timesAsLong * (nowMs - askedMs)), leftMs))
    askedMs = performance.now()
    tasks = await lookAgain(connection, tasks, awaited)
  }
}

/** Asks only for what may have changed. */
async function lookAgain(
  connection: Connection,
  held: readonly TaskProgress[],
  awaited: Point,
): Promise<TaskProgress[]> {
  const open = held.filter((task) => outcomeOf([task], awaited) === 'waiting').map(({ TaskId }) => TaskId)
  const news = await readProgress(connection, open, 0).catch((error) => {
    if (mayPass(error)) return []
    throw error
  })
  const newest = new Map(news.map((task) => [task.TaskId, task]))
  return held.map((task) => newest.get(task.TaskId) ?? task)
}

/** How to look at tasks again. */
export function howToFollow(ids: readonly string[]): string {
  return `It goes on by itself; look again with: freshet task ${ids.join(' ')} --follow`
}

/** Says how tasks ended, or that they did not yet. */
export function sayEnd(tasks: readonly TaskProgress[], awaited: Point): void {
  console.log(endOf(tasks, awaited))
  if (outcomeOf(tasks, awaited) === 'waiting') console.log(howToFollow(tasks.map(({ TaskId }) => TaskId)))
}

/** Ctrl-C ends the looking and nothing else. It may come twice: from the terminal, and from who started us. */
export function onInterrupt(say: () => string): void {
  process.on('SIGINT', () => {
    console.error(`\n${say()}`)
    process.exit(130)
  })
}

/** Bars that are drawn over where a person looks, and a line for each change elsewhere. */
export function shower(): Show {
  const { wantsColor, canRedraw } = clientEnvironment()
  const { stdout } = process
  let before: Row[] = []
  let drawn = 0
  return (tasks) => {
    const rows = rowsOf(tasks)
    if (stdout.isTTY && canRedraw) {
      const lines = drawBars(rows, { columns: stdout.columns, rows: stdout.rows, color: wantsColor })
      const up = drawn > 0 ? `\x1b[${drawn}A` : ''
      stdout.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[J`)
      drawn = lines.length
    } else for (const change of changesOf(before, rows)) console.log(change)
    before = rows
  }
}
