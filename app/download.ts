import { sessionWatch } from '#app/session.ts'
import type { Caller } from '#lib/core/caller.ts'
import { csvRow } from '#lib/core/csv.ts'

const formats = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' }
type Format = keyof typeof formats

/** The format that a query asks for. */
export const formatOf = (query: URLSearchParams): Format =>
  query.get('format') === 'ndjson' ? 'ndjson' : 'csv'

type Progress = { lines: number; state: 'running' | 'done' | 'broken' }

// How far the downloads of this process are, under the names that their pages gave them.
const held = globalThis as { freshetExports?: Map<string, Progress> }
held.freshetExports ??= new Map()
const exports = held.freshetExports
const keptMs = 60_000

const nameOf = ({ accountId }: Caller, given: string | null) => `${accountId}/${given?.slice(0, 64)}`

/** How far the download is that the query asks for as `progress`; null where this process has none of that name. */
export const progressOf = (caller: Caller, query: URLSearchParams): Progress | null =>
  exports.get(nameOf(caller, query.get('progress'))) ?? null

/** A cell of a table: names stand side by side, a document as JSON. */
function cellOf(value: unknown): string | number | null {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  return Array.isArray(value) ? value.join(' ') : JSON.stringify(value)
}

/**
 * A table as a file, written as fast as it is read.
 *
 * @param query `format` is csv or ndjson; `name` is the one that its page asks for as `progress`
 * @param what the middle of the file's name
 */
export async function download<Column extends string>(
  caller: Caller,
  query: URLSearchParams,
  what: string,
  columns: readonly Column[],
  rows: AsyncGenerator<Record<Column, unknown>[]>,
): Promise<Response> {
  const parts = whileSeen(rows, await sessionWatch())
  const name = nameOf(caller, query.get('name'))
  const progress: Progress = { lines: 0, state: 'running' }
  exports.set(name, progress)
  const end = (state: Progress['state']) => {
    progress.state = state
    setTimeout(() => exports.delete(name), keptMs).unref()
  }
  const format = formatOf(query)
  const written = {
    csv: (row: Record<Column, unknown>) => csvRow(columns.map((column) => cellOf(row[column]))),
    ndjson: (row: Record<Column, unknown>) => `${JSON.stringify(row)}\n`,
  }
  // The mark tells spreadsheets that the text is UTF-8.
  const head = format === 'csv' ? `\uFEFF${csvRow(columns)}` : ''
  const day = new Date().toISOString().slice(0, 10)
  return new Response(streamOf(parts, head, written[format], progress, end), {
    headers: {
      'content-type': formats[format],
      'content-disposition': `attachment; filename="freshet-${what}-${day}.${format}"`,
      'x-content-type-options': 'nosniff',
    },
  })
}

/** How often a download asks whether its reader may still see it. */
const askMs = 3_000

/** The same rows until the session ends or may see something else, which breaks the download off. */
async function* whileSeen<Row>(
  parts: AsyncGenerator<Row[]>,
  look: () => Promise<string | null>,
): AsyncGenerator<Row[]> {
  const seen = await look()
  let askedAt = performance.now()
  for await (const part of parts) {
    if (performance.now() - askedAt > askMs) {
      if ((await look()) !== seen) throw new Error('the rights of whoever exports have changed')
      askedAt = performance.now()
    }
    yield part
  }
}

/** Asks for the next rows only once the browser has taken those before. */
function streamOf<Row>(
  parts: AsyncGenerator<Row[]>,
  head: string,
  written: (row: Row) => string,
  progress: Progress,
  end: (state: Progress['state']) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(head)),
    async pull(controller) {
      try {
        const { value, done } = await parts.next()
        if (done) {
          end('done')
          controller.close()
          return
        }
        progress.lines += value.length
        controller.enqueue(encoder.encode(value.map(written).join('')))
      } catch (error) {
        // The browser must see a broken download, not a shorter file.
        end('broken')
        controller.error(error)
      }
    },
    cancel: async () => {
      end('broken')
      await parts.return(undefined)
    },
  })
}
