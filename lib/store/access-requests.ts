import type { StatementForm } from '#lib/core/policy-sentence.ts'
import { db, type Tx } from './client.ts'

/** What somebody asks for, and what became of it. */
export type AccessRequestView = {
  id: number
  userId: number
  userName: string
  asked: StatementForm
  reason: string
  askedAt: string
  state: 'pending' | 'granted' | 'refused' | 'withdrawn'
  granted: StatementForm | null
  decidedBy: string | null
  decidedAt: string | null
  note: string
}

/** Requests that are listed at most. */
export const mostListed = 200

/** Requests of an account, or those of one user: what waits first, the longest first, then the newest. */
export async function readAccessRequests(
  accountId: number,
  userId: number | null = null,
  client: Tx = db(),
): Promise<AccessRequestView[]> {
  return client.$queryRaw<AccessRequestView[]>`
    select r.id, r.user_id as "userId", u.name as "userName", r.asked, r.reason,
      to_jsonb(r.asked_at at time zone 'UTC') #>> '{}' || 'Z' as "askedAt", r.state, r.granted,
      r.decided_by as "decidedBy", to_jsonb(r.decided_at at time zone 'UTC') #>> '{}' || 'Z' as "decidedAt", r.note
    from access_request r join "user" u on u.id = r.user_id
    where r.account_id = ${accountId} and (${userId}::int is null or r.user_id = ${userId}::int)
    order by r.state <> 'pending', case when r.state = 'pending' then r.id end, r.id desc limit ${mostListed}`
}

export async function insertAccessRequest(
  tx: Tx,
  request: { accountId: number; userId: number; asked: StatementForm; reason: string },
): Promise<number> {
  const { accountId, userId, asked, reason } = request
  const [row] = await tx.$queryRaw<{ id: number }[]>`
    insert into access_request (account_id, user_id, asked, reason)
    values (${accountId}, ${userId}, ${JSON.stringify(asked)}::jsonb, ${reason}) returning id`
  return row?.id ?? 0
}

/** Ends a request that waits; null when it does not wait any more. */
export async function endAccessRequest(
  tx: Tx,
  request: { accountId: number; id: number },
  end: {
    state: 'granted' | 'refused' | 'withdrawn'
    granted: StatementForm | null
    decidedBy: string
    note: string
  },
): Promise<{ userId: number; userName: string; asked: StatementForm } | null> {
  const [row] = await tx.$queryRaw<{ userId: number; userName: string; asked: StatementForm }[]>`
    update access_request r set state = ${end.state}, granted = ${end.granted && JSON.stringify(end.granted)}::jsonb,
      decided_by = ${end.decidedBy}, decided_at = now(), note = ${end.note}
    from "user" u
    where r.id = ${request.id} and r.account_id = ${request.accountId} and r.state = 'pending' and u.id = r.user_id
    returning r.user_id as "userId", u.name as "userName", r.asked`
  return row ?? null
}
