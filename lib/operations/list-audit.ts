import { z } from 'zod'
import type { AuditEntry } from '#lib/core/audit.ts'
import { auditFilterSchema } from '#lib/core/audit-filter.ts'
import type { Caller } from '#lib/core/caller.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import { readAudit, readAuditEntry } from '#lib/store/audit-entries.ts'
import { operation } from './operation.ts'

/** The number of an entry; as a cursor, the entries before it. */
export const auditIdSchema = z.string().regex(/^[1-9]\d{0,17}$/)

/** The name of an account's audit log. */
export const auditResource = (_: unknown, { accountId }: Caller) => [freshetResource(accountId, 'audit')]

/** Entries of the audit log that a filter lets through, newest first, and from where older ones are read. */
export const listAudit = operation({
  action: 'freshet:ListAudit',
  input: z.object({
    filter: auditFilterSchema.prefault({}),
    before: auditIdSchema.optional(),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  resources: auditResource,
  run: ({ accountId }, { filter, ...page }) => readAudit(accountId, filter, page),
})

/** One entry of the audit log, or null. */
export const describeAuditEntry = operation({
  action: listAudit.action,
  input: z.object({ id: auditIdSchema }),
  resources: auditResource,
  run: ({ accountId }, { id }): Promise<AuditEntry | null> => readAuditEntry(accountId, id),
})
