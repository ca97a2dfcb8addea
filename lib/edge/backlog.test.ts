import { beforeEach, expect, test } from 'vitest'
import { Backlog } from './backlog.ts'

let backlog: Backlog
/** Who was given up, in order. */
let dropped: string[]
const visitor = (name: string) => ({ drop: () => void dropped.push(name) })

beforeEach(() => {
  backlog = new Backlog(100)
  dropped = []
})

test('past the limit whoever has taken nothing for longest is given up, and no more than needed', () => {
  const [idle, slow, late] = ['idle', 'slow', 'late'].map(visitor) as [Visitor, Visitor, Visitor]
  backlog.set(slow, 40)
  backlog.set(idle, 40)
  backlog.set(slow, 40)
  expect([dropped, backlog.bytes]).toEqual([[], 80])
  backlog.set(late, 40)
  expect([dropped, backlog.bytes]).toEqual([['idle'], 80])
  backlog.set(slow, 0)
  expect(backlog.bytes).toBe(40)
})

type Visitor = ReturnType<typeof visitor>

test('a body costs nothing while a response with it is stored, and once for all who read it', () => {
  const body = Buffer.alloc(60)
  backlog.keep(body)
  backlog.keep(body)
  const [one, two] = [visitor('one'), visitor('two')]
  const loan = backlog.lend(body, one)
  backlog.lend(body, two)
  backlog.release(body)
  expect(backlog.bytes).toBe(0)
  backlog.release(body)
  expect(backlog.bytes).toBe(60)
  loan.end(one)
  expect(backlog.bytes).toBe(60)
  loan.end(two)
  expect([backlog.bytes, dropped]).toEqual([0, []])
})

test('with a body all who read it are given up, unless one of them takes a part meanwhile', () => {
  const [hot, cold] = [Buffer.alloc(60), Buffer.alloc(40)]
  const loan = backlog.lend(hot, visitor('hot'))
  backlog.lend(cold, visitor('cold'))
  backlog.lend(cold, visitor('cold too'))
  loan.step()
  backlog.set(visitor('more'), 10)
  expect([dropped, backlog.bytes]).toEqual([['cold', 'cold too'], 70])
})

test('what alone is more than the limit is given up at once', () => {
  backlog.lend(Buffer.alloc(101), visitor('huge'))
  expect([dropped, backlog.bytes]).toEqual([['huge'], 0])
})
