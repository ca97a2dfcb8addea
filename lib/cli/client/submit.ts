import { taskIds, withFields } from './answer.ts'
import { type Call, call, NoAnswer } from './call.ts'
import { follow, howToFollow, onInterrupt, sayEnd, shower } from './follow.ts'
import { type Line, rangesOf, textsOf } from './lines.ts'
import { Misuse, readChoice, readDuration } from './options.ts'
import type { Connection } from './profile.ts'
import { exitCodes, outcomeOf, type Point, points } from './progress.ts'

type Given = { wait?: string; timeout?: string; json?: boolean }

/** A part as the console is asked for it, and the field of the answer that names its tasks. */
type Submission = Omit<Call<unknown>, 'fits'> & { idsIn: 'RefreshTaskId' | 'PreloadTaskId' }

const sayLines = (lines: Line[]) =>
  lines.length === 1 ? `line ${rangesOf(lines)}` : `${lines.length} lines (${rangesOf(lines)})`

/** Reads how long to wait, and for what, before anything is sent. */
function readWait({ wait, timeout }: Given) {
  const awaited = readChoice('wait', wait, points)
  if (timeout !== undefined && !awaited)
    throw new Misuse('--timeout says how long to wait, so it needs --wait applied or --wait confirmed.')
  return { awaited, timeoutMs: readDuration('timeout', timeout ?? '10m') }
}

/**
 * Submits parts one after the other, and waits for all of them together where that is asked for. What ends it
 * early says what goes on, and what has to be submitted again.
 *
 * @returns the exit code
 */
export async function submit(
  connection: Connection,
  given: Given,
  read: () => Line[][] | Promise<Line[][]>,
  callOf: (part: Line[]) => Submission,
): Promise<number> {
  // Before the lines: a URL that stands where an option wants a word is no missing line.
  const { awaited, timeoutMs } = readWait(given)
  const parts = await read()
  const ids: string[] = []
  let done = 0
  const known = () => ({ TaskIds: ids, NotSubmitted: textsOf(parts.slice(done).flat()) })
  onInterrupt(given.json, () => {
    const doubt = done < parts.length ? 'Not all may have been accepted; look with: freshet records\n' : ''
    return { said: doubt + (ids.length > 0 ? howToFollow(ids) : ''), more: known() }
  })
  try {
    for (const part of parts) {
      ids.push(...(await submitPart(connection, callOf(part))))
      done++
    }
    const count = parts.flat().length
    if (!given.json)
      console.log(`${count === 1 ? '1 line' : `${count} lines`} accepted: task ${ids.join(', ')}`)
    if (awaited) return await waitFor(connection, ids, { awaited, timeoutMs, json: given.json })
    if (given.json) console.log(JSON.stringify({ TaskIds: ids }))
    return 0
  } catch (error) {
    const { message } = error as Error
    const sentences = done < parts.length ? explain(error as Error, ids, parts, done) : [message]
    throw Object.assign(error as Error, { message: sentences.join('\n'), more: known() })
  }
}

async function submitPart(connection: Connection, { idsIn, ...asked }: Submission): Promise<string[]> {
  const parameters = { ...asked.parameters, ClientToken: crypto.randomUUID() }
  const fits = withFields({ [idsIn]: taskIds } as Record<typeof idsIn, typeof taskIds>)
  const answer = await call(connection, { ...asked, parameters, fits })
  return answer[idsIn].split(',')
}

type Wait = { awaited: Point; timeoutMs: number; json: boolean | undefined }

async function waitFor(connection: Connection, ids: string[], { awaited, timeoutMs, json }: Wait) {
  const show = json ? () => {} : shower()
  const tasks = await follow(connection, ids, { awaited, timeoutMs, show })
  const outcome = outcomeOf(tasks, awaited)
  if (json) console.log(JSON.stringify({ TaskIds: ids, Outcome: outcome, Tasks: tasks }))
  else sayEnd(tasks, awaited)
  return exitCodes[outcome]
}

/** Why a part was not accepted, by its lines' places in the whole list, and what became of the others. */
function explain(error: Error, ids: string[], parts: Line[][], done: number): string[] {
  const part = parts[done] ?? []
  const place = (all: string, line: string) => all.replace(line, `${part[Number(line) - 1]?.ordinal ?? line}`)
  const sentences = [error.message.replace(/ Line (\d+), “/, place)]
  const [accepted, left] = [parts.slice(0, done).flat(), parts.slice(done).flat()]
  if (done > 0)
    sentences.push(
      `Accepted before that: ${sayLines(accepted)}, as task ${ids.join(', ')}. Not accepted: ${sayLines(left)}.`,
    )
  if (error instanceof NoAnswer)
    sentences.push(
      `It is not known whether the console accepted ${sayLines(part)}; look with: freshet records`,
    )
  return sentences
}
