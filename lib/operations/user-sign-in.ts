import { z } from 'zod'
import { type BrowserName, browserOf } from '#lib/core/browser-name.ts'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { db, transaction } from '#lib/store/client.ts'
import { endSessions, readSessions, type SessionRow } from '#lib/store/sessions.ts'
import { readUser, writeMustChange, writeSignIn } from '#lib/store/users.ts'
import { operation } from './operation.ts'
import { requireOther, requireUser, userResource } from './save-user.ts'

/** A session as its user and admins see it. */
export type SessionView = Omit<SessionRow, 'userAgent'> & BrowserName

/** The sessions of a user that live, the latest used first. */
export async function viewSessions(userId: number): Promise<SessionView[]> {
  const rows = await readSessions(userId)
  return rows.map(({ userAgent, ...row }) => ({ ...row, ...browserOf(userAgent) }))
}

const userId = z.object({ id: z.number().int() })

/** The user by name, as policies know them; who is not there is refused after the policies were asked. */
async function resources({ id }: { id: number }, caller: Caller): Promise<string[]> {
  const user = await readUser(caller.accountId, id)
  return [userResource(caller, user?.name ?? '*')]
}

/** Where somebody is signed in. @throws Fault EntityNotExist.User, OwnerIsFixed */
export const listSessions = operation({
  action: 'freshet:ListSessions',
  input: userId,
  resources,
  async run(caller, { id }): Promise<SessionView[]> {
    await requireUser(db(), caller, id)
    return viewSessions(id)
  },
})

/** Ends a session of somebody, or all of them, at once. @throws Fault EntityNotExist.User, EntityNotExist.Session, OwnerIsFixed */
export const endSession = operation({
  action: 'freshet:EndSession',
  input: userId.extend({ session: z.uuid().optional() }),
  resources,
  run: (caller, { id, session }): Promise<void> =>
    transaction(async (tx) => {
      const { name } = await requireUser(tx, caller, id)
      const ended = await endSessions(tx, { userId: id, only: session })
      if (ended === 0 && session) throw new Fault('EntityNotExist.Session')
      await writeAudit(tx, caller, 'freshet:EndSession', [userResource(caller, name)], { ended })
    }),
})

/** Turns signing in off for a user, at once, or on again; access keys go on. @throws Fault EntityNotExist.User, OwnerIsFixed */
export const setSignIn = operation({
  action: 'freshet:SaveUser',
  input: userId.extend({ signIn: z.boolean() }),
  resources,
  run: (caller, { id, signIn }): Promise<void> =>
    transaction(async (tx) => {
      const { name } = await requireOther(tx, caller, id)
      await writeSignIn(tx, id, signIn)
      await writeAudit(tx, caller, 'freshet:SaveUser', [userResource(caller, name)], { signIn })
    }),
})

/** Asks a user for a new password before anything else, from the next request on, or no longer. @throws Fault EntityNotExist.User, OwnerIsFixed */
export const askNewPassword = operation({
  action: 'freshet:SaveUser',
  input: userId.extend({ mustChange: z.boolean() }),
  resources,
  run: (caller, { id, mustChange }): Promise<void> =>
    transaction(async (tx) => {
      const { name } = await requireOther(tx, caller, id)
      await writeMustChange(tx, id, mustChange)
      await writeAudit(tx, caller, 'freshet:SaveUser', [userResource(caller, name)], { mustChange })
    }),
})
