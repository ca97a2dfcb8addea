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
  const { hard } = marks.covering('a.test', '/x/y/z/w', [], 0)
  expect(hard).toBeGreaterThan(0)
  expect(marks.covering('a.test', '/x/y/', [], 0).hard).toBe(hard)
  for (const path of ['/x/y', '/x/', '/', '/x/yy/'])
    expect(marks.covering('a.test', path, [], 0).hard).toBe(0)
  expect(marks.covering('b.test', '/x/y/z', [], 0).hard).toBe(0)
})

test('the newest of several covers counts, for each mode by itself', () => {
  marks.add('a.test', 'everything', 'hard', '')
  marks.add('a.test', 'tag', 'soft', 'shoes')
  marks.add('a.test', 'ignore-parameters', 'soft', '/p')
  const cover = marks.covering('a.test', '/p', ['shoes'], 0)
  expect(cover).toEqual({ hard: 1, soft: 3 })
  expect(marks.newest('a.test')).toBe(3)
})

test('a repeated purge counts from its latest arrival', () => {
  marks.add('a.test', 'directory', 'hard', '/')
  const born = marks.next()
  marks.add('a.test', 'directory', 'hard', '/')
  expect(marks.covering('a.test', '/p', [], 0).hard).toBeGreaterThan(born)
})

test('marks older than anything stored are forgotten', () => {
  marks.add('a.test', 'tag', 'hard', 'old')
  nowMs = 500
  marks.add('a.test', 'tag', 'hard', 'young')
  nowMs = 1200
  marks.prune(1000)
  expect(marks.covering('a.test', '/', ['old'], 0).hard).toBe(0)
  expect(marks.covering('a.test', '/', ['young'], 0).hard).toBeGreaterThan(0)
})

test('past the limit everything older counts as purged, so no purge is ever lost', () => {
  const born = marks.next()
  for (let i = 0; i <= 10; i += 1) marks.add('a.test', 'tag', 'soft', `tag-${i}`)
  expect(marks.covering('other.test', '/', [], 0).hard).toBeGreaterThan(born)
  expect(marks.newest('other.test')).toBeGreaterThan(born)
  const later = marks.next()
  expect(marks.covering('a.test', '/', ['tag-1'], 0).hard).toBeLessThan(later)
})

test('a pattern covers whole targets, path and query', () => {
  marks.add('a.test', 'regex', 'hard', '/[a-z]/.*.css')
  const covers = (target: string) => marks.covering('a.test', target, [], 0).hard > 0
  expect(['/x/a.css', '/x/y/z.css', '/x/?.css'].every(covers)).toBe(true)
  expect(['/x/a.css?v=1', '/X/a.css', '/x/acss'].some(covers)).toBe(false)
  expect(marks.covering('b.test', '/x/a.css', [], 0).hard).toBe(0)
})

test('a pattern is tested again only when it was purged again', () => {
  const first = covered('soft')
  expect(marks.covering('a.test', '/p', [], first)).toEqual({ hard: 0, soft: 0 })
  const second = covered('soft')
  expect(second).toBeGreaterThan(first)
})

function covered(mode: 'hard' | 'soft'): number {
  marks.add('a.test', 'regex', mode, '/[a-z]')
  return marks.covering('a.test', '/p', [], marks.newest('a.test') - 1)[mode]
}

test('past 1,000 patterns of a host those purged longest ago count for all of it', () => {
  marks = new Marks(clock, 10_000)
  marks.add('a.test', 'regex', 'hard', '/again')
  marks.add('a.test', 'regex', 'soft', '/first')
  const folded = marks.next()
  marks.add('a.test', 'regex', 'hard', '/again')
  for (let i = 1; i <= 999; i += 1) marks.add('a.test', 'regex', 'hard', `/${i}`)
  const { hard, soft } = marks.covering('a.test', '/other', [], 0)
  expect([hard, soft]).toEqual([0, folded - 1])
  for (const target of ['/again', '/1', '/999']) {
    expect(marks.covering('a.test', target, [], 0).hard).toBeGreaterThan(folded)
  }
  expect(marks.covering('b.test', '/other', [], 0).soft).toBe(0)
})

test('patterns count into the limit of all marks', () => {
  const born = marks.next()
  for (let i = 0; i <= 10; i += 1) marks.add('a.test', 'regex', 'soft', `/${i}`)
  expect(marks.covering('other.test', '/', [], 0).hard).toBeGreaterThan(born)
})

test('patterns older than anything stored are forgotten', () => {
  marks.add('a.test', 'regex', 'hard', '/old')
  nowMs = 500
  marks.add('a.test', 'regex', 'hard', '/young')
  nowMs = 1200
  marks.prune(1000)
  expect(marks.covering('a.test', '/old', [], 0).hard).toBe(0)
  expect(marks.covering('a.test', '/young', [], 0).hard).toBeGreaterThan(0)
})
