import type { Fetched } from '#lib/drivers/driver.ts'
import type { Passage } from './origin-budget.ts'

/** Where a redirect leads, if that may be fetched through the same cache. */
export type Follow = (location: string) => { domain: string; target: string } | undefined

/** What follows from a fetch: it is over, it is tried again, it goes on elsewhere, or the cache is away. */
export type Step =
  | { is: 'kept' }
  | { is: 'degraded' | 'failed'; cause: FetchCause; detail: string }
  | { is: 'again'; afterMs: number }
  | { is: 'on'; domain: string; target: string }
  | { is: 'away'; cause: string; detail: string }

/** Why a line of a prefetch failed, or did less than was asked. */
export type FetchCause =
  | 'not-kept'
  | 'origin-status'
  | 'origin-timeout'
  | 'redirect'
  | 'truncated'
  | 'oversized'
  | 'purge-failed'
  | 'shield-failed'
  | 'expired'

const mostTries = 3
const mostTriesWhenAsked = 20
const mostHops = 5
const firstRetryMs = 1_000

/**
 * Judges one fetch.
 *
 * @param tries how often it was tried, this one included
 * @param hops how many redirects it has followed
 */
export function judgeFetch(fetched: Fetched, tries: number, hops: number, follow: Follow): Step {
  const laterMs = firstRetryMs * 4 ** (tries - 1)
  switch (fetched.is) {
    case 'kept':
      return { is: 'kept' }
    case 'not-kept':
      return { is: 'degraded', cause: 'not-kept', detail: fetched.detail }
    case 'unreachable':
      return { is: 'away', cause: fetched.cause, detail: fetched.detail }
    case 'broken': {
      const { cause, detail } = fetched
      if (cause !== 'oversized' && tries < mostTries) return { is: 'again', afterMs: laterMs }
      return { is: 'failed', cause: cause === 'timeout' ? 'origin-timeout' : cause, detail }
    }
    case 'status':
      return judgeStatus(fetched, tries, laterMs, hops, follow)
  }
}

function judgeStatus(
  { status, location = '', retryAfterMs }: Fetched & { is: 'status' },
  tries: number,
  laterMs: number,
  hops: number,
  follow: Follow,
): Step {
  if (status >= 300 && status < 400) {
    const onward = (status === 301 || status === 302) && hops < mostHops ? follow(location) : undefined
    if (onward) return { is: 'on', ...onward }
    const detail = `HTTP ${status}${location ? ` to ${location}` : ''}`
    return { is: 'failed', cause: 'redirect', detail: detail.slice(0, 300) }
  }
  if (isBusy(status)) {
    if (retryAfterMs !== undefined && tries < mostTriesWhenAsked)
      return { is: 'again', afterMs: retryAfterMs }
    if (tries < mostTries) return { is: 'again', afterMs: laterMs }
  }
  return { is: 'failed', cause: 'origin-status', detail: `HTTP ${status}` }
}

/** Statuses that say "not now". */
function isBusy(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

/** What a fetch tells of its origin. */
export function passageOf(fetched: Fetched, firstByteMs: number | undefined): Passage {
  const bytes = 'bytes' in fetched ? fetched.bytes : 0
  const failed =
    (fetched.is === 'status' && isBusy(fetched.status)) ||
    (fetched.is === 'broken' && fetched.cause !== 'oversized')
  return {
    bytes,
    firstByteMs,
    failed,
    retryAfterMs: fetched.is === 'status' ? fetched.retryAfterMs : undefined,
  }
}
