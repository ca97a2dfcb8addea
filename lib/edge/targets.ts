import type { Command, CommandKind } from '#lib/core/command.ts'
import { parsePattern } from '#lib/core/pattern.ts'
import { normalisePattern, normaliseTarget, pathOf } from '#lib/core/spelling.ts'

/** The targets of a purge, spelled as what is stored is, or why there will never be such a purge. */
export type ReadTargets = { targets: string[] } | { rejected: string }

/** Reads the targets of a command, all of them or none. */
export function readTargets({ kind, targets }: Pick<Command, 'kind' | 'targets'>): ReadTargets {
  for (const [index, target] of targets.entries()) {
    const fault = kind === 'regex' ? faultOfPattern(target) : faultOfShape(kind, target)
    if (fault) return { rejected: `target ${index} is no ${fault}` }
  }
  return { targets: targets.map((target) => normalise(kind, target)) }
}

/** What a target of each kind looks like; the rest was checked before it came here. */
const shapes: Record<Exclude<CommandKind, 'regex'>, RegExp> = {
  url: /^\/[^\s#]*$/,
  directory: /^\/(?:[^\s?#]*\/)?$/,
  'ignore-parameters': /^\/[^\s#]*$/,
  tag: /^[^\s,]+$/,
  everything: /^(?!)/,
}

function faultOfShape(kind: Exclude<CommandKind, 'regex'>, target: string): string | undefined {
  return shapes[kind].test(target) ? undefined : kind
}

function faultOfPattern(target: string): string | undefined {
  const parsed = parsePattern(target)
  if (!('rule' in parsed)) return undefined
  if (parsed.rule === 'repetitions') return 'pattern: it repeats too often'
  return `pattern: character ${parsed.from} is neither literal nor of [0-9], [a-z], [^/]* or .*`
}

function normalise(kind: CommandKind, target: string): string {
  if (kind === 'tag') return target.toLowerCase()
  if (kind === 'regex') return normalisePattern(target)
  const normal = normaliseTarget(target)
  return kind === 'ignore-parameters' ? pathOf(normal) : normal
}
