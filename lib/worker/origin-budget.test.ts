import { describe, expect, it } from 'vitest'
import { OriginBudget, type OriginLimits, type Passage } from './origin-budget.ts'

const wide: OriginLimits = { perSecond: 1e6, atOnce: 1000, bytesPerSecond: 1e12 }
const fine: Passage = { bytes: 0, firstByteMs: 10, failed: false, retryAfterMs: undefined }

/** A budget on a clock that stands still until it is told. */
function stand(limits: Partial<OriginLimits> = {}) {
  const clock = { ms: 1000 }
  const budget = new OriginBudget({ ...wide, ...limits }, () => clock.ms)
  const started: string[] = []
  const add = (name: string, accountId = 1, order = started.length, reachesOrigin = true) =>
    budget.add({ accountId, order, reachesOrigin, start: () => started.push(name) })
  return { clock, budget, started, add }
}

/** Starts all it may in steps of a millisecond, each fetch ending at once. */
function run({ clock, budget, started }: ReturnType<typeof stand>, ms: number, passage = fine): number[] {
  const times: number[] = []
  for (const end = clock.ms + ms; clock.ms < end; clock.ms += 1) {
    const before = started.length
    budget.advance()
    for (let at = before; at < started.length; at += 1) {
      times.push(clock.ms)
      budget.ended(passage)
    }
  }
  return times
}

const mostWithin = (times: readonly number[], ms: number) =>
  Math.max(...times.map((start) => times.filter((each) => each >= start && each < start + ms).length))

describe('a budget', () => {
  it('lets no more start within any second than the limit, but for a small burst', () => {
    const it = stand({ perSecond: 50 })
    for (let at = 0; at < 500; at += 1) it.add(`${at}`, 1, at)
    const times = run(it, 5_000)
    expect(mostWithin(times, 1_000)).toBeLessThanOrEqual(52)
    expect(times.length).toBeGreaterThanOrEqual(245)
  })

  it('says when more may start', () => {
    const { clock, budget, started, add } = stand({ perSecond: 10 })
    for (let at = 0; at < 3; at += 1) add(`${at}`, 1, at)
    const waitMs = budget.advance()
    expect(started).toEqual(['0'])
    clock.ms += waitMs
    budget.advance()
    expect(started).toEqual(['0', '1'])
  })

  it('keeps to so many at once, also those that a shield answers', () => {
    const { budget, started, add } = stand({ atOnce: 2 })
    for (let at = 0; at < 3; at += 1) add(`${at}`, 1, at, at === 0)
    expect(budget.advance()).toBe(Number.POSITIVE_INFINITY)
    expect(started).toEqual(['0', '1'])
    budget.released()
    budget.advance()
    expect(started).toEqual(['0', '1', '2'])
  })

  it('starts those of an account in order, and accounts in turn', () => {
    const { budget, started, add } = stand({ atOnce: 1 })
    for (const order of [3, 1, 2]) add(`a${order}`, 1, order)
    for (const order of [9, 8]) add(`b${order}`, 2, order)
    for (let at = 0; at < 5; at += 1) {
      budget.advance()
      budget.ended(fine)
    }
    expect(started).toEqual(['a1', 'b8', 'a2', 'b9', 'a3'])
  })

  it('lets what was fetched too fast delay the next', () => {
    const it = stand({ bytesPerSecond: 1000, atOnce: 1 })
    for (let at = 0; at < 100; at += 1) it.add(`${at}`, 1, at)
    const times = run(it, 10_000, { ...fine, bytes: 500 })
    expect(times.length).toBeGreaterThanOrEqual(19)
    expect(times.length).toBeLessThanOrEqual(24)
  })

  it('leaves an origin alone for as long as it asks', () => {
    const { clock, budget, started, add } = stand()
    add('first', 1, 1)
    add('second', 1, 2)
    budget.advance()
    budget.ended({ ...fine, failed: true, retryAfterMs: 30_000 })
    expect(started).toHaveLength(2)
    add('third', 1, 3)
    expect(budget.advance()).toBe(30_000)
    clock.ms += 30_000
    budget.advance()
    expect(started).toContain('third')
  })

  it('halves what it asks when the origin fails, and recovers', () => {
    const it = stand({ perSecond: 100 })
    for (let at = 0; at < 20_000; at += 1) it.add(`${at}`, 1, at)
    const before = run(it, 1_000).length
    run(it, 5_000, { ...fine, failed: true })
    const during = run(it, 1_000, { ...fine, failed: true }).length
    expect(during).toBeLessThan(before / 10)
    run(it, 60_000)
    expect(run(it, 1_000).length).toBeGreaterThan(before * 0.9)
  })

  it('asks less of an origin that has become slow', () => {
    const it = stand({ perSecond: 100 })
    for (let at = 0; at < 5000; at += 1) it.add(`${at}`, 1, at)
    run(it, 1_000)
    const slow = { ...fine, firstByteMs: 2_000 }
    run(it, 5_000, slow)
    expect(run(it, 1_000, slow).length).toBeLessThan(60)
  })

  it('is not forgotten while its origin wants to be left alone', () => {
    const it = stand()
    it.add('asks for a pause')
    run(it, 1, { ...fine, retryAfterMs: 30_000 })
    expect(it.budget.isIdle).toBe(false)
    it.clock.ms += 30_000
    expect(it.budget.isIdle).toBe(true)
  })
})
