import { type Call, call, NoAnswer, Refusal } from './call.ts'
import { follow, howToFollow, onInterrupt, sayEnd, shower } from './follow.ts'
import { type Line, rangesOf } from './lines.ts'
import { Misuse, readChoice, readDuration } from './options.ts'
import type { Connection } from './profile.ts'
import { exitCodes, outcomeOf, points } from './progress.ts'

type Given = { wait?: string; timeout?: string; json?: boolean }

/** A later part was refused: what was accepted before it goes on. */
class PartlyRefused extends Error {
  exitCode: number
  code: string
  /** For `--json`: what goes on, and what has to be submitted again. */
  more: { TaskIds: string[]; NotSubmitted: string[] }

  constructor(reason: Refusal | NoAnswer, ids: string[], accepted: Line[], left: Line[]) {
    const doubt =
      reason instanceof NoAnswer ? ' The first of these may have been: look with freshet records.' : ''
    super(
      `${reason.message}\nAccepted before that: ${sayLines(accepted)}, as task ${ids.join(', ')}. ` +
        `Not accepted: ${sayLines(left)}.${doubt}`,
    )
    this.exitCode = reason.exitCode
    this.code = reason.code
    this.more = { TaskIds: ids, NotSubmitted: left.map(({ text }) => text) }
  }
}

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
 * Submits parts one after the other, and waits for all of them together where that is asked for.
 *
 * @returns the exit code
 * @throws Refusal where nothing was accepted, else PartlyRefused
 */
export async function submit(
  connection: Connection,
  given: Given,
  parts: Line[][],
  callOf: (part: Line[]) => Call,
): Promise<number> {
  const { awaited, timeoutMs } = readWait(given)
  const ids: string[] = []
  let left = parts.length
  onInterrupt(() => {
    const doubt = left > 0 ? 'Not all may have been accepted; look with: freshet records\n' : ''
    return doubt + (ids.length > 0 ? howToFollow(ids) : '')
  })
  for (const [index, part] of parts.entries()) {
    ids.push(...(await submitPart(connection, callOf(part)).catch(partly(ids, parts, index))))
    left--
  }
  const count = parts.flat().length
  if (!given.json)
    console.log(`${count === 1 ? '1 line' : `${count} lines`} accepted: task ${ids.join(', ')}`)
  if (!awaited) {
    if (given.json) console.log(JSON.stringify({ TaskIds: ids }))
    return 0
  }
  const show = given.json ? () => {} : shower()
  const tasks = await follow(connection, ids, { awaited, timeoutMs, show }).catch((error) => {
    // A key may purge and not look; what was accepted is named all the same.
    throw Object.assign(error, { more: { TaskIds: ids } })
  })
  const outcome = outcomeOf(tasks, awaited)
  if (given.json) console.log(JSON.stringify({ TaskIds: ids, Outcome: outcome, Tasks: tasks }))
  else sayEnd(tasks, awaited)
  return exitCodes[outcome]
}

async function submitPart(connection: Connection, asked: Call): Promise<string[]> {
  const parameters = { ...asked.parameters, ClientToken: crypto.randomUUID() }
  const answer = await call<{ RefreshTaskId?: string; PreloadTaskId?: string }>(connection, {
    ...asked,
    parameters,
  })
  return (answer.RefreshTaskId ?? answer.PreloadTaskId ?? '').split(',').filter(Boolean)
}

/** With nothing accepted a refusal speaks for itself. */
function partly(ids: string[], parts: Line[][], index: number) {
  return (error: unknown): never => {
    const isKnown = error instanceof Refusal || error instanceof NoAnswer
    if (!isKnown || index === 0) throw error
    throw new PartlyRefused(error, ids, parts.slice(0, index).flat(), parts.slice(index).flat())
  }
}
