import { setTimeout as delay } from 'node:timers/promises'
import { listOf, withFields } from './answer.ts'
import { call, callOnce, mayPass, versions } from './call.ts'
import { clientEnvironment } from './environment.ts'
import type { Connection } from './profile.ts'
import {
  changesOf,
  drawBars,
  endOf,
  exitCodes,
  isTaskProgress,
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

const hasTasks = withFields({ Tasks: listOf(isTaskProgress) })

/** The most tasks that one call tells of. */
const mostTasks = 100
/** A purge is confirmed within seconds, so one looks often at first; a long answer is worth a longer pause. */
const pauses = { soonMs: 250, laterMs: 1_000, soonForMs: 15_000, timesAsLong: 4 }

/** How far tasks are, in the order that was asked for. */
export async function readProgress(
  connection: Connection,
  ids: readonly string[],
  untilMs?: number,
  ask: typeof call = call,
): Promise<TaskProgress[]> {
  const tasks: TaskProgress[] = []
  for (let first = 0; first < ids.length; first += mostTasks) {
    const wanted = ids.slice(first, first + mostTasks)
    const parameters = { TaskId: wanted.join(',') }
    const asked = { action: 'DescribeTaskProgress', version: versions.own, parameters, fits: hasTasks }
    const found = new Map((await ask(connection, asked, untilMs)).Tasks.map((task) => [task.TaskId, task]))
    const missing = wanted.filter((id) => !found.has(id))
    if (missing.length > 0) throw new NoTask(`There is no task ${missing.join(', ')}, or you may not see it.`)
    tasks.push(...wanted.flatMap((id) => found.get(id) ?? []))
  }
  return tasks
}

/**
 * Watches tasks until each has got to a point, is over, or the time is up. A console that does not answer
 * meanwhile, as when it is started anew, ends nothing: the tasks go on without it.
 *
 * @throws NoAnswer or Refusal, with the exit code of those that wait where nothing was told in the whole time
 */
export async function follow(
  connection: Connection,
  ids: readonly string[],
  { awaited, timeoutMs, show }: { awaited: Point; timeoutMs: number; show: Show },
): Promise<TaskProgress[]> {
  const startedMs = performance.now()
  const untilMs = startedMs + timeoutMs
  let tasks = await readProgress(connection, ids, untilMs).catch((error) => {
    if (!mayPass(error)) throw error
    const message = `${error.message}\nHow far the tasks are is not known. ${howToFollow(ids)}`
    throw Object.assign(error, { message, exitCode: exitCodes.waiting })
  })
  for (let askedMs = startedMs; ; ) {
    show(tasks)
    const nowMs = performance.now()
    if (outcomeOf(tasks, awaited) !== 'waiting' || nowMs >= untilMs) return tasks
    const usualMs = nowMs < startedMs + pauses.soonForMs ? pauses.soonMs : pauses.laterMs
    await delay(Math.min(Math.max(usualMs, pauses.timesAsLong * (nowMs - askedMs)), untilMs - nowMs))
    askedMs = performance.now()
    tasks = await lookAgain(connection, tasks, awaited, untilMs)
  }
}

/** Asks only for what may have changed. */
async function lookAgain(
  connection: Connection,
  held: readonly TaskProgress[],
  awaited: Point,
  untilMs: number,
): Promise<TaskProgress[]> {
  const open = held.filter((task) => outcomeOf([task], awaited) === 'waiting').map(({ TaskId }) => TaskId)
  const news = await readProgress(connection, open, untilMs, callOnce).catch((error) => {
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
export function onInterrupt(isJson: boolean | undefined, known: () => { said: string; more: object }): void {
  process.on('SIGINT', () => {
    const { said, more } = known()
    console.error(`\n${said}`)
    if (isJson) console.log(JSON.stringify({ Code: 'Interrupted', Message: said, ...more }))
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
      // A terminal may not say how large it is.
      const lines = drawBars(rows, {
        columns: stdout.columns || 80,
        rows: stdout.rows || 24,
        color: wantsColor,
      })
      const up = drawn > 0 ? `\x1b[${drawn}A` : ''
      stdout.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[J`)
      drawn = lines.length
    } else for (const change of changesOf(before, rows)) console.log(change)
    before = rows
  }
}
