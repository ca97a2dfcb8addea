import { createHmac } from 'node:crypto'
import { derivedKey } from '#lib/settings.ts'

/** All columns of a row of the audit log but its MAC; moments and numbers as text, so that none is rounded. */
export type AuditColumns = {
  id: string
  accountId: number
  at: string
  userId: number | null
  actor: string
  address: string
  source: string
  via: string | null
  viaId: string | null
  requestId: string
  action: string
  resources: string[]
  outcome: string
  detail: unknown
  decidedBy: unknown
}

/** How a moment is told to a hash: UTC, to the microsecond. */
export const stampFormat = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

/** The columns of `audit a` by the names they have here. */
export const auditColumns = `
  a.id::text as id, a.account_id as "accountId", to_char(a.at at time zone 'UTC', '${stampFormat}') as at,
  a.user_id as "userId", a.actor, a.address, a.source, a.via, a.via_id as "viaId", a.request_id as "requestId",
  a.action, a.resources, a.outcome, a.detail, a.decided_by as "decidedBy"`

/** The key of the audit log, which no database has. */
export const auditKey = (): Buffer => derivedKey('audit')

/** Proves that a row is as somebody with the key wrote it. */
export function macOf(row: AuditColumns, key: Buffer): Buffer {
  const { id, accountId, at, userId, actor, address, source, via, viaId, requestId } = row
  const who = [accountId, userId, actor, address, source, via, viaId, requestId]
  const what = [row.action, row.resources, row.outcome, sorted(row.detail), sorted(row.decidedBy)]
  return createHmac('sha256', key)
    .update(JSON.stringify(['audit 1', id, at, ...who, ...what]))
    .digest()
}

/** A value whose text is the same in whatever order the database gives its keys back. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).map(([key, each]) => [key, sorted(each)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What stands before the first link of an account. */
export const chainStart = (accountId: number, key: Buffer): Buffer =>
  createHmac('sha256', key).update(`audit of account ${accountId}`).digest()

/** The hash of a link: nothing before it can be changed, left out or moved without changing it. */
export function linkHash(
  before: Uint8Array,
  link: { number: number; auditId: string; mac: Uint8Array },
  key: Buffer,
): Buffer {
  return createHmac('sha256', key)
    .update(before)
    .update(`${link.number} ${link.auditId} `)
    .update(link.mac)
    .digest()
}
