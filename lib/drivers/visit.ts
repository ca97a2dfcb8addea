import { type Dispatcher, Pool } from 'undici'
import type { Cause, Failure, Fetch, Fetched, OnBytes } from './driver.ts'

/** Fields of an answer by name in lower case; several lines of one are joined. */
type Headers = Record<string, string>

/** Where visitors of a cache come, and how to ask it for a copy only if it has one. */
export type VisitorsDoor = {
  /** `http://host:port`, or why that cannot be found out now. */
  site: (signal: AbortSignal) => Promise<string | Failure>
  /** Fields that make the cache answer from what it holds, or not with 200. */
  onlyIfKept: Headers
  /** Whether an answer with these fields came from what the cache held before. */
  isHit: (headers: Headers) => boolean
}

export type Visits = {
  fetch(fetch: Fetch, onBytes: OnBytes, signal: AbortSignal): Promise<Fetched>
  close(): Promise<void>
}

// A cold fetch may wait for a slow origin, and for another visitor's fetch of the same.
const longestSilenceMs = 60_000
const connectMs = 3_000
// Enough for origins that hang beside one that does not.
export const connections = 128

/**
 * Fetches through a cache as its visitors do. A fetch that ended well is asked for once more, without
 * its body and only from what the cache holds: that alone says that the next visitor will be served.
 * Also after a hit, for a purge may have come while the body did.
 */
export function openVisits(door: VisitorsDoor, silenceMs = longestSilenceMs): Visits {
  const pools = new Map<string, Pool>()
  const poolOf = (site: string) => {
    const pool = pools.get(site) ?? openPool(site, silenceMs)
    pools.set(site, pool)
    return pool
  }
  return {
    async fetch(fetch, onBytes, signal) {
      const site = await door.site(signal)
      if (typeof site !== 'string') return { is: 'unreachable', ...site }
      return fetchKept(poolOf(site), door, fetch, onBytes, signal)
    },
    close: async () => void (await Promise.all([...pools.values()].map((pool) => pool.destroy()))),
  }
}

function openPool(site: string, silenceMs: number): Pool {
  return new Pool(site, {
    connections,
    pipelining: 1,
    connect: { timeout: connectMs },
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    maxHeaderSize: 65_536,
  })
}

