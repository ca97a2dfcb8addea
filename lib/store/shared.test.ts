import { expect, test } from 'vitest'
import { shared } from './shared.ts'

type Read = { key: string; answer: (value: string) => void; fail: (error: Error) => void }

/** Reads that end when they are told to. */
function reads() {
  const begun: Read[] = []
  const read = shared<string, string>((key) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    begun.push({ key, answer: resolve, fail: reject })
    return promise
  })
  return { begun, read }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('who asks while a read is on its way shares the next one, and gets nothing older', async () => {
  const { begun, read } = reads()
  const first = read('a')
  const later = [read('a'), read('a')]
  await settled()
  expect(begun).toHaveLength(1)
  begun[0]?.answer('before')
  expect(await first).toBe('before')
  await settled()
  expect(begun).toHaveLength(2)
  const last = read('a')
  begun[1]?.answer('after')
  expect(await Promise.all(later)).toEqual(['after', 'after'])
  await settled()
  begun[2]?.answer('last')
  expect(await last).toBe('last')
})

test('other keys wait for nobody', async () => {
  const { begun, read } = reads()
  const answers = [read('a'), read('b')]
  for (const { key, answer } of begun) answer(key)
  expect(await Promise.all(answers)).toEqual(['a', 'b'])
})

test('a read that fails fails for those who shared it, and the next one is tried', async () => {
  const { begun, read } = reads()
  const first = read('a')
  const second = read('a')
  begun[0]?.fail(new Error('away'))
  await expect(first).rejects.toThrow('away')
  await settled()
  begun[1]?.answer('back')
  expect(await second).toBe('back')
})
