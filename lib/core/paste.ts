/** Where a URL begins after another that somebody pasted side by side. */
const nextUrl = /(?<=[\s,;])(?=https?:\/\/)/i

/**
 * Makes one line an entry of what was pasted: cells of a spreadsheet that hold URLs, URLs between commas,
 * lines in quotes. What is no URL stays a line of its own, so that nothing is lost unseen.
 */
export function tidyPasted(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map(entriesOf)
    .join('\n')
}

function entriesOf(row: string): string {
  if (row === '') return row
  const cells = row.split('\t').map(unquoted)
  const urls = cells.filter((cell) => /^https?:\/\//i.test(cell))
  const kept = urls.length > 0 ? urls : cells
  return kept
    .flatMap((cell) => (cell.includes('?') ? [cell] : cell.split(nextUrl)))
    .map(withoutComma)
    .join('\n')
}

function unquoted(cell: string): string {
  return cell.trim().replace(/^(["'])(.*)\1$/, '$2')
}

/** By hand, because a pattern at the end of a line is tried again at each comma of a long row of them. */
function withoutComma(entry: string): string {
  let end = entry.length
  while (end > 0 && /[\s,;]/.test(entry.charAt(end - 1))) end--
  return entry.slice(0, end).trimStart()
}

/**
 * The entries of a file that was dropped: of a table with commas (RFC 4180) the cells that hold URLs, or
 * its first column where none does; of any other text as if it had been pasted.
 */
export function readDropped(name: string, text: string): string {
  if (!/\.csv$/i.test(name)) return tidyPasted(text)
  const rows = parseTable(text.replace(/^\uFEFF/, ''))
  const urls = rows.flatMap((row) => row.filter((cell) => /^https?:\/\//i.test(cell.trim())))
  return (urls.length > 0 ? urls : rows.map(([first = '']) => first)).map((cell) => cell.trim()).join('\n')
}

/** RFC 4180, with any kind of line end and with semicolons where the first line has no comma. */
function parseTable(text: string): string[][] {
  const [head = ''] = text.split(/[\r\n]/, 1)
  const comma = head.includes(';') && !head.includes(',') ? ';' : ','
  const cell = new RegExp(`("(?:[^"]|"")*"|[^${comma}\r\n]*)(${comma}|\r\n|\r|\n|$)`, 'y')
  const rows: string[][] = [[]]
  while (cell.lastIndex < text.length) {
    const [, given = '', end = ''] = cell.exec(text) ?? []
    // What follows a closing quote is no table any more; it is taken as it stands.
    if (given === '' && end === '' && cell.lastIndex === 0) break
    rows.at(-1)?.push(given.startsWith('"') ? given.slice(1, -1).replaceAll('""', '"') : given)
    if (end !== comma) rows.push([])
  }
  return rows.filter((row) => row.some((each) => each.trim() !== ''))
}
