/** How the targets of a purge are meant; see `Command`. */
export const commandKinds = ['url', 'directory', 'regex', 'ignore-parameters', 'tag', 'everything'] as const
export type CommandKind = (typeof commandKinds)[number]

/** Hard removes the copy; soft keeps it, and the next visitor makes the cache ask whether it changed. */
export const modes = ['hard', 'soft'] as const
export type Mode = (typeof modes)[number]

/** Which lane of a cache carries a command; the numbers are stored in the log. */
export const laneClasses = { urgent: 0, bulk: 1, prefetch: 2 } as const
export type LaneClass = keyof typeof laneClasses

/** The most targets that one command may carry. */
export const maxTargetsPerCommand = 200

/** The most URLs that one command may prefetch; a shield hands on to its edges command by command. */
export const maxTargetsPerPrefetch = 20

/** The most targets of a submission that still travels in the urgent lane. */
export const maxUrgentTargets = 100

/**
 * What a cache is told. A command is idempotent and its echo is the same command again, so a
 * cache takes effect at its own time of arrival and never drops one as already seen.
 *
 * `targets` hold no scheme and no host. By kind: a path with its query (`/a/b.css?v=1`), a path
 * that ends with `/`, a pattern, a tag; for `everything` the list is empty.
 *
 * `query` goes with URLs of a domain where some parameters do not count. A target is then without them,
 * and stands for every URL that is the same without them: a cache may have copies with any of them.
 */
export type Command = {
  seq: number
  domain: string
  kind: CommandKind
  mode: Mode
  targets: string[]
  query?: { is: 'only' | 'without'; names: string[] } | undefined
}
