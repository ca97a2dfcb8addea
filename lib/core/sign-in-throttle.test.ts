import { describe, expect, it } from 'vitest'
import {
  addWrong,
  addWrongOfNetwork,
  forgottenAtMs,
  networkOf,
  noTries,
  secondsToWait,
  type Tries,
} from './sign-in-throttle.ts'

const minute = 60_000

/** Tries wrongly `times` times, each as soon as it may be. */
function tryOn(
  times: number,
  from: Tries = noTries,
  startMs = 0,
): { tries: Tries; nowMs: number; waits: number[] } {
  let [tries, nowMs] = [from, startMs]
  const waits: number[] = []
  for (let turn = 0; turn < times; turn += 1) {
    nowMs += secondsToWait(tries, nowMs) * 1000
    tries = addWrong(tries, nowMs)
    waits.push(secondsToWait(tries, nowMs))
  }
  return { tries, nowMs, waits }
}

describe('wrong tries', () => {
  it('are followed by a growing delay from the fifth on, of a quarter of an hour at most', () => {
    expect(tryOn(12).waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900])
  })

  it('are counted over any quarter of an hour', () => {
    const at = (...minutes: number[]) =>
      minutes.reduce((tries, each) => addWrong(tries, each * minute), noTries)
    expect(secondsToWait(at(0, 5, 10, 14, 16), 16 * minute)).toBe(0)
    expect(secondsToWait(at(0, 5, 10, 14, 14.5), 14.5 * minute)).toBe(30)
    expect(secondsToWait(at(0, 1, 2, 14, 15.5, 16.5), 16.5 * minute)).toBe(0)
    expect(secondsToWait(at(0, 1, 12, 13, 15.5, 15.7), 15.7 * minute)).toBe(30)
  })

  it('say how many seconds are left, rounded up', () => {
    const { tries, nowMs } = tryOn(5)
    expect(
      [0, 1, 29_000, 29_001, 30_000, 31_000].map((passed) => secondsToWait(tries, nowMs + passed)),
    ).toEqual([30, 30, 1, 1, 0, 0])
  })

  it('are forgotten a quarter of an hour after the delay, and not before', () => {
    const { tries, nowMs } = tryOn(6)
    expect(forgottenAtMs(tries)).toBe(nowMs + 16 * minute)
    expect(tryOn(1, tries, nowMs + 16 * minute - 1).waits).toEqual([120])
    expect(tryOn(5, tries, nowMs + 16 * minute).waits).toEqual([0, 0, 0, 0, 30])
  })
})

describe('wrong tries of a network', () => {
  it('are 50 at most in any quarter of an hour', () => {
    const at = (...seconds: number[]) =>
      seconds.reduce((tries, each) => addWrongOfNetwork(tries, each * 1000), noTries)
    const eachTenSeconds = Array.from({ length: 50 }, (_, index) => index * 10)
    expect(secondsToWait(at(...eachTenSeconds.slice(0, 49)), 490_000)).toBe(0)
    expect(secondsToWait(at(...eachTenSeconds), 490_000)).toBe(410)
    // The next one is answered when the first is out of the window, and the one after it with the second.
    expect(secondsToWait(at(...eachTenSeconds, 900), 900_000)).toBe(10)
  })
})

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['', ''],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::', '2001:db8:1:2::/64'],
  ['2001:db8::5', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
