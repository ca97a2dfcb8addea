import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { transaction } from '#lib/store/client.ts'
import { endSessions } from '#lib/store/sessions.ts'
import { replacePassword, type SignInUser } from '#lib/store/users.ts'
import { checked } from './operation.ts'
import { userResource } from './save-user.ts'
import { hashPassword, passwordRule, proveUser, requireStrong, type SignedIn } from './sign-in.ts'
import { type SessionView, viewSessions } from './user-sign-in.ts'

// What people may do with their own sign-in whatever their policies, so no policy is asked.

/** The session that a caller came with. */
const sessionOf = ({ via }: Caller) => (via?.is === 'session' ? via.id : undefined)

/** Where the caller is signed in, the latest used first, and which of them this is. */
export async function listOwnSessions(caller: SignedIn): Promise<{ sessions: SessionView[]; here: string }> {
  return { sessions: await viewSessions(caller.userId), here: sessionOf(caller) ?? '' }
}

/** Ends a session of the caller, or all but this one. @throws Fault EntityNotExist.Session */
export async function endOwnSession(
  caller: SignedIn,
  given: { session?: string | undefined },
): Promise<void> {
  const { session } = checked(z.object({ session: z.uuid().optional() }), given)
  const which = session ? { only: session } : { except: sessionOf(caller) }
  await transaction(async (tx) => {
    const ended = await endSessions(tx, { userId: caller.userId, ...which })
    if (ended === 0 && session) throw new Fault('EntityNotExist.Session')
    await writeAudit(tx, caller, 'freshet:EndSession', [userResource(caller, caller.name)], { ended })
  })
}

/**
 * Changes the caller's password; every other session of theirs ends, and this one goes on.
 *
 * @throws Fault InvalidParameter, TooManyWrongSignIns, TooManySignIns
 */
export async function changePassword(
  caller: SignedIn,
  given: { present: string; password: string },
): Promise<void> {
  const { password } = checked(z.object({ password: passwordRule }), given)
  requireStrong(password, { user: caller.name, account: caller.accountName })
  const { id } = await provePresent(caller, given.present)
  if (password === given.present) throw refused('password', 'password-same')
  const passwordHash = await hashPassword(password)
  await transaction(async (tx) => {
    await replacePassword(tx, id, passwordHash, { keep: sessionOf(caller) })
    await writeAudit(tx, caller, 'freshet:ChangePassword', [userResource(caller, caller.name)])
  })
}

/** Wrong ones count with those at the door: a browser that was left open must not be the place to guess. */
async function provePresent(caller: SignedIn, present: string): Promise<SignInUser> {
  const { name, accountName: account } = caller
  try {
    return await proveUser({ name, account }, present, caller)
  } catch (error) {
    if (error instanceof Fault && error.code === 'SignInFailed') throw refused('present', 'password-present')
    throw error
  }
}

const refused = (field: string, rule: RuleCode) => new Fault('InvalidParameter', { field, given: '', rule })
