import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addHistogram, bucketOf, countTime, quantile, sizeOf } from './histogram.ts'

const of = (...times: number[]) => {
  const counts: number[] = []
  for (const ms of times) countTime(counts, ms)
  return counts
}

const anyTime = fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 86_399_999 }))

describe('a histogram', () => {
  it('has few enough buckets to keep many of them', () => {
    expect(bucketOf(Number.POSITIVE_INFINITY)).toBeLessThan(200)
  })

  it('puts longer times into the same or later buckets', () => {
    fc.assert(
      fc.property(anyTime, anyTime, (a, b) => {
        expect(bucketOf(Math.min(a, b))).toBeLessThanOrEqual(bucketOf(Math.max(a, b)))
      }),
    )
  })

  it.each([
    [0, 0],
    [1, 1],
    [15, 15],
    [18, 16],
  ])('has %i ms in bucket %i', (ms, bucket) => {
    expect(bucketOf(ms)).toBe(bucket)
  })

  it('adds up to the histogram of all times', () => {
    fc.assert(
      fc.property(fc.array(anyTime), fc.array(anyTime), (some, others) => {
        const sum = of(...some)
        addHistogram(sum, of(...others))
        expect(sum).toEqual(of(...some, ...others))
        expect(sizeOf(sum)).toBe(some.length + others.length)
      }),
    )
  })
})

describe('a quantile', () => {
  it('is unknown where nothing was counted', () => {
    expect(quantile([], 0.99)).toBeNull()
    expect(quantile([0, 0], 0.5)).toBeNull()
  })

  it.each([0.5, 0.9, 0.99, 1])('%d is within a twentieth of the nearest rank', (share) => {
    fc.assert(
      fc.property(fc.array(anyTime, { minLength: 1, maxLength: 300 }), (times) => {
        const sorted = times.toSorted((a, b) => a - b)
        const exact = sorted[Math.ceil(times.length * share) - 1] as number
        const found = quantile(of(...times), share) as number
        // Half a millisecond is what rounding to whole ones may add.
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.05 + 0.5)
      }),
    )
  })

  it('is not moved by the slowest of a hundred, and by two of them it is', () => {
    const usual = Array.from({ length: 99 }, () => 5)
    expect(quantile(of(...usual, 60_000), 0.99)).toBe(5)
    expect(quantile(of(...usual, 60_000, 60_000), 0.99)).toBeGreaterThan(50_000)
  })
})
