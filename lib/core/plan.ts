import { type CacheKind, capabilities, modeAt } from './capabilities.ts'
import {
  type CommandKind,
  type LaneClass,
  type Mode,
  maxTargetsPerCommand,
  maxTargetsPerPrefetch,
  maxUrgentTargets,
} from './command.ts'
import type { Method } from './line.ts'
import type { SubmissionLine } from './submission.ts'

/** What one command of a task carries: its targets, and the place of the first among the lines. */
export type PlannedCommand = { firstOrdinal: number; targets: string[] }

/** The part of a submission that concerns one domain and one method. */
export type PlannedTask = {
  domain: string
  method: Method
  kind: CommandKind | 'prefetch'
  mode: Mode
  class: LaneClass
  lines: SubmissionLine[]
  commands: PlannedCommand[]
}

/** The default of each method: an exact URL is removed, what reaches far is asked about first. */
export function defaultMode(method: Method): Mode {
  return method === 'url' || method === 'prefetch' ? 'hard' : 'soft'
}

/** The mode of lines: what was chosen for those of the chosen method; a directory among URLs has its default. */
export function modeOf(own: Method, chosen: { method: Method; mode: Mode }): Mode {
  return own === chosen.method ? chosen.mode : defaultMode(own)
}

/**
 * Splits a submission into one task a domain and method, and each task into commands that a lane can
 * carry.
 *
 * @param mode for lines of the submission's own method; a directory among URLs has its default
 * @param urgentLeft false when the account has used up what may go ahead of long submissions
 */
export function planTasks(
  lines: readonly SubmissionLine[],
  { method, mode, urgentLeft = true }: { method: Method; mode: Mode; urgentLeft?: boolean },
): PlannedTask[] {
  const isShort = lines.length <= maxUrgentTargets && urgentLeft
  const groups = Map.groupBy(lines, (line) => `${line.domain} ${line.method} ${line.kind}`)
  return [...groups.values()].map((own) => {
    const { domain, kind, method: ownMethod } = own[0] as SubmissionLine
    const isPrefetch = kind === 'prefetch'
    return {
      domain,
      method: ownMethod,
      kind,
      mode: modeOf(ownMethod, { method, mode }),
      class: isPrefetch ? 'prefetch' : isShort ? 'urgent' : 'bulk',
      lines: own,
      commands: commandsOf(own, isPrefetch ? maxTargetsPerPrefetch : maxTargetsPerCommand),
    }
  })
}

function commandsOf(lines: readonly SubmissionLine[], size: number): PlannedCommand[] {
  const commands: PlannedCommand[] = []
  for (let at = 0; at < lines.length; at += size) {
    const targets = lines.slice(at, at + size).map((line) => line.target)
    commands.push({ firstOrdinal: at, targets })
  }
  return commands
}

/** What one kind of cache does with lines, where it is not what was asked. */
export type Deviation = { cacheKind: CacheKind; is: 'hard'; lines: number }

/** Where caches can only purge hard what is to be purged soft, and how many lines that concerns. */
export function deviations(
  lines: readonly Pick<SubmissionLine, 'kind' | 'target'>[],
  mode: Mode,
  cacheKinds: Iterable<string>,
): Deviation[] {
  if (mode === 'hard') return []
  return [...new Set(cacheKinds)].filter(isCacheKind).flatMap((cacheKind) => {
    const harder = lines.filter(
      ({ kind, target }) => kind !== 'prefetch' && modeAt(cacheKind, kind, mode, target) !== mode,
    )
    return harder.length === 0 ? [] : [{ cacheKind, is: 'hard' as const, lines: harder.length }]
  })
}

function isCacheKind(kind: string): kind is CacheKind {
  return Object.hasOwn(capabilities, kind)
}

/**
 * The mode of a command's second pass: a hard purge is followed by a soft one where the cache can, so
 * that a hot object is not fetched twice; what is forbidden must not even stay as a stale copy.
 */
export function echoMode(cacheKind: CacheKind, kind: CommandKind, mode: Mode, forbidden: boolean): Mode {
  return forbidden ? mode : modeAt(cacheKind, kind, 'soft', '')
}
