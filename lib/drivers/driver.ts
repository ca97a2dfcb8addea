import type { z } from 'zod'
import type { Command } from '#lib/core/command.ts'

/**
 * Why a cache did not take a command.
 *
 * - `unreachable`: no connection (refused, no route, name not found, TLS refused)
 * - `dropped`: the connection closed before the answer, also after one retry on a fresh connection
 * - `timeout`: no whole answer within the deadline of the batch
 * - `credentials`: the cache refused our secret (401, 403); its lanes pause
 * - `unexpected`: an answer that our recipe never gives (HTML, a redirect, 405, 5xx)
 * - `count`: the cache says that it took fewer targets than were sent
 * - `rejected`: the cache understood the command and refuses it for good
 */
export const causes = [
  'unreachable',
  'dropped',
  'timeout',
  'credentials',
  'unexpected',
  'count',
  'rejected',
] as const
export type Cause = (typeof causes)[number]

/**
 * What became of one command at one cache. `again` for the cache holds its lanes, `again` for the
 * domain lets other domains pass; `failed` is final for the targets. `detail` is the cache's own
 * answer in one line of at most 300 characters, without secrets.
 */
export type Outcome =
  | { kind: 'done' }
  | { kind: 'again'; scope: 'cache' | 'domain'; cause: Cause; detail: string }
  | { kind: 'failed'; cause: Cause; detail: string; targets: number[] }

/** What "test connection" found: the steps that held, in order, and the one that did not. */
export type ProbeResult = {
  ok: boolean
  /** Machine names of what was proved, e.g. `reachable`, `authorised`, `purged`. */
  proved: string[]
  cause?: Cause
  detail: string
  ms: number
}

/** An open connection to one cache. It never sees the database, and it never throws. */
export type Driver = {
  /** Delivers commands in order in as few calls as it can; one outcome for each, same order. */
  deliver(commands: readonly Command[], signal: AbortSignal): Promise<Outcome[]>
  /** Purges a probe object for real and says what that proved. */
  probe(signal: AbortSignal): Promise<ProbeResult>
  close(): Promise<void>
}

/** What a driver needs to reach its cache. */
export type CacheAddress = {
  /** `http://host:port` of the control port (edge) or of the cache itself (Varnish). */
  address: string
  /** The shared secret of our recipe, in clear; only ever in memory. */
  secret: string
}

/** One kind of cache: how its settings look and how to open it. */
export type DriverKind = {
  kind: string
  /** The most targets, over all commands, that one `deliver` call should be handed. */
  maxTargetsPerBatch: number
  address: z.ZodType<string>
  open(cache: CacheAddress): Driver
}
