import { beforeEach, expect, test } from 'vitest'
import { Marks } from './marks.ts'

let nowMs = 0
let marks: Marks
const clock = { wallMs: () => nowMs, monotonicMs: () => nowMs }

beforeEach(() => {
  nowMs = 0
  marks = new Marks(clock, 10)
})

test('orders never repeat', () => {
  const orders = Array.from({ length: 5 }, () => marks.next())
  expect(orders).toEqual([1, 2, 3, 4, 5])
})

test('a directory covers what is below it, at any depth, and nothing else', () => {
  marks.add('a.test', 'directory', 'hard', '/x/y/')
  const { hard } = marks.covering('a.test', '/x/y/z/w', [])
  expect(hard).toBeGreaterThan(0)
  expect(marks.covering('a.test', '/x/y/', []).hard).toBe(hard)
  for (const path of ['/x/y', '/x/', '/', '/x/yy/']) expect(marks.covering('a.test', path, []).hard).toBe(0)
  expect(marks.covering('b.test', '/x/y/z', []).hard).toBe(0)
})

test('the newest of several covers counts, for each mode by itself', () => {
  marks.add('a.test', 'everything', 'hard', '')
  marks.add('a.test', 'tag', 'soft', 'shoes')
  marks.add('a.test', 'ignore-parameters', 'soft', '/p')
  const cover = marks.covering('a.test', '/p', ['shoes'])
  expect(cover).toEqual({ hard: 1, soft: 3 })
  expect(marks.newest('a.test')).toBe(3)
})

test('a repeated purge counts from its latest arrival', () => {
  marks.add('a.test', 'directory', 'hard', '/')
  const born = marks.next()
  marks.add('a.test', 'directory', 'hard', '/')
  expect(marks.covering('a.test', '/p', []).hard).toBeGreaterThan(born)
})

test('marks older than anything stored are forgotten', () => {
  marks.add('a.test', 'tag', 'hard', 'old')
  nowMs = 500
  marks.add('a.test', 'tag', 'hard', 'young')
  nowMs = 1200
  marks.prune(1000)
  expect(marks.covering('a.test', '/', ['old']).hard).toBe(0)
  expect(marks.covering('a.test', '/', ['young']).hard).toBeGreaterThan(0)
})

test('past the limit everything older counts as purged, so no purge is ever lost', () => {
  const born = marks.next()
  for (let i = 0; i <= 10; i += 1) marks.add('a.test', 'tag', 'soft', `tag-${i}`)
  expect(marks.covering('other.test', '/', []).hard).toBeGreaterThan(born)
  expect(marks.newest('other.test')).toBeGreaterThan(born)
  const later = marks.next()
  expect(marks.covering('a.test', '/', ['tag-1']).hard).toBeLessThan(later)
})
