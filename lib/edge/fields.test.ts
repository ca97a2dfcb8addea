import { expect, test } from 'vitest'
import { endToEnd, field, fromParsed, fromRaw, members, without } from './fields.ts'

test('several lines of a field are one list', () => {
  expect(field(fromRaw(['Vary', 'a', 'X', '1', 'VARY', 'b']), 'vary')).toBe('a, b')
  expect(field(fromParsed({ vary: 'a', 'set-cookie': ['x=1', 'y=2'] }), 'set-cookie')).toBe('x=1, y=2')
  expect(field([], 'vary')).toBeUndefined()
})

test('fields of the connection stay behind, and so do those it names', () => {
  const fields = [
    'connection',
    'X-Mine, close',
    'x-mine',
    '1',
    'keep-alive',
    'timeout=5',
    'te',
    'trailers',
    'etag',
    '"1"',
  ]
  expect(endToEnd(fields)).toEqual(['etag', '"1"'])
})

test('Connection cannot hide Cache-Control', () => {
  expect(endToEnd(['connection', 'cache-control', 'cache-control', 'private'])).toEqual([
    'cache-control',
    'private',
  ])
})

test('lists are taken apart', () => {
  expect(members(' A ,, b,')).toEqual(['a', 'b'])
  expect(members(undefined)).toEqual([])
  expect(without(['a', '1', 'b', '2', 'a', '3'], ['a'])).toEqual(['b', '2'])
})
