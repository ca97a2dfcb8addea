import type { z } from 'zod'
import type { Command } from '#lib/core/command.ts'
import type { Holdings } from '#lib/core/question.ts'

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

/** One URL to fetch through a cache as a visitor would; what is fetched is read and mostly thrown away. */
export type Fetch = {
  domain: string
  /** A path with its query, as for a purge. */
  target: string
  /** Fields of the request besides Host, such as `Accept-Encoding: gzip`. */
  headers: readonly (readonly [string, string])[]
  /** The longest body, bytes; a longer one is given up as `oversized`. */
  maxBytes: number
  /** Gets the body as it comes, where somebody wants it. */
  take?: (chunk: Buffer) => void
}

/**
 * What came of a fetch. Only `kept` means that the next visitor with the same fields gets a copy;
 * `hit` says that it was there before. Of an answer other than 200 nothing is kept for sure, so its
 * status is told; `retryAfterMs` is what the origin asked for, where it did.
 */
export type Fetched =
  | { is: 'kept'; hit: boolean; bytes: number }
  | { is: 'not-kept'; bytes: number; detail: string }
  | { is: 'status'; status: number; location?: string; retryAfterMs?: number }
  | { is: 'broken'; cause: 'timeout' | 'truncated' | 'oversized'; bytes: number; detail: string }
  | { is: 'unreachable'; cause: Cause; detail: string }

/** How far a fetch is: bytes of the body so far, and of all of it where that is known. */
export type OnBytes = (bytes: number, total: number | undefined) => void

/** What a purge would cover. */
export type Coverage = Pick<Command, 'domain' | 'kind' | 'targets' | 'query'>

/** What "test connection" found: the steps that held, in order, and the one that did not. */
export type ProbeResult = {
  ok: boolean
  /** Machine names of what was proved, e.g. `reachable`, `authorised`, `purged`. */
  proved: string[]
  cause?: Cause
  detail: string
  ms: number
}

/** Why a cache did not do something, in a word and in its own. */
export type Failure = { cause: Cause; detail: string }

/** An open connection to one cache. It never sees the database, and it never throws. */
export type Driver = {
  /** Delivers commands in order in as few calls as it can; one outcome for each, same order. */
  deliver(commands: readonly Command[], signal: AbortSignal): Promise<Outcome[]>
  /** Asks as little as shows that the cache is there and takes our secret; why not, where it does not. */
  ping(signal: AbortSignal): Promise<Failure | undefined>
  /** Purges a probe object for real and says what that proved. */
  probe(signal: AbortSignal): Promise<ProbeResult>
  /** Fetches one URL through the cache, on connections that no purge waits for. */
  fetch(fetch: Fetch, onBytes: OnBytes, signal: AbortSignal): Promise<Fetched>
  /** Tells what the cache holds of what a purge would cover; null where such a cache cannot tell. */
  holdings(coverage: Coverage, signal: AbortSignal): Promise<Holdings | null>
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
