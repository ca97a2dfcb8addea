import { describe, expect, it } from 'vitest'
import { readDropped, tidyPasted } from './paste.ts'

describe('what was pasted', () => {
  it.each([
    ['lines', 'https://a.test/1\r\nhttps://a.test/2\n', 'https://a.test/1\nhttps://a.test/2\n'],
    ['a byte order mark', '\uFEFFhttps://a.test/1', 'https://a.test/1'],
    [
      'commas',
      'https://a.test/1, https://a.test/2;https://a.test/3,',
      'https://a.test/1\nhttps://a.test/2\nhttps://a.test/3',
    ],
    ['blanks', ' https://a.test/1   https://a.test/2', 'https://a.test/1\nhttps://a.test/2'],
    ['a row of a spreadsheet', 'Home\thttps://a.test/1\t120', 'https://a.test/1'],
    ['two URLs in a row', 'https://a.test/1\thttps://a.test/2', 'https://a.test/1\nhttps://a.test/2'],
    ['a row without a URL', 'a\tb', 'a\nb'],
    ['quotes', '"https://a.test/1"\n\'https://a.test/2\'', 'https://a.test/1\nhttps://a.test/2'],
    ['a comma in a query', 'https://a.test/?to=1,https://b.test/', 'https://a.test/?to=1,https://b.test/'],
    ['something else', 'sale', 'sale'],
  ])('with %s', (_, pasted, expected) => {
    expect(tidyPasted(pasted)).toBe(expected)
  })

  it.each(['?,', ',', ', ', 'a ', '\n', '\t', ';\t'])('does not hang on a megabyte of %j', (some) => {
    expect(typeof tidyPasted(`${some.repeat(1e6 / some.length)}x`)).toBe('string')
  })
})

describe('a file that was dropped', () => {
  it.each([
    ['a.txt', 'https://a.test/1, https://a.test/2', 'https://a.test/1\nhttps://a.test/2'],
    [
      'a.csv',
      'url,hits\r\n"https://a.test/a,b",3\r\nhttps://a.test/c,4\r\n',
      'https://a.test/a,b\nhttps://a.test/c',
    ],
    ['a.CSV', 'hits;url\n3;https://a.test/1\n', 'https://a.test/1'],
    ['a.csv', 'a.test/1,x\na.test/2,y', 'a.test/1\na.test/2'],
    ['a.csv', '"https://a.test/""q""",x', 'https://a.test/"q"'],
    ['a.csv', '', ''],
    ['a.csv', '"open,\nhttps://a.test/', 'https://a.test/'],
  ])('%s with %j', (name, text, expected) => {
    expect(readDropped(name, text)).toBe(expected)
  })

  it.each(['"a"b,c', '"', '""""', ',,,', '\r\r\n'])('does not hang on %j', (text) => {
    expect(typeof readDropped('a.csv', text)).toBe('string')
  })
})
