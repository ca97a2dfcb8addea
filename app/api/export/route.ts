import { answer } from '#app/answer.ts'
import { csvRow } from '#lib/core/csv.ts'
import { Fault } from '#lib/core/fault.ts'
import { readFilter } from '#lib/core/record-filter.ts'
import { type ExportedLine, exportColumns, exportRecords } from '#lib/operations/export-records.ts'

const formats = {
  csv: {
    type: 'text/csv; charset=utf-8',
    // The mark tells spreadsheets that the text is UTF-8.
    head: `\uFEFF${csvRow(exportColumns)}`,
    line: (line: ExportedLine) => csvRow(exportColumns.map((column) => line[column])),
  },
  ndjson: {
    type: 'application/x-ndjson',
    head: '',
    line: (line: ExportedLine) => `${JSON.stringify(line)}\n`,
  },
}

type Progress = { lines: number; state: 'running' | 'done' | 'broken' }

// How far the exports of this process are, under the names that their pages gave them.
const held = globalThis as { freshetExports?: Map<string, Progress> }
held.freshetExports ??= new Map()
const exports = held.freshetExports
const keptMs = 60_000

/**
 * Lines of the filtered records as a file (`format` csv or ndjson), written as fast as it is read; or
 * how far the one with a `name` is (`progress`).
 */
export function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  return answer(async (caller) => {
    const nameOf = (parameter: string) => `${caller.accountId}/${query.get(parameter)?.slice(0, 64)}`
    if (query.has('progress')) return exports.get(nameOf('progress')) ?? null
    const kind = query.get('format') === 'ndjson' ? 'ndjson' : 'csv'
    const { filter, wrong } = readFilter(query)
    const [first] = wrong
    // Else an export of more than was asked for would look like what was asked for.
    if (first) throw new Fault('InvalidParameter', { field: first, given: query.get(first) ?? '', rule: '' })
    const parts = await exportRecords(caller, filter)
    const progress: Progress = { lines: 0, state: 'running' }
    exports.set(nameOf('name'), progress)
    const forget = () => setTimeout(() => exports.delete(nameOf('name')), keptMs).unref()
    const day = new Date().toISOString().slice(0, 10)
    return new Response(streamOf(parts, formats[kind], progress, forget), {
      headers: {
        'content-type': formats[kind].type,
        'content-disposition': `attachment; filename="freshet-records-${day}.${kind}"`,
        'x-content-type-options': 'nosniff',
      },
    })
  })
}

/** Asks for the next lines only once the browser has taken those before. */
function streamOf(
  parts: AsyncGenerator<ExportedLine[]>,
  { head, line }: (typeof formats)['csv'],
  progress: Progress,
  forget: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const end = (state: Progress['state']) => {
    progress.state = state
    forget()
  }
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
        controller.enqueue(encoder.encode(value.map(line).join('')))
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
