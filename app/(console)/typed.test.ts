import { expect, it } from 'vitest'
import { readTyped } from './typed.ts'

it.each([
  ['https://a.test/x', ['https://a.test/x']],
  ['  HTTP://a.test/  ', ['HTTP://a.test/']],
  ['www.a.test/x', ['https://www.a.test/x']],
  ['https://a.test/1\r\n\r\nhttps://a.test/2\n', ['https://a.test/1', 'https://a.test/2']],
  ['https://a.test/1, https://a.test/2', ['https://a.test/1', 'https://a.test/2']],
  ['https://a.test/1\nnot one', ['https://a.test/1', 'not one']],
])('takes %j for lines of URLs', (text, lines) => {
  expect(readTyped(text).lines).toEqual(lines)
})

it.each(['records', 'www.a.test', 'and/or', 'https://', ''])('takes %j for words', (text) => {
  expect(readTyped(text).lines).toEqual([])
})

it('knows the number of a task, and words in any case', () => {
  expect(readTyped(' 2026112600000001 ').taskId).toBe('2026112600000001')
  expect(readTyped('2026119900000001').taskId).toBeNull()
  expect(readTyped('Dark  THEME').words).toEqual(['dark', 'theme'])
})
