import { describe, expect, it } from 'vitest'
import { dayEnd, dayOf, defaultLimits, limitsOf, ownLimitsSchema, poolState } from './quota.ts'

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
