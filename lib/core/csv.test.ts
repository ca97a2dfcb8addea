import { expect, it } from 'vitest'
import { csvRow } from './csv.ts'

it.each<[(string | number | null)[], string]>([
  [['a', 1, null], 'a,1,\r\n'],
  [['a,b', 'say "no"', 'two\nlines'], '"a,b","say ""no""","two\nlines"\r\n'],
  [['=1+1', '+1', '-1', '@sum', '\tx'], "'=1+1,'+1,'-1,'@sum,'\tx\r\n"],
  [[-1], '-1\r\n'],
  [['=HYPERLINK("http://x","y")'], '"\'=HYPERLINK(""http://x"",""y"")"\r\n'],
])('%j is the row %j', (cells, expected) => {
  expect(csvRow(cells)).toBe(expected)
})
