import { expect, test } from 'vitest'
import { hasDotSegments, normaliseHost, normaliseTarget } from './key.ts'

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

test.for([
  ['/a?b=c', '/a?b=c'],
  ['/%61%2d%7E', '/a-~'],
  ['/a%2fb', '/a%2Fb'],
  ['/100%', '/100%'],
  ['/%zz', '/%zz'],
  ['/%2e%2E/a', '/../a'],
  ['/café', '/caf%C3%A9'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/a b', '/a%20b'],
] as const)('the target “%s” is “%s”', ([given, target]) => {
  expect(normaliseTarget(given)).toBe(target)
})

test('what a person writes and what a browser sends have one key', () => {
  expect(normaliseTarget('/café/🐟')).toBe(normaliseTarget('/caf%c3%a9/%f0%9f%90%9f'))
})

test('dot segments are seen, other dots are not', () => {
  expect(['/../a', '/a/./b', '/a/..', '/.?x'].every(hasDotSegments)).toBe(true)
  expect(['/.well-known/x', '/a..b', '/...', '/a?b=/../c'].some(hasDotSegments)).toBe(false)
})
