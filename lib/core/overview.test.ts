import { describe, expect, it } from 'vitest'
import { keptSeconds, rangeSpans, ranges, roundUp, scaleOf, shareRoom, slotsUntil } from './overview.ts'

describe('the slots of a range', () => {
  const now = Date.UTC(2026, 10, 26, 14, 5)

  it('reach from before its beginning until now', () => {
    const slots = slotsUntil(now, 86_400, 3600)
    expect(slots).toHaveLength(25)
    expect(new Date((slots[0] as number) * 1000).toISOString()).toBe('2026-11-25T14:00:00.000Z')
    expect(new Date((slots.at(-1) as number) * 1000).toISOString()).toBe('2026-11-26T14:00:00.000Z')
  })

  it.each(ranges)('%s are kept for as long as they are shown', (range) => {
    const { seconds, plot, bar, counted } = rangeSpans[range]
    expect(bar % counted).toBe(0)
    for (const grain of [plot, counted])
      expect(keptSeconds[grain]).toBeGreaterThanOrEqual(seconds + bar + plot)
  })
})

describe('the room', () => {
  it.each([
    [[1, 0, 2], 8, [1, 0, 2]],
    [[1, 20, 1, 2], 8, [1, 4, 1, 2]],
    [[50, 0, 0], 8, [8, 0, 0]],
    [[5, 5, 5], 8, [3, 3, 2]],
    [[], 8, []],
  ])('of %j in %i is shared as %j', (counts, room, shown) => {
    expect(shareRoom(counts, room)).toEqual(shown)
  })
})

describe('the scale', () => {
  it('holds the slow caches of a usual fleet', () => {
    expect(scaleOf([[58, 60], [70], [88], [402], [433]])).toBe(500)
  })

  it('holds the slowest moment where it is not far above', () => {
    expect(scaleOf([[...Array.from({ length: 20 }, () => 340), 480]])).toBe(500)
  })

  it('is not set by one moment that is, nor by a cache that was away for hours', () => {
    const usual = Array.from({ length: 20 }, () => 40)
    expect(scaleOf([[...usual, 14_000_000]])).toBe(80)
    expect(scaleOf([usual, [14_000_000]])).toBe(600)
  })

  it('has an end where nothing was measured', () => {
    expect(scaleOf([])).toBe(10)
    expect(scaleOf([[null, null]])).toBe(10)
  })

  it.each([
    [0, 10],
    [10, 10],
    [11, 15],
    [461, 500],
    [951, 1000],
    [12_000, 15_000],
  ])('rounds %i up to %i', (value, rounded) => expect(roundUp(value)).toBe(rounded))
})
