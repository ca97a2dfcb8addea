import type { SystemPolicy } from '#lib/core/policy.ts'
import { db, type Tx } from './client.ts'

/** What sign-in needs of a user. */
export type SignInUser = { id: number; accountId: number; passwordHash: string }

// Names are compared by lower(), as the index does: Prisma's insensitive mode takes `_` for any character.

/** The users of a name that may sign in; names are unique within an account. */
export async function readUsersToSignIn(name: string): Promise<SignInUser[]> {
  return db().$queryRaw<SignInUser[]>`
    select id, account_id as "accountId", password_hash as "passwordHash" from "user"
    where lower(name) = lower(${name}) and disabled_at is null and password_hash is not null`
}

/** Sets a new password for the user of that name, and ends all of the user's sessions and links. */
export async function resetPassword(tx: Tx, name: string, passwordHash: string): Promise<number> {
  const users = await tx.$queryRaw<{ id: number }[]>`select id from "user" where lower(name) = lower(${name})`
  for (const { id } of users) {
    await setPassword(tx, id, passwordHash)
    await dropLinks(tx, id)
  }
  return users.length
}

/** A user as the people of the account may see them. */
export type UserView = {
  id: number
  name: string
  role: 'owner' | 'user'
  policies: SystemPolicy[]
  state: 'invited' | 'active' | 'disabled'
  lastSeenAt: string | null
  /** Until when the link of somebody invited holds. */
  linkExpiresAt: string | null
}

/** The users of an account, the owner first. */
export async function readUsers(accountId: number, client: Tx = db()): Promise<UserView[]> {
  return client.$queryRaw<UserView[]>`
    select u.id, u.name, u.role, u.policies,
      case when u.disabled_at is not null then 'disabled' when u.password_hash is null then 'invited'
        else 'active' end as state,
      to_jsonb(s.last_seen_at at time zone 'UTC') #>> '{}' || 'Z' as "lastSeenAt",
      to_jsonb(l.expires_at at time zone 'UTC') #>> '{}' || 'Z' as "linkExpiresAt"
    from "user" u
    left join lateral (select max(last_seen_at) as last_seen_at from session where user_id = u.id) s on true
    left join lateral (
      select max(expires_at) as expires_at from user_link
      where user_id = u.id and used_at is null and expires_at > now()) l on true
    where u.account_id = ${accountId} order by u.role, lower(u.name)`
}

/** Adds a user, who has no password yet; null when somebody of the account has the name. */
export async function insertUser(
  tx: Tx,
  accountId: number,
  { name, policies }: { name: string; policies: SystemPolicy[] },
): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ id: number }[]>`
    insert into "user" (account_id, name, role, policies) values (${accountId}, ${name}, 'user', ${policies})
    on conflict (account_id, lower(name)) do nothing returning id`
  return row?.id ?? null
}

/** Sets which policies are attached to a user. */
export async function writePolicies(tx: Tx, id: number, policies: SystemPolicy[]): Promise<void> {
  await tx.user.update({ where: { id }, data: { policies } })
}

/** Lets a user sign in no longer, at once, or again. */
export async function disableUser(tx: Tx, id: number, disabled: boolean): Promise<void> {
  await tx.user.update({ where: { id }, data: { disabledAt: disabled ? new Date() : null } })
  if (!disabled) return
  await endSessions(tx, id)
  await dropLinks(tx, id)
}

async function endSessions(tx: Tx, userId: number): Promise<void> {
  await tx.session.updateMany({ where: { userId, endedAt: null }, data: { endedAt: new Date() } })
}

async function dropLinks(tx: Tx, userId: number): Promise<void> {
  await tx.userLink.deleteMany({ where: { userId, usedAt: null } })
}

/** Makes a link the only one that lets its user choose a password. */
export async function insertLink(
  tx: Tx,
  link: { tokenHash: Uint8Array<ArrayBuffer>; accountId: number; userId: number; expiresAt: Date },
): Promise<void> {
  await dropLinks(tx, link.userId)
  await tx.userLink.create({ data: link })
}

/** Whose link this is, while it may be used. */
export async function readLink(
  tokenHash: Uint8Array<ArrayBuffer>,
): Promise<{ userId: number; name: string } | null> {
  const link = await db().userLink.findFirst({
    where: { tokenHash, usedAt: null, expiresAt: { gt: new Date() }, user: { disabledAt: null } },
    select: { userId: true, user: { select: { name: true } } },
  })
  return link ? { userId: link.userId, name: link.user.name } : null
}

/** Uses a link up; false when somebody was faster. */
export async function takeLink(tx: Tx, tokenHash: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const { count } = await tx.userLink.updateMany({
    where: { tokenHash, usedAt: null, expiresAt: { gt: new Date() } },
    data: { usedAt: new Date() },
  })
  return count === 1
}

/** Sets a user's password; whoever is signed in with an older one is out. */
export async function setPassword(tx: Tx, id: number, passwordHash: string): Promise<void> {
  await tx.user.update({ where: { id }, data: { passwordHash } })
  await endSessions(tx, id)
}
