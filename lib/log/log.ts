import type { Command } from '#lib/core/command.ts'
import type { HeaderSet } from '#lib/core/header-sets.ts'

/** One place of the log: for whom it is, where it goes and which lane carries it. */
export type LogPlace = {
  seq: number
  accountId: number
  taskId: string
  domainId: number
  class: number
  /** The caches that this command goes to, and the shields that must confirm before the others. */
  caches: readonly number[]
  shields: readonly number[]
}

/** What caches are told. */
export type PurgeEntry = LogPlace & {
  is: 'purge'
  command: Command
  /** Other names of the same cache, and their domains; the command holds for each. */
  also: readonly string[]
  alsoIds: readonly number[]
  /** Nothing of it may stay, not even for revalidation. */
  forbidden: boolean
  /** The domain's own in-flight time, ms, where it set a longer one. */
  inFlightMs: number | null
}

/** What caches are to fetch. */
export type PrefetchEntry = LogPlace & {
  is: 'prefetch'
  domain: string
  /** Paths with their queries. */
  targets: readonly string[]
  /** The place of the first among the lines of its task. */
  firstOrdinal: number
  /** The requests by which each of them is fetched. */
  headers: readonly HeaderSet[]
  /** The newest purges of the domain that were accepted before it. */
  afterUrgent: number
  afterBulk: number
  acceptedAtMs: number
}

export type LogEntry = PurgeEntry | PrefetchEntry

/**
 * The ordered, durable list of commands. Appending is part of the accepting transaction; numbers
 * become visible in order, so a reader that saw `n` never misses a lower one later.
 */
export type Log = {
  /** Up to `limit` entries behind `seq`, in order. */
  read(seq: number, limit: number): Promise<LogEntry[]>
}