async function fetchKept(
  pool: Pool,
  door: VisitorsDoor,
  fetch: Fetch,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<Fetched> {
  const headers = [...fetch.headers.flat(), 'host', fetch.domain]
  const got = await visit(pool, 'GET', { ...fetch, headers }, onBytes, signal)
  if (got.is !== 'answer') return got
  if (got.status !== 200) return statusOf(got)
  const { bytes } = got
  const { target, maxBytes } = fetch
  const check = { target, maxBytes, headers: [...headers, ...Object.entries(door.onlyIfKept).flat()] }
  const kept = await visit(pool, 'HEAD', check, () => {}, signal)
  if (kept.is === 'unreachable') return kept
  if (kept.is === 'broken') return { ...kept, bytes }
  if (kept.status === 200) return { is: 'kept', hit: door.isHit(got.headers), bytes }
  return { is: 'not-kept', bytes, detail: reasonNotToKeep(got.headers) }
}

function statusOf({ status, headers }: Answer): Fetched {
  const retryAfterMs = readRetryAfter(headers)
  return {
    is: 'status',
    status,
    ...(headers.location === undefined ? {} : { location: headers.location }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** RFC 9110, section 10.2.3: seconds, or a date, which is one of the clock that made Date. */
function readRetryAfter(headers: Headers): number | undefined {
  const { 'retry-after': value = '', date = '' } = headers
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const waitMs = Date.parse(value) - Date.parse(date)
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs)
}

const named = ['Cache-Control', 'CDN-Cache-Control', 'Expires', 'Pragma', 'Vary', 'Set-Cookie']

/** What the origin said that may be why a cache keeps nothing. */
function reasonNotToKeep(headers: Headers): string {
  const said = named.flatMap((name) => {
    const value = headers[name.toLowerCase()]
    if (value === undefined) return []
    // A cookie is somebody's secret.
    return [name === 'Set-Cookie' ? name : `${name}: ${value}`]
  })
  return said.length === 0 ? 'its answer says nothing about caches' : said.join('; ').slice(0, 300)
}

type Answer = { is: 'answer'; status: number; headers: Headers; bytes: number }
type Visited = Answer | Extract<Fetched, { is: 'broken' | 'unreachable' }>
type Call = Pick<Fetch, 'target' | 'maxBytes' | 'take'> & { headers: string[] }

/** One request whose body is counted and thrown away; a kept-alive connection that drops is no failure. */
async function visit(
  pool: Pool,
  method: 'GET' | 'HEAD',
  call: Call,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<Visited> {
  for (let tries = 1; ; tries += 1) {
    const reading = new Reading(call, onBytes, signal)
    // A client otherwise closes its connection after HEAD, as some servers send a body; a cache does not.
    pool.dispatch({ path: call.target, method, headers: call.headers, reset: false }, reading)
    const visited = await reading.ended
    const dropped = visited.is === 'unreachable' && visited.cause === 'dropped'
    if (!dropped || tries > 1 || signal.aborted) return visited
  }
}

class Reading implements Dispatcher.DispatchHandler {
  readonly #call: Call
  readonly #onBytes: OnBytes
  readonly #signal: AbortSignal
  readonly #done = Promise.withResolvers<Visited>()
  #controller: Dispatcher.DispatchController | undefined
  #answer: Answer | undefined
  #total: number | undefined

  constructor(call: Call, onBytes: OnBytes, signal: AbortSignal) {
    this.#call = call
    this.#onBytes = onBytes
    this.#signal = signal
    signal.addEventListener('abort', this.#abort)
    if (signal.aborted) this.#abort()
  }

  get ended(): Promise<Visited> {
    return this.#done.promise
  }

  /** Also ends the wait for a connection, of which undici knows nothing yet. */
  readonly #abort = () => {
    this.#end(this.#broken('timeout', 'given up'))
    this.#controller?.abort(new Error('given up'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#signal.aborted) this.#abort()
  }

  onResponseStart(_: unknown, status: number, parsed: Record<string, string | string[]>): void {
    if (status < 200) return
    const headers = Object.fromEntries(
      Object.entries(parsed).map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]),
    )
    this.#answer = { is: 'answer', status, headers, bytes: 0 }
    const length = headers['content-length']
    if (length !== undefined) this.#total = Number(length)
    this.#refuseOversized(this.#total ?? 0)
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (!this.#answer) return
    this.#answer.bytes += chunk.length
    this.#onBytes(this.#answer.bytes, this.#total)
    this.#call.take?.(chunk)
    this.#refuseOversized(this.#answer.bytes)
  }

  onResponseEnd(): void {
    if (this.#answer) this.#end(this.#answer)
  }

  onResponseError(_: unknown, error: Error & { code?: string }): void {
    const code = error.code ?? error.message
    if (/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(code)) this.#end(this.#broken('timeout', 'silent'))
    else if (this.#answer) this.#end(this.#broken('truncated', 'ended'))
    else this.#end({ is: 'unreachable', cause: causeOf(error), detail: code.slice(0, 300) })
  }

  #broken(cause: 'timeout' | 'truncated', what: string): Visited {
    const bytes = this.#answer?.bytes ?? 0
    const detail = `${what} after ${bytes} of ${this.#total ?? 'an unknown number of'} bytes`
    return { is: 'broken', cause, bytes, detail }
  }

  #refuseOversized(bytes: number): void {
    const { maxBytes } = this.#call
    if (bytes <= maxBytes) return
    const detail = `${bytes} bytes, and at most ${maxBytes} are fetched`
    this.#end({ is: 'broken', cause: 'oversized', bytes: this.#answer?.bytes ?? 0, detail })
    this.#controller?.abort(new Error('too long'))
  }

  #end(visited: Visited): void {
    this.#signal.removeEventListener('abort', this.#abort)
    this.#done.resolve(visited)
  }
}

function causeOf({ name, code = '' }: Error & { code?: string }): Cause {
  if (/^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(code)) return 'dropped'
  const odd = name === 'HTTPParserError' || /^UND_ERR_(HEADERS_OVERFLOW|INVALID_ARG)$/.test(code)
  return odd ? 'unexpected' : 'unreachable'
}
