import type { Tx } from './client.ts'
import { db } from './client.ts'

/** Whether anybody has set this deployment up. */
export async function anyAccount(client: Tx = db()): Promise<boolean> {
  return (await client.account.findFirst({ select: { id: true } })) !== null
}

/** Adds the first account with its owner; the lock makes a second set-up at once wait and see it. */
export async function insertFirstAccount(
  tx: Tx,
  input: { account: string; owner: string; passwordHash: string },
): Promise<{ accountId: number; userId: number } | null> {
  await tx.$executeRaw`select pg_advisory_xact_lock(7270003)`
  if (await anyAccount(tx)) return null
  const account = await tx.account.create({ data: { name: input.account } })
  const owner = await tx.user.create({
    data: { accountId: account.id, name: input.owner, passwordHash: input.passwordHash, role: 'owner' },
  })
  return { accountId: account.id, userId: owner.id }
}

/** Adds an account with its owner, who has no password yet; null when an account has the name. */
export async function insertAccount(
  tx: Tx,
  { account, owner }: { account: string; owner: string },
): Promise<{ accountId: number; userId: number } | null> {
  const [row] = await tx.$queryRaw<{ accountId: number; userId: number }[]>`
    with made as (
      insert into account (name) values (${account}) on conflict (lower(name)) do nothing returning id
    )
    insert into "user" (account_id, name, role) select id, ${owner}, 'owner' from made
    returning account_id as "accountId", id as "userId"`
  return row ?? null
}
