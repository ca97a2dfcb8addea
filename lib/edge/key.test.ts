import { expect, test } from 'vitest'
import { hasDotSegments, normaliseHost } from './key.ts'

test.for([
  ['Shop.Example', 'shop.example'],
  ['shop.example:8080', 'shop.example'],
  ['shop.example.', 'shop.example'],
  ['127.0.0.1:80', '127.0.0.1'],
  ['[::1]:80', '[::1]'],
  ['', undefined],
  ['a b', undefined],
  ['a/b', undefined],
  ['user@shop.example', undefined],
  ['shop.example:x', undefined],
  ['.', undefined],
])('the host “%s” is “%s”', ([given, host]) => {
  expect(normaliseHost(given as string)).toBe(host)
})

test('dot segments are seen, other dots are not', () => {
  expect(['/../a', '/a/./b', '/a/..', '/.?x'].every(hasDotSegments)).toBe(true)
  expect(['/.well-known/x', '/a..b', '/...', '/a?b=/../c'].some(hasDotSegments)).toBe(false)
})
