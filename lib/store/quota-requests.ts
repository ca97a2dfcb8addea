import type { Pool } from '#lib/core/quota.ts'
import { db, type Tx } from './client.ts'
import type { QuotaRequest } from './generated/client.ts'

/** A request for more of a pool, and what was decided. */
export type QuotaRequestView = {
  id: number
  pool: Pool
  wanted: number
  /** The last day of the raise, `yyyy-mm-dd`; null is without end. */
  until: string | null
  reason: string
  peakMbps: number | null
  requestedBy: string
  requesterId: number | null
  requestedAt: string
  state: 'pending' | 'approved' | 'rejected' | 'withdrawn'
  granted: number | null
  decidedBy: string | null
  decidedAt: string | null
  decisionNote: string
}

const view = (row: QuotaRequest): QuotaRequestView => ({
  ...row,
  pool: row.pool as Pool,
  state: row.state as QuotaRequestView['state'],
  until: row.until?.toISOString().slice(0, 10) ?? null,
  requestedAt: row.requestedAt.toISOString(),
  decidedAt: row.decidedAt?.toISOString() ?? null,
})

/** The requests of an account that wait, and the latest of the others; newest first. */
export async function readQuotaRequests(accountId: number, client: Tx = db()): Promise<QuotaRequestView[]> {
  const waiting = await client.quotaRequest.findMany({ where: { accountId, state: 'pending' } })
  const ended = await client.quotaRequest.findMany({
    where: { accountId, state: { not: 'pending' } },
    orderBy: { id: 'desc' },
    take: 200,
  })
  return [...waiting, ...ended].sort((a, b) => b.id - a.id).map(view)
}

/** A request that waits for a decision, or null. */
export async function readWaitingRequest(
  tx: Tx,
  accountId: number,
  id: number,
): Promise<QuotaRequestView | null> {
  const row = await tx.quotaRequest.findFirst({ where: { id, accountId, state: 'pending' } })
  return row ? view(row) : null
}

/** Notes a request. */
export async function insertQuotaRequest(
  tx: Tx,
  request: Pick<
    QuotaRequestView,
    'pool' | 'wanted' | 'until' | 'reason' | 'peakMbps' | 'requestedBy' | 'requesterId'
  > & {
    accountId: number
  },
): Promise<number> {
  const until = request.until === null ? null : new Date(request.until)
  return (await tx.quotaRequest.create({ data: { ...request, until } })).id
}

/**
 * Ends a request that waits for a decision.
 *
 * @returns the request as it was, or null when there is none that waits
 */
export async function endQuotaRequest(
  tx: Tx,
  accountId: number,
  id: number,
  decision: Pick<QuotaRequestView, 'state' | 'granted' | 'decidedBy' | 'decisionNote'>,
): Promise<QuotaRequestView | null> {
  const { count } = await tx.quotaRequest.updateMany({
    where: { id, accountId, state: 'pending' },
    data: { ...decision, decidedAt: new Date() },
  })
  if (count === 0) return null
  return view(await tx.quotaRequest.findUniqueOrThrow({ where: { id } }))
}
