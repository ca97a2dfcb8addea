import { afterAll, expect, it, vi } from 'vitest'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { closeStore } from '#lib/store/client.ts'
import type { LaneState } from '#lib/store/lanes.ts'
import { Flusher } from './flush.ts'

await testDatabase()
afterAll(closeStore)

it('what a lane reaches while a flush waits is written after a wait of its own', async () => {
  const told: string[] = []
  const gate = Promise.withResolvers<void>()
  const reached = { one: 1, two: 0 }
  const lane = (name: 'one' | 'two', cacheId: number) => {
    const state = { cacheId, class: 2, domainId: 1, fence: 1 } as LaneState
    return {
      ...{ key: name, state, written: () => {} },
      move: () => {
        told.push(`${name} at ${reached[name]}`)
        return { ...state, applied: reached[name], confirmed: 0, cause: null, detail: null }
      },
    }
  }
  const [one, two] = [lane('one', 1), lane('two', 2)]
  const flusher = new Flusher(() => performance.now(), {
    before: async () => {
      told.push('wait')
      await gate.promise
    },
    written: () => told.push('written'),
    lost: () => {},
  })
  flusher.add(one)
  await vi.waitFor(() => expect(told).toContain('wait'))
  Object.assign(reached, { one: 2, two: 1 })
  flusher.add(one)
  flusher.add(two)
  gate.resolve()
  await flusher.drain()
  const first = ['one at 1', 'wait', 'written']
  expect(told).toEqual([...first, 'one at 2', 'two at 1', 'wait', 'written'])
})
