import { expect, test } from 'vitest'
import { parseRange } from './range.ts'

test.for([
  ['bytes=0-4', { first: 0, last: 4 }],
  ['bytes=5-', { first: 5, last: 9 }],
  ['bytes=5-99', { first: 5, last: 9 }],
  ['bytes=-3', { first: 7, last: 9 }],
  ['bytes=-99', { first: 0, last: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=4-1', 'whole'],
  ['bytes=0-1,3-4', 'whole'],
  ['bytes=-', 'whole'],
  ['lines=1-2', 'whole'],
  ['nonsense', 'whole'],
] as const)('of ten bytes, “%s” asks for %o', ([value, part]) => {
  expect(parseRange(value, 10)).toEqual(part)
})
