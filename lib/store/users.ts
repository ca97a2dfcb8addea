import type { ListPart } from '#lib/core/list-part.ts'
import { disableKeys } from './access-keys.ts'
import { db, Prisma, type Tx } from './client.ts'
import { partOf } from './list-part.ts'
import { type AttachedRow, attachedRows } from './policies.ts'
import { endSessions } from './sessions.ts'

/** Whom somebody says to be: a user's name, and that of the account where it was written. */
export type SignInName = { name: string; account: string | null }

/** What sign-in needs of a user. */
export type SignInUser = { id: number; accountId: number; name: string; passwordHash: string }

// Names are compared by lower(), as the index does: Prisma's insensitive mode takes `_` for any character.

const isNamed = ({ name, account }: SignInName) =>
  Prisma.sql`lower(u.name) = lower(${name}) and (${account}::text is null or lower(a.name) = lower(${account}))`

/** The users of a name that may sign in; names are unique within an account. */
export async function readUsersToSignIn(who: SignInName): Promise<SignInUser[]> {
  return db().$queryRaw<SignInUser[]>`
    select u.id, u.account_id as "accountId", u.name, u.password_hash as "passwordHash"
    from "user" u join account a on a.id = u.account_id
    where ${isNamed(who)} and u.disabled_at is null and u.sign_in and u.password_hash is not null`
}

/** Every user of a name, in any state. */
export async function readUsersNamed(
  tx: Tx,
  who: SignInName,
): Promise<{ id: number; accountId: number; name: string; account: string }[]> {
  return tx.$queryRaw`
    select u.id, u.account_id as "accountId", u.name, a.name as account
    from "user" u join account a on a.id = u.account_id where ${isNamed(who)} order by u.id`
}

/** A user as the people of the account may see them. */
export type UserView = {
  id: number
  name: string
  role: 'owner' | 'user'
  /** What is attached to the user, and through which group. */
  policies: AttachedRow[]
  state: 'invited' | 'active' | 'disabled'
  /** Whether they may sign in while they are not disabled. */
  signIn: boolean
  /** Whether nothing works for them until they choose a new password. */
  mustChange: boolean
  lastSeenAt: string | null
  /** Until when the link of somebody invited holds. */
  linkExpiresAt: string | null
}

/** The users of an account, or a part of them; the owner first. */
export function readUsers(accountId: number, part?: ListPart): Promise<UserView[]> {
  const name = Prisma.sql`u.name`
  return readViews(accountId, db(), partOf(part, name, Prisma.sql`u.role, lower(u.name)`))
}

/** A user of an account. */
export async function readUser(
  accountId: number,
  id: number,
  client: Tx = db(),
): Promise<UserView | undefined> {
  const [user] = await readViews(accountId, client, Prisma.sql`and u.id = ${id}`)
  return user
}

function readViews(accountId: number, client: Tx, which: Prisma.Sql): Promise<UserView[]> {
  return client.$queryRaw<UserView[]>`
    select u.id, u.name, u.role, ${attachedRows} as policies, u.sign_in as "signIn", u.must_change as "mustChange",
      case when u.disabled_at is not null then 'disabled' when u.password_hash is null then 'invited'
        else 'active' end as state,
      to_jsonb(s.last_seen_at at time zone 'UTC') #>> '{}' || 'Z' as "lastSeenAt",
      to_jsonb(l.expires_at at time zone 'UTC') #>> '{}' || 'Z' as "linkExpiresAt"
    from "user" u
    left join lateral (select max(last_seen_at) as last_seen_at from session where user_id = u.id) s on true
    left join lateral (
      select max(expires_at) as expires_at from user_link
      where user_id = u.id and used_at is null and expires_at > now()) l on true
    where u.account_id = ${accountId} ${which}`
}

/** Adds a user, who has no password yet; null when somebody of the account has the name. */
export async function insertUser(tx: Tx, accountId: number, name: string): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ id: number }[]>`
    insert into "user" (account_id, name, role) values (${accountId}, ${name}, 'user')
    on conflict (account_id, lower(name)) do nothing returning id`
  return row?.id ?? null
}

/** Shuts a user out, at once, or lets them in again. */
export async function disableUser(tx: Tx, id: number, disabled: boolean): Promise<void> {
  await tx.user.update({ where: { id }, data: { disabledAt: disabled ? new Date() : null } })
  if (disabled) await shutOut(tx, id)
}

/** Takes away everything by which somebody gets in. */
async function shutOut(tx: Tx, userId: number): Promise<void> {
  await endSessions(tx, { userId })
  await dropLinks(tx, userId)
  await disableKeys(tx, userId)
}

/** Lets a user sign in no longer, at once, or again. */
export async function writeSignIn(tx: Tx, id: number, signIn: boolean): Promise<void> {
  await tx.user.update({ where: { id }, data: { signIn } })
  if (signIn) return
  await endSessions(tx, { userId: id })
  await dropLinks(tx, id)
}

/** Says whether a user has to choose a new password before anything else. */
export async function writeMustChange(tx: Tx, id: number, mustChange: boolean): Promise<void> {
  await tx.user.update({ where: { id }, data: { mustChange } })
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

/** Whose a link is. */
export type LinkOwner = { accountId: number; userId: number; name: string; account: string }

/** Whose link this is, while it may be used. */
export async function readLink(tokenHash: Uint8Array<ArrayBuffer>): Promise<LinkOwner | null> {
  const link = await db().userLink.findFirst({
    where: {
      tokenHash,
      usedAt: null,
      expiresAt: { gt: new Date() },
      user: { disabledAt: null, signIn: true },
    },
    select: {
      accountId: true,
      userId: true,
      user: { select: { name: true, account: { select: { name: true } } } },
    },
  })
  if (!link) return null
  const { accountId, userId, user } = link
  return { accountId, userId, name: user.name, account: user.account.name }
}

/** Uses a link up; false when somebody was faster. */
export async function takeLink(tx: Tx, tokenHash: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const { count } = await tx.userLink.updateMany({
    where: { tokenHash, usedAt: null, expiresAt: { gt: new Date() } },
    data: { usedAt: new Date() },
  })
  return count === 1
}

/** What else a new password means: the session that stays, and whether yet another must be chosen. */
type NewPassword = { keep?: string | undefined; mustChange?: boolean }

/** Sets a user's password; whoever is signed in with an older one is out. */
export async function setPassword(
  tx: Tx,
  id: number,
  passwordHash: string,
  { keep, mustChange = false }: NewPassword = {},
): Promise<void> {
  await tx.user.update({ where: { id }, data: { passwordHash, mustChange } })
  await endSessions(tx, { userId: id, except: keep })
}

/** The same, and no link sets yet another one. */
export async function replacePassword(
  tx: Tx,
  id: number,
  passwordHash: string,
  given: NewPassword,
): Promise<void> {
  await setPassword(tx, id, passwordHash, given)
  await dropLinks(tx, id)
}
