import { answer } from '#app/answer.ts'
import { download, progressOf } from '#app/download.ts'
import { preferences } from '#app/i18n.ts'
import { parseAuditFilter } from '#lib/core/audit-filter.ts'
import { Fault } from '#lib/core/fault.ts'
import { auditExportColumns, exportAudit } from '#lib/operations/export-audit.ts'
import { describeAuditEntry, listAudit } from '#lib/operations/list-audit.ts'

/**
 * Entries of the audit log that a search (`q`) lets through, from `before` on; one `entry`; all that fit as a
 * file (`format`), or how far that file is (`progress`).
 */
export function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  return answer(async (caller) => {
    if (query.has('progress')) return progressOf(caller, query)
    const entry = query.get('entry')
    if (entry !== null) return describeAuditEntry(caller, { id: entry })
    const { filter, problems } = parseAuditFilter(query.get('q') ?? '', (await preferences()).timeZone)
    if (!query.has('format')) return listAudit(caller, { filter, before: query.get('before') ?? undefined })
    const [first] = problems
    // Else an export of more than was asked for would look like what was asked for.
    if (first) throw new Fault('InvalidParameter', { field: 'q', given: first.part, rule: '' })
    return download(caller, query, 'audit', auditExportColumns, await exportAudit(caller, { filter }))
  })
}
