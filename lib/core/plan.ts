import { type LaneClass, maxTargetsPerCommand, maxUrgentTargets } from './command.ts'
import type { SubmissionLine } from './submission.ts'

/** What one command of a task carries: its targets, and the place of the first among the lines. */
export type PlannedCommand = { firstOrdinal: number; targets: string[] }

/** The part of a submission that concerns one domain. */
export type PlannedTask = {
  domain: string
  class: LaneClass
  lines: SubmissionLine[]
  commands: PlannedCommand[]
}

/** Splits a submission into one task a domain, and each task into commands that a lane can carry. */
export function planTasks(lines: readonly SubmissionLine[]): PlannedTask[] {
  const byDomain = Map.groupBy(lines, (line) => line.domain)
  return [...byDomain].map(([domain, own]) => ({
    domain,
    class: lines.length <= maxUrgentTargets ? 'urgent' : 'bulk',
    lines: own,
    commands: commandsOf(own),
  }))
}

function commandsOf(lines: readonly SubmissionLine[]): PlannedCommand[] {
  const commands: PlannedCommand[] = []
  for (let at = 0; at < lines.length; at += maxTargetsPerCommand) {
    const targets = lines.slice(at, at + maxTargetsPerCommand).map((line) => line.target)
    commands.push({ firstOrdinal: at, targets })
  }
  return commands
}
