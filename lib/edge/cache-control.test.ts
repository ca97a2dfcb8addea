import { expect, test } from 'vitest'
import { directiveSeconds, parseCacheControl, policyOf } from './cache-control.ts'

test.for([
  ['max-age=60, Public', { 'max-age': '60', public: '' }],
  ['MAX-AGE="60"', { 'max-age': '60' }],
  ['private="x, max-age=1", max-age=2', { private: 'x, max-age=1', 'max-age': '2' }],
  ['max-age=1, max-age=2', { 'max-age': '1' }],
  [', ,no-store;', { 'no-store': '' }],
] as const)('“%s” has its directives', ([text, directives]) => {
  expect(Object.fromEntries(parseCacheControl(text))).toEqual(directives)
})

test.for([
  ['max-age=60', 60],
  ['max-age=007', 7],
  ['max-age=99999999999', 2 ** 31],
  ['max-age=-1', 0],
  ['max-age=1.5', 0],
  ['max-age', 0],
  ["max-age='60'", 0],
  ['s-maxage=60', undefined],
] as const)('“%s” is fresh for %s seconds', ([text, seconds]) => {
  expect(directiveSeconds(parseCacheControl(text), 'max-age')).toBe(seconds)
})

test.for([
  ['max-age=5', { 'max-age': '5' }],
  ['no-store, max-age=5;x=1', { 'no-store': '', 'max-age': '5' }],
  ['private=?0, max-age="5"', {}],
  ['MAX-AGE=5', undefined],
  ['max-age=', undefined],
  ['&&', undefined],
  ['', undefined],
] as const)('CDN-Cache-Control “%s” outweighs Cache-Control if it is a dictionary', ([text, directives]) => {
  const fields = ['cache-control', 'max-age=1', 'expires', '0', 'cdn-cache-control', text]
  const { control, expires } = policyOf(fields)
  expect(Object.fromEntries(control)).toEqual(directives ?? { 'max-age': '1' })
  expect(expires).toBe(directives ? undefined : '0')
})
