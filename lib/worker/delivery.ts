import type { CacheKind } from '#lib/core/capabilities.ts'
import type { Command, Mode } from '#lib/core/command.ts'
import { echoMode } from '#lib/core/plan.ts'
import type { Driver, Outcome } from '#lib/drivers/driver.ts'
import type { PurgeEntry } from '#lib/log/log.ts'
import type { Piece } from './cursor.ts'
import type { Pass } from './lane.ts'

export type Again = Outcome & { kind: 'again' }

/** What became of a batch: what is done for good, and what is to be tried again and why. */
export type Delivered = {
  finished: Piece<PurgeEntry>[]
  failed: { entry: PurgeEntry; outcome: Outcome & { kind: 'failed' } }[]
  again: { piece: Piece<PurgeEntry>; outcome: Again }[]
}

/** Hands a batch to a driver, each command under every name of its cache, and sorts the outcomes. */
export async function deliver(
  driver: Driver,
  pass: Pass,
  cacheKind: CacheKind,
  batch: readonly Piece<PurgeEntry>[],
  signal: AbortSignal,
): Promise<Delivered> {
  const commands = batch.map((piece) => commandsOf(piece, pass, cacheKind))
  const answers = await driver.deliver(commands.flat(), signal)
  const delivered: Delivered = { finished: [], failed: [], again: [] }
  let at = 0
  for (const [index, piece] of batch.entries()) {
    const outcome = worst((commands[index] ?? []).map(() => answers[at++] ?? missing))
    if (outcome.kind === 'again') {
      delivered.again.push({ piece, outcome })
      continue
    }
    delivered.finished.push(piece)
    if (outcome.kind === 'failed') {
      const targets = outcome.targets.map((target) => piece.places[target] ?? target)
      delivered.failed.push({ entry: piece.entry, outcome: { ...outcome, targets } })
    }
  }
  return delivered
}

/** The command of a piece, once for each name. */
function commandsOf({ entry, places }: Piece<PurgeEntry>, pass: Pass, cacheKind: CacheKind): Command[] {
  const { command, also, forbidden } = entry
  const mode: Mode =
    pass === 'echo' ? echoMode(cacheKind, command.kind, command.mode, forbidden) : command.mode
  const isWhole = places.length === Math.max(1, command.targets.length)
  const targets = isWhole ? command.targets : places.map((place) => command.targets[place] as string)
  return [command.domain, ...also].map((domain) => ({ ...command, domain, mode, targets }))
}

const missing: Again = { kind: 'again', scope: 'cache', cause: 'unexpected', detail: 'no outcome' }

/** The outcome that counts: what is to be tried again, else what failed. */
function worst(outcomes: readonly Outcome[]): Outcome {
  const readable = outcomes.map((outcome) =>
    outcome.kind === 'done' ? outcome : { ...outcome, detail: oneLine(outcome.detail) },
  )
  return (
    readable.find((outcome) => outcome.kind === 'again') ??
    readable.find((outcome) => outcome.kind === 'failed') ??
    (readable[0] as Outcome)
  )
}

/** A cache's own words as one line that Postgres and JSON can hold. */
export function oneLine(text: string): string {
  return text
    .slice(0, 300)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
}
