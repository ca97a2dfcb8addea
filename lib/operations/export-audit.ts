import { z } from 'zod'
import type { AuditEntry } from '#lib/core/audit.ts'
import { type AuditFilter, auditFilterSchema } from '#lib/core/audit-filter.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { readAudit } from '#lib/store/audit-entries.ts'
import { transaction } from '#lib/store/client.ts'
import { auditResource } from './list-audit.ts'
import { operation } from './operation.ts'

/** Entries that an export reads at once: what it holds in memory. */
const atOnce = 1_000

/** The columns of an exported entry. */
export const auditExportColumns = [
  'id',
  'at',
  'actor',
  'user_id',
  'action',
  'resources',
  'outcome',
  'address',
  'source',
  'via',
  'via_id',
  'request_id',
  'policy',
  'statement',
  'group',
  'before',
  'after',
  'detail',
  'number',
  'hash',
] as const

/** An entry with one value a column; some are lists or documents. */
export type ExportedEntry = Record<(typeof auditExportColumns)[number], unknown>

/** Every entry that a filter lets through, newest first, in parts of at most 1,000. That it was asked for is an entry too. */
export const exportAudit = operation({
  action: 'freshet:ExportAudit',
  input: z.object({ filter: auditFilterSchema.prefault({}) }),
  resources: auditResource,
  async run(caller, { filter }): Promise<AsyncGenerator<ExportedEntry[]>> {
    const resources = [freshetResource(caller.accountId, 'audit')]
    await transaction((tx) => writeAudit(tx, caller, exportAudit.action, resources, { filter }))
    return goThrough(caller.accountId, filter)
  },
})

async function* goThrough(accountId: number, filter: AuditFilter): AsyncGenerator<ExportedEntry[]> {
  let before: string | undefined
  do {
    const { entries, next } = await readAudit(accountId, filter, { before, limit: atOnce })
    if (entries.length > 0) yield entries.map(exported)
    before = next ?? undefined
  } while (before !== undefined)
}

function exported(entry: AuditEntry): ExportedEntry {
  const { via, decidedBy, seal, detail } = entry
  const { before, after, ...others } = detail
  return {
    id: entry.id,
    at: entry.at,
    actor: entry.actor,
    user_id: entry.userId,
    action: entry.action,
    resources: entry.resources,
    outcome: entry.outcome,
    address: entry.address,
    source: entry.source,
    via: via?.is ?? null,
    via_id: via?.id ?? null,
    request_id: entry.requestId,
    policy: decidedBy?.policy ?? null,
    statement: decidedBy?.statement ?? null,
    group: decidedBy?.group ?? null,
    before: before ?? null,
    after: after ?? null,
    detail: others,
    number: seal?.number ?? null,
    hash: seal?.hash ?? null,
  }
}
