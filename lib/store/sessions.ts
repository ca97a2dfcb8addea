import { type Caller, noRequest } from '#lib/core/caller.ts'
import type { SystemPolicy } from '#lib/core/policy.ts'
import { db } from './client.ts'

const lifeHours = 24
const idleHours = 12

/**
 * Opens a session for a user who has just proved who they are.
 *
 * @returns null when the password was changed, or the user disabled, while it was being compared
 */
export async function insertSession(
  user: { id: number; accountId: number; passwordHash: string | null },
  from: { address: string; userAgent: string },
): Promise<string | null> {
  const [row] = await db().$queryRaw<{ id: string }[]>`
    insert into session (account_id, user_id, address, user_agent, expires_at)
    select account_id, id, ${from.address}, ${from.userAgent.slice(0, 300)}, now() + make_interval(hours => ${lifeHours}::int)
    from "user" where id = ${user.id} and password_hash = ${user.passwordHash} and disabled_at is null
    for share
    returning id`
  return row?.id ?? null
}

/** Who a session belongs to, or null when it ended, expired or its user may not sign in. */
export async function readSession(id: string): Promise<(Caller & { accountName: string }) | null> {
  const [row] = await db().$queryRaw<
    {
      accountId: number
      userId: number
      name: string
      role: 'owner' | 'user'
      policies: SystemPolicy[]
      address: string
      accountName: string
    }[]
  >`
    with live as (
      select s.id, s.last_seen_at from session s
      where s.id = ${id}::uuid and s.ended_at is null and s.expires_at > now()
        and s.last_seen_at > now() - make_interval(hours => ${idleHours}::int)
    ), seen as (
      update session set last_seen_at = now()
      where id in (select id from live where last_seen_at < now() - interval '1 minute')
    )
    select u.account_id as "accountId", u.id as "userId", u.name, u.role, u.policies, s.address, a.name as "accountName"
    from live join session s on s.id = live.id join "user" u on u.id = s.user_id join account a on a.id = u.account_id
    where u.disabled_at is null`
  return row ? { ...row, source: 'console', ...noRequest, via: { is: 'session', id } } : null
}

/** Ends a session at once. */
export async function endSession(id: string): Promise<void> {
  await db().session.updateMany({ where: { id, endedAt: null }, data: { endedAt: new Date() } })
}
