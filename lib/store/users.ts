import { db, type Tx } from './client.ts'

/** What sign-in needs of a user. */
export type SignInUser = { id: number; accountId: number; passwordHash: string }

/** The users of a name that may sign in; names are unique within an account. */
export async function readUsersToSignIn(name: string): Promise<SignInUser[]> {
  return db().user.findMany({
    where: { name: { equals: name, mode: 'insensitive' }, disabledAt: null },
    select: { id: true, accountId: true, passwordHash: true },
  })
}

/** Sets a new password for the user of that name and ends all of the user's sessions. */
export async function resetPassword(tx: Tx, name: string, passwordHash: string): Promise<number> {
  const users = await tx.user.findMany({
    where: { name: { equals: name, mode: 'insensitive' } },
    select: { id: true },
  })
  const ids = users.map((user) => user.id)
  await tx.user.updateMany({ where: { id: { in: ids } }, data: { passwordHash } })
  await tx.session.updateMany({
    where: { userId: { in: ids }, endedAt: null },
    data: { endedAt: new Date() },
  })
  return ids.length
}
