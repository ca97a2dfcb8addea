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
