import { randomBytes } from 'node:crypto'
import type { ListPart } from '#lib/core/list-part.ts'
import { db, Prisma, prepared, type Tx } from './client.ts'
import { partOf } from './list-part.ts'
import { seal, unseal } from './secrets.ts'
import { shared } from './shared.ts'

/** An access key as the people of the account may see it: never its secret. */
export type AccessKeyView = {
  id: string
  userId: number
  userName: string
  enabled: boolean
  networks: string[]
  expiresAt: string | null
  createdAt: string
  lastUsedAt: string | null
  lastUsedAction: string | null
  lastUsedAddress: string | null
}

const moment = (column: string) => Prisma.raw(`to_jsonb(k.${column} at time zone 'UTC') #>> '{}' || 'Z'`)
const words = Prisma.sql`k.id || ' ' || u.name`

/** The access keys of an account, those of one user if asked, or a part of them; the newest first. */
export async function readAccessKeys(
  accountId: number,
  userId: number | null = null,
  client: Tx = db(),
  part?: ListPart,
): Promise<AccessKeyView[]> {
  return client.$queryRaw<AccessKeyView[]>`
    select k.id, k.user_id as "userId", u.name as "userName", k.enabled, k.networks::text[] as networks,
      ${moment('expires_at')} as "expiresAt", ${moment('created_at')} as "createdAt",
      ${moment('last_used_at')} as "lastUsedAt", k.last_used_action as "lastUsedAction",
      k.last_used_address as "lastUsedAddress"
    from access_key k join "user" u on u.id = k.user_id
    where k.account_id = ${accountId} and (${userId}::int is null or k.user_id = ${userId})
      ${partOf(part, words, Prisma.sql`k.created_at desc, k.id`)}`
}

/** Locks a user, so that keys are counted and made one at a time. */
export async function lockKeys(tx: Tx, userId: number): Promise<void> {
  await tx.$queryRaw`select 1 from "user" where id = ${userId} for update`
}

export const keySecretPlace = (id: string) => `access_key/${id}/secret`

/** Adds a key; its secret is sealed for this one row. */
export async function insertAccessKey(
  tx: Tx,
  key: { id: string; accountId: number; userId: number; secret: string },
): Promise<void> {
  await tx.$executeRaw`
    insert into access_key (id, account_id, user_id, secret)
    values (${key.id}, ${key.accountId}, ${key.userId}, ${seal(key.secret, keySecretPlace(key.id))})`
}

export type KeyChange = { enabled: boolean; networks: string[]; expiresAt: string | null }

/** Changes where and until when a key may be used, and whether at all. */
export async function updateAccessKey(tx: Tx, id: string, change: KeyChange): Promise<void> {
  await tx.$executeRaw`
    update access_key set enabled = ${change.enabled}, networks = ${change.networks}::text[]::cidr[],
      expires_at = ${change.expiresAt}::timestamptz
    where id = ${id}`
}

export async function deleteAccessKey(tx: Tx, id: string): Promise<void> {
  await tx.$executeRaw`delete from access_key where id = ${id}`
}

/** Disables all keys of a user at once. */
export async function disableKeys(tx: Tx, userId: number): Promise<void> {
  await tx.$executeRaw`update access_key set enabled = false where user_id = ${userId}`
}

/** A key as whoever checks a signature needs it; `isKnown` is false for a stand-in that nobody can sign for. */
export type ProvableKey = {
  id: string
  accountId: number
  userId: number
  secret: string
  isKnown: boolean
}

/** What an unknown key is checked with, so that it takes as long as any other. */
let standIn: Uint8Array | undefined
const standInPlace = keySecretPlace('stand-in')

/** A key by its id with its secret in clear; for signatures only. */
export const readProvableKey = shared(async (id: string): Promise<ProvableKey> => {
  const [row] = await db().$queryRaw<(Omit<ProvableKey, 'secret' | 'isKnown'> & { secret: Uint8Array })[]>`
    ${prepared} select id, account_id as "accountId", user_id as "userId", secret from access_key where id = ${id}`
  if (row) return { ...row, secret: unseal(row.secret, keySecretPlace(id)), isKnown: true }
  standIn ??= seal(randomBytes(15).toString('hex'), standInPlace)
  return { id, accountId: 0, userId: 0, secret: unseal(standIn, standInPlace), isKnown: false }
})
