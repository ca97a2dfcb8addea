import { expect, it } from 'vitest'
import type { Fetched } from '#lib/drivers/driver.ts'
import { judgeFetch, passageOf, type Step } from './judge-fetch.ts'

const here = { domain: 'a.test', target: '/new' }
const follow = (location: string) => (location === 'https://a.test/new' ? here : undefined)
const status = (code: number, more = {}): Fetched => ({ is: 'status', status: code, ...more })

it.each<[string, Fetched, number, number, Partial<Step>]>([
  ['what is kept', { is: 'kept', hit: false, bytes: 1 }, 1, 0, { is: 'kept' }],
  [
    'what the cache will not keep',
    { is: 'not-kept', bytes: 1, detail: 'Cache-Control: no-store' },
    1,
    0,
    { is: 'degraded', cause: 'not-kept', detail: 'Cache-Control: no-store' },
  ],
  [
    'a cache that is away',
    { is: 'unreachable', cause: 'dropped', detail: 'x' },
    1,
    0,
    { is: 'away', cause: 'dropped' },
  ],
  ['404', status(404), 1, 0, { is: 'failed', cause: 'origin-status', detail: 'HTTP 404' }],
  ['503 once', status(503), 1, 0, { is: 'again', afterMs: 1_000 }],
  ['503 twice', status(503), 2, 0, { is: 'again', afterMs: 4_000 }],
  ['503 thrice', status(503), 3, 0, { is: 'failed', cause: 'origin-status', detail: 'HTTP 503' }],
  ['503 that says when', status(503, { retryAfterMs: 7_000 }), 3, 0, { is: 'again', afterMs: 7_000 }],
  ['503 that says when for ever', status(503, { retryAfterMs: 7_000 }), 20, 0, { is: 'failed' }],
  ['429', status(429), 1, 0, { is: 'again' }],
  [
    '307',
    status(307, { location: 'https://a.test/new' }),
    1,
    0,
    { is: 'failed', cause: 'redirect', detail: 'HTTP 307 to https://a.test/new' },
  ],
  ['301 that may be followed', status(301, { location: 'https://a.test/new' }), 1, 0, { is: 'on', ...here }],
  ['302 that may be followed', status(302, { location: 'https://a.test/new' }), 1, 4, { is: 'on', ...here }],
  [
    '302 in a circle',
    status(302, { location: 'https://a.test/new' }),
    1,
    5,
    { is: 'failed', cause: 'redirect' },
  ],
  [
    '301 to elsewhere',
    status(301, { location: 'https://b.test/' }),
    1,
    0,
    { is: 'failed', cause: 'redirect' },
  ],
  [
    'silence',
    { is: 'broken', cause: 'timeout', bytes: 0, detail: '' },
    3,
    0,
    { is: 'failed', cause: 'origin-timeout' },
  ],
  ['half a body', { is: 'broken', cause: 'truncated', bytes: 5, detail: '' }, 1, 0, { is: 'again' }],
  [
    'too long a body',
    { is: 'broken', cause: 'oversized', bytes: 5, detail: '' },
    1,
    0,
    { is: 'failed', cause: 'oversized' },
  ],
])('%s', (_, fetched, tries, hops, step) => {
  expect(judgeFetch(fetched, tries, hops, follow)).toMatchObject(step)
})

it('tells an origin’s trouble from its refusals', () => {
  expect(passageOf(status(404), 5)).toMatchObject({ failed: false })
  expect(passageOf(status(503, { retryAfterMs: 9 }), 5)).toMatchObject({ failed: true, retryAfterMs: 9 })
  expect(passageOf({ is: 'broken', cause: 'oversized', bytes: 7, detail: '' }, 5)).toMatchObject({
    failed: false,
    bytes: 7,
  })
  expect(passageOf({ is: 'broken', cause: 'timeout', bytes: 0, detail: '' }, undefined)).toMatchObject({
    failed: true,
  })
})
