import { answer } from '#app/answer.ts'
import { download, progressOf } from '#app/download.ts'
import { Fault } from '#lib/core/fault.ts'
import { readFilter } from '#lib/core/record-filter.ts'
import { exportColumns, exportRecords } from '#lib/operations/export-records.ts'

/** Lines of the filtered records as a file, or how far the one with a name is (`progress`). */
export function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  return answer(async (caller) => {
    if (query.has('progress')) return progressOf(caller, query)
    const { filter, wrong } = readFilter(query)
    const [first] = wrong
    // Else an export of more than was asked for would look like what was asked for.
    if (first) throw new Fault('InvalidParameter', { field: first, given: query.get(first) ?? '', rule: '' })
    return download(caller, query, 'records', exportColumns, await exportRecords(caller, filter))
  })
}
