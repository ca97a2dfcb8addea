import type { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { Backlog } from './backlog.ts'
import { pour } from './body.ts'

/** A body of ten parts that are each more than a stream takes at once. */
function tenParts() {
  let given = 0
  const part = Buffer.alloc(100_000, 'x')
  const next = vi.fn(async () => (given++ < 10 ? part : Buffer.alloc(0)))
  return { next, close: vi.fn() }
}

const responseOf = (stream: PassThrough) => stream as unknown as ServerResponse

test('a client that takes nothing is read no further for, until it takes something', async () => {
  const reader = tenParts()
  const client = new PassThrough()
  const poured = pour(reader, responseOf(client), new Backlog(1_000_000))
  for (let turn = 0; turn < 20; turn += 1) await setImmediate()
  const ahead = reader.next.mock.calls.length
  expect(ahead).toBeLessThan(5)
  expect(await text(client)).toHaveLength(1_000_000)
  await poured
  expect(reader.close).toHaveBeenCalledTimes(1)
})

test('a client that leaves ends the reading', async () => {
  const reader = tenParts()
  const client = new PassThrough()
  const poured = pour(reader, responseOf(client), new Backlog(1_000_000))
  client.destroy()
  await poured
  expect(reader.next.mock.calls.length).toBeLessThan(5)
  expect(reader.close).toHaveBeenCalledTimes(1)
})

test('a body that cannot be read to its end is broken off', async () => {
  const reader = tenParts()
  reader.next.mockRejectedValueOnce(new Error('EIO'))
  const client = new PassThrough()
  await pour(reader, responseOf(client), new Backlog(1_000_000))
  expect([client.destroyed, client.writableEnded]).toEqual([true, false])
  expect(reader.close).toHaveBeenCalledTimes(1)
})
