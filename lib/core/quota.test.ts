import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dayEnd,
  dayOf,
  defaultLimits,
  fitWindow,
  limitsOf,
  ownLimitsSchema,
  poolState,
  type Window,
} from './quota.ts'

describe('a day', () => {
  it.each([
    ['2026-11-25T15:59:59.999Z', 480, '2026-11-25', '2026-11-25T16:00:00.000Z'],
    ['2026-11-25T16:00:00.000Z', 480, '2026-11-26', '2026-11-26T16:00:00.000Z'],
    ['2026-11-25T16:00:00.000Z', 0, '2026-11-25', '2026-11-26T00:00:00.000Z'],
    ['2026-11-25T04:59:59.999Z', -300, '2026-11-24', '2026-11-25T05:00:00.000Z'],
  ])('at %s, %i minutes east, is %s and ends at %s', (at, offset, day, end) => {
    expect(dayOf(Date.parse(at), offset)).toBe(day)
    expect(new Date(dayEnd(Date.parse(at), offset)).toISOString()).toBe(end)
  })
})

describe('a pool', () => {
  it('is limited by the account, or by a raise that is higher', () => {
    const limits = limitsOf({ perDay: { regex: 5 } })
    expect(limits.perDay).toEqual({ ...defaultLimits.perDay, regex: 5 })
    expect(poolState(limits, 'regex', 3, 0)).toMatchObject({ limit: 5, left: 2, warns: false })
    expect(poolState(limits, 'regex', 7, 10)).toMatchObject({ limit: 10, left: 3, warns: false })
    expect(poolState(limits, 'regex', 7, 0)).toMatchObject({ limit: 5, left: 0, warns: true })
    expect(poolState(limits, 'regex', 4, 3)).toMatchObject({ limit: 5, left: 1, warns: true })
  })

  it('takes no limit below nothing, and no pool that there is not', () => {
    expect(ownLimitsSchema.safeParse({ perDay: { url: -1 } }).success).toBe(false)
    expect(ownLimitsSchema.safeParse({ perDay: { urls: 1 } }).success).toBe(false)
    expect(ownLimitsSchema.safeParse({ perDay: { url: 1 } }).success).toBe(true)
  })
})

describe('a minute', () => {
  it('never holds more than its limit, wherever it begins', () => {
    const uses = fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 40 })), { maxLength: 60 })
    fc.assert(
      fc.property(uses, (steps) => {
        let window: Window | undefined
        let second = 1_000
        const taken: { second: number; units: number }[] = []
        for (const [later, units] of steps) {
          second += later
          const used = fitWindow(window, second, units, 100)
          if ('left' in used) continue
          window = used
          taken.push({ second, units })
        }
        for (const { second: start } of taken) {
          const within = taken.filter((each) => each.second >= start && each.second <= start + 60)
          expect(within.reduce((sum, each) => sum + each.units, 0)).toBeLessThanOrEqual(100)
        }
      }),
    )
  })

  it('says what is left, and frees what was used a minute ago', () => {
    const first = fitWindow(undefined, 10, 70, 100)
    expect(first).toEqual({ second: 10, counts: [70] })
    expect(fitWindow(first as Window, 40, 31, 100)).toEqual({ left: 30 })
    expect(fitWindow(first as Window, 70, 31, 100)).toEqual({ left: 30 })
    expect(fitWindow(first as Window, 71, 100, 100)).toMatchObject({ second: 71 })
    expect(fitWindow(first as Window, 5, 31, 100)).toEqual({ left: 30 })
  })
})
