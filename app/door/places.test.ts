import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Places } from './places.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A response that is over when it is told so. */
class Response extends EventEmitter {
  closed = false

  close() {
    this.closed = true
    this.emit('close')
  }
}

/** Names of those who have a place, in the order in which they got it; a1 and a2 are of one client. */
async function enter(places: Places, ...names: string[]) {
  const inside: string[] = []
  const responses = names.map((name) => {
    const response = new Response()
    const who = name.replace(/\d/, '')
    void places.take(response as unknown as ServerResponse, who).then(() => inside.push(name))
    return response
  })
  await vi.advanceTimersByTimeAsync(0)
  return { inside, responses }
}

test('who finds no place waits for the next, in order', async () => {
  const { inside, responses } = await enter(new Places(2), 'a', 'b', 'c', 'd')
  expect(inside).toEqual(['a', 'b'])
  responses[1]?.close()
  await vi.advanceTimersByTimeAsync(0)
  expect(inside).toEqual(['a', 'b', 'c'])
})

test('a client that left in line is passed over', async () => {
  const { inside, responses } = await enter(new Places(1), 'a', 'b', 'c')
  responses[1]?.close()
  responses[0]?.close()
  await vi.advanceTimersByTimeAsync(1)
  expect(inside).toEqual(['a', 'b', 'c'])
})

test('a place rests as long as it was taken, a second at most', async () => {
  const { inside, responses } = await enter(new Places(1, { rest: 1 }), 'a', 'b', 'c')
  await vi.advanceTimersByTimeAsync(200)
  responses[0]?.close()
  await vi.advanceTimersByTimeAsync(199)
  expect(inside).toEqual(['a'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(inside).toEqual(['a', 'b'])
  responses[1]?.close()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(inside).toEqual(['a', 'b', 'c'])
})

test('one client has some of the places, and keeps nobody else from the others', async () => {
  const { inside, responses } = await enter(new Places(3, { each: 2 }), 'a1', 'a2', 'a3', 'b', 'a4', 'c')
  expect(inside).toEqual(['a1', 'a2', 'b'])
  responses[3]?.close()
  await vi.advanceTimersByTimeAsync(0)
  expect(inside).toEqual(['a1', 'a2', 'b', 'c'])
  responses[5]?.close()
  responses[0]?.close()
  await vi.advanceTimersByTimeAsync(0)
  expect(inside).toEqual(['a1', 'a2', 'b', 'c', 'a3'])
})
