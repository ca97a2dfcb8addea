import { expect, test } from 'vitest'
import { initialAgeSeconds, lifetimeSeconds, mayStore } from './freshness.ts'

const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
const madeMs = Date.UTC(1994, 10, 6, 8, 49, 37)
const tenDaysBefore = 'Thu, 27 Oct 1994 08:49:37 GMT'
const hourLater = 'Sun, 06 Nov 1994 09:49:37 GMT'

const asked = { method: 'GET', authorized: false, noStore: false }

test.for([
  ['max-age', 200, ['cache-control', 'max-age=60'], true],
  ['max-age on an error', 500, ['cache-control', 'max-age=60'], true],
  ['a validator alone', 200, ['etag', '"1"'], true],
  ['nothing', 200, [], false],
  ['max-age=0 and no validator', 200, ['cache-control', 'max-age=0'], false],
  ['max-age=0 and a validator', 200, ['cache-control', 'max-age=0', 'etag', '"1"'], true],
  ['a validator on a status that is not cacheable', 403, ['last-modified', tenDaysBefore], false],
  ['public on such a status', 403, ['cache-control', 'public', 'last-modified', tenDaysBefore], true],
  ['no-store', 200, ['cache-control', 'no-store, max-age=60'], false],
  ['private', 200, ['cache-control', 'private, max-age=60'], false],
  ['private for a field', 200, ['cache-control', 'private="x", max-age=60'], false],
  ['Vary: *', 200, ['cache-control', 'max-age=60', 'vary', 'accept, *'], false],
  ['a cookie', 200, ['cache-control', 'max-age=60', 'set-cookie', 'a=1'], false],
  ['a cookie for everybody', 200, ['cache-control', 'public, max-age=60', 'set-cookie', 'a=1'], true],
  ['a part', 206, ['cache-control', 'max-age=60'], false],
  ['304', 304, ['cache-control', 'max-age=60'], false],
] as const)('a response with %s is stored as RFC 9111 says', ([, status, fields, stored]) => {
  expect(mayStore(asked, status, [...fields])).toBe(stored)
})

test('only an answer to GET is stored, and not when the client objects', () => {
  const fields = ['cache-control', 'max-age=60']
  expect(mayStore({ ...asked, method: 'HEAD' }, 200, fields)).toBe(false)
  expect(mayStore({ ...asked, method: 'POST' }, 200, fields)).toBe(false)
  expect(mayStore({ ...asked, noStore: true }, 200, fields)).toBe(false)
})

test.for([
  ['max-age=60', false],
  ['max-age=60, must-revalidate', true],
  ['max-age=60, public', true],
  ['s-maxage=60', true],
] as const)('an answer to Authorization with “%s” is stored: %s', ([control, stored]) => {
  expect(mayStore({ ...asked, authorized: true }, 200, ['cache-control', control])).toBe(stored)
})

test.for([
  ['s-maxage before max-age', ['cache-control', 'max-age=5, s-maxage=60'], 60],
  ['max-age before Expires', ['cache-control', 'max-age=5', 'expires', hourLater], 5],
  ['Expires by Date', ['expires', hourLater], 3600],
  ['Expires in the past', ['expires', tenDaysBefore], 0],
  ['Expires that is no date', ['expires', '0'], 0],
  ['a tenth of its age since the last change', ['last-modified', tenDaysBefore], 86_400],
  ['no-cache', ['cache-control', 'no-cache, max-age=60'], 0],
  ['nothing', [], 0],
] as const)('freshness by %s', ([, fields, seconds]) => {
  expect(lifetimeSeconds(200, [...fields, 'date', date], 0)).toBe(seconds)
})

test('the heuristic is a tenth, a day at most, and not for any status', () => {
  const hourBefore = ['last-modified', 'Sun, 06 Nov 1994 07:49:37 GMT', 'date', date]
  expect(lifetimeSeconds(200, hourBefore, 0)).toBe(360)
  expect(lifetimeSeconds(403, hourBefore, 0)).toBe(0)
  expect(lifetimeSeconds(200, ['last-modified', 'Sun, 06 Nov 1983 07:49:37 GMT', 'date', date], 0)).toBe(
    86_400,
  )
})

test.for([
  ['nothing tells', [], 0, 0],
  ['Age tells', ['age', '30'], 0, 30],
  ['the fetch took a while', ['age', '30'], 2000, 32],
  ['Date lies back', ['date', date], 0, 10],
  ['Age and Date disagree', ['date', date, 'age', '3'], 0, 10],
  ['Age is no number', ['age', 'old'], 0, 0],
  ['Age comes twice', ['age', '7, 0'], 0, 7],
] as const)('a response is as old as it can be when %s', ([, fields, delayMs, seconds]) => {
  expect(initialAgeSeconds([...fields], madeMs + 10_000, delayMs)).toBe(seconds)
})
