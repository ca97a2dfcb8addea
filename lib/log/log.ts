import type { Command } from '#lib/core/command.ts'

/** One command in the log: what caches are told, for whom, and which way. */
export type LogEntry = {
  seq: number
  accountId: number
  taskId: string
  domainId: number
  class: number
  /** The caches that this command goes to, and the shields that must confirm before the others. */
  caches: readonly number[]
  shields: readonly number[]
  /** The domain's own in-flight time, ms, where it set a longer one. */
  inFlightMs: number | null
  command: Command
}

/**
 * The ordered, durable list of commands. Appending is part of the accepting transaction; numbers
 * become visible in order, so a reader that saw `n` never misses a lower one later.
 */
export type Log = {
  /** Up to `limit` entries behind `seq`, in order. */
  read(seq: number, limit: number): Promise<LogEntry[]>
}
