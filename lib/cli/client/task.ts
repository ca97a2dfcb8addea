import { follow, howToFollow, onInterrupt, readProgress, sayEnd, shower } from './follow.ts'
import { Misuse, readDuration, readOptions } from './options.ts'
import { connectionOf } from './profile.ts'
import { exitCodes, outcomeOf, type TaskProgress } from './progress.ts'

/** `freshet task`. */
export async function task(args: string[]): Promise<number> {
  const { values, positionals } = readOptions('task', args)
  const ids = positionals.flatMap((given) => given.split(',')).filter(Boolean)
  if (ids.length === 0) throw new Misuse('Say which task: freshet task ID.')
  if (values.timeout !== undefined && !values.follow)
    throw new Misuse('--timeout says how long to follow, so it needs --follow.')
  const timeoutMs = readDuration('timeout', values.timeout ?? '10m')
  const connection = connectionOf(values)
  onInterrupt(values.json, () => ({ said: howToFollow(ids), more: { TaskIds: ids } }))
  const show = values.json ? printChanges() : shower()
  const tasks = values.follow
    ? await follow(connection, ids, { awaited: 'confirmed', timeoutMs, show })
    : await readProgress(connection, ids)
  if (!values.follow) show(tasks)
  if (!values.json) sayEnd(tasks, 'confirmed')
  return exitCodes[outcomeOf(tasks, 'confirmed')]
}

/** A task a line, whenever it changed. */
function printChanges() {
  const printed = new Map<string, string>()
  return (tasks: readonly TaskProgress[]) => {
    for (const one of tasks) {
      const line = JSON.stringify(one)
      if (printed.get(one.TaskId) !== line) console.log(line)
      printed.set(one.TaskId, line)
    }
  }
}
