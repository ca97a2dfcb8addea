import { expect, test } from 'vitest'
import { parseHttpDate } from './http-date.ts'

test('an IMF-fixdate is read', () => {
  expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(Date.UTC(1994, 10, 6, 8, 49, 37))
  expect(parseHttpDate('Thu, 29 Feb 2024 23:59:60 GMT')).toBe(Date.UTC(2024, 2, 1))
})

test.for([
  '',
  '0',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
  'Sun, 06 Nov 1994 08:49:37 UTC',
  'Sun, 06 Nov 1994 08:49:37 +0000',
  'Sun, 06 Nov 94 08:49:37 GMT',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun,  06 Nov 1994 08:49:37 GMT',
  'Sun, 06 nov 1994 08:49:37 GMT',
  'Sun, 31 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
  '1994-11-06T08:49:37Z',
])('“%s” is no date', (text) => {
  expect(parseHttpDate(text)).toBeUndefined()
})
