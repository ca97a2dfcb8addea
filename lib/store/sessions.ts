import { type Caller, noRequest } from '#lib/core/caller.ts'
import type { SignIn } from './audit.ts'
import { db, Prisma, type Tx } from './client.ts'
import { type AttachedRow, attachedPolicies, attachedRows } from './policies.ts'

const lifeHours = 24
const idleHours = 12

/** Who is signed in, and with what account; nothing but a new password is open to whom it is asked of. */
export type SignedIn = Caller & { userId: number; accountName: string; mustChange: boolean }

/**
 * Opens a session for a user who has just proved who they are.
 *
 * @returns null when the password was changed, or the user disabled, while it was being compared
 */
export async function insertSession(
  user: { id: number; accountId: number; passwordHash: string | null },
  from: { address: string; userAgent: string },
  client: Tx = db(),
): Promise<string | null> {
  const [row] = await client.$queryRaw<{ id: string }[]>`
    insert into session (account_id, user_id, address, user_agent, expires_at)
    select account_id, id, ${from.address}, ${from.userAgent.slice(0, 300)}, now() + make_interval(hours => ${lifeHours}::int)
    from "user" where id = ${user.id} and password_hash = ${user.passwordHash} and disabled_at is null and sign_in
    for share
    returning id`
  return row?.id ?? null
}

const isLive = Prisma.sql`s.ended_at is null and s.expires_at > now()
  and s.last_seen_at > now() - make_interval(hours => ${idleHours}::int)`

/** Who a session belongs to, or null when it ended, expired or its user may not sign in. */
export async function readSession(id: string): Promise<SignedIn | null> {
  const [row] = await db().$queryRaw<
    {
      accountId: number
      userId: number
      name: string
      role: 'owner' | 'user'
      policies: AttachedRow[]
      address: string
      accountName: string
      mustChange: boolean
    }[]
  >`
    with live as (
      select s.id, s.last_seen_at from session s where s.id = ${id}::uuid and ${isLive}
    ), seen as (
      update session set last_seen_at = now()
      where id in (select id from live where last_seen_at < now() - interval '1 minute')
    )
    select u.account_id as "accountId", u.id as "userId", u.name, u.role, ${attachedRows} as policies, s.address,
      a.name as "accountName", u.must_change as "mustChange"
    from live join session s on s.id = live.id join "user" u on u.id = s.user_id join account a on a.id = u.account_id
    where u.disabled_at is null and u.sign_in`
  if (!row) return null
  const policies = await attachedPolicies(row.policies)
  return { ...row, policies, source: 'console', ...noRequest, via: { is: 'session', id } }
}

/** A session that lives, as a list of them shows it. */
export type SessionRow = {
  id: string
  address: string
  userAgent: string
  startedAt: string
  lastSeenAt: string
}

/** The sessions of a user that live, the latest used first. */
export async function readSessions(userId: number): Promise<SessionRow[]> {
  const rows = await db().$queryRaw<
    (Omit<SessionRow, 'startedAt' | 'lastSeenAt'> & { at: Date; seen: Date })[]
  >`
    select s.id, s.address, s.user_agent as "userAgent", s.created_at as at, s.last_seen_at as seen
    from session s where s.user_id = ${userId} and ${isLive} order by s.last_seen_at desc, s.id`
  return rows.map(({ at, seen, ...row }) => {
    return { ...row, startedAt: at.toISOString(), lastSeenAt: seen.toISOString() }
  })
}

/** Ends sessions of a user at once: all of them, one, or all but one. @returns how many there were */
export async function endSessions(
  tx: Tx,
  { userId, only, except }: { userId: number; only?: string | undefined; except?: string | undefined },
): Promise<number> {
  const { count } = await tx.session.updateMany({
    where: { userId, endedAt: null, id: { ...(only && { equals: only }), ...(except && { not: except }) } },
    data: { endedAt: new Date() },
  })
  return count
}

/** Ends a session at once; @returns whose it was, or null where it had ended. */
export async function endSession(tx: Tx, id: string): Promise<SignIn | null> {
  const [row] = await tx.$queryRaw<SignIn[]>`
    update session s set ended_at = now() from "user" u
    where s.id = ${id}::uuid and s.ended_at is null and u.id = s.user_id
    returning u.account_id as "accountId", u.id as "userId", u.name, s.id as session, s.address`
  return row ?? null
}
