import { expect, test } from 'vitest'
import { foldAcceptEncoding } from './accept-encoding.ts'

test.for([
  ['gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'gzip'],
  ['gzip, deflate, br', 'gzip'],
  ['br;q=1.0, gzip;q=0.8, *;q=0.1', 'gzip'],
  ['deflate, GZIP ; Q=0.001', 'gzip'],
  ['x-gzip', 'gzip'],
  ['*', 'gzip'],
  ['*;q=0.5', 'gzip'],
  ['*;q=0, gzip', 'gzip'],
  ['gzip;q=0', undefined],
  ['gzip;q=0.000, br', undefined],
  ['gzip; q=0, *', undefined],
  ['*;q=0', undefined],
  ['br, zstd', undefined],
  ['identity', undefined],
  ['gzipped', undefined],
  ['', undefined],
  [undefined, undefined],
] as const)('“%s” is folded to %s', ([given, folded]) => {
  expect(foldAcceptEncoding(given)).toBe(folded)
})
