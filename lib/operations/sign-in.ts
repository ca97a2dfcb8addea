import { hash, verify } from '@node-rs/argon2'
import { z } from 'zod'
import { commandLine } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { weaknessOf } from '#lib/core/weak-password.ts'
import { refuseSignIn, writeAudit, writeSignIn } from '#lib/store/audit.ts'
import { transaction } from '#lib/store/client.ts'
import { endSession as end, insertSession, readSession, type SignedIn } from '#lib/store/sessions.ts'
import { forgetTries, takeBackTry, takeTry } from '#lib/store/sign-in-tries.ts'
import {
  readUsersNamed,
  readUsersToSignIn,
  replacePassword,
  type SignInName,
  type SignInUser,
} from '#lib/store/users.ts'

// These run before there is a caller, so they are not operations.

const countOf = (text: string) => [...text].length

/** The rule for the length of passwords, in characters as people count them. */
export const passwordRule = z
  .string()
  .refine((given) => countOf(given) >= 12 && countOf(given) <= 200, 'password' satisfies RuleCode)

/** Refuses what is guessed first, as NIST SP 800-63B advises; it asks for no kinds of characters. @throws Fault InvalidParameter */
export function requireStrong(password: string, of: { user: string; account: string }): void {
  const rule = weaknessOf(password, of)
  if (rule) throw new Fault('InvalidParameter', { field: 'password', given: '', rule })
}

// The same characters may be typed in several forms.
const typed = (password: string) => password.normalize('NFKC')

/** Makes the stored form of a password: argon2id with the library's defaults (19 MiB, 2 passes). */
export function hashPassword(password: string): Promise<string> {
  return hash(typed(password))
}

/** Whom somebody means by `user` or `user@account`; a user's name has no @, an account's may have some. */
export function readName(given: string): SignInName {
  // Postgres takes no zero bytes.
  const [name = '', ...account] = given.replaceAll('\0', '').split('@')
  return { name: name.trim(), account: account.length > 0 ? account.join('@').trim() : null }
}

// Compared when the name is unknown, so that it takes as long as a wrong password.
let nobody: Promise<string> | undefined

/** Where a request came from, and its name. */
type Origin = { address: string; requestId?: string }

/** A clock of the caller's own, and whether wrong tries count; for tests and measurements. */
type Trying = { now?: Date | null; isThrottled?: boolean }

/**
 * Opens a session for a name and a password.
 *
 * @returns the session's id, which the cookie's token holds
 * @throws Fault SignInFailed, TooManyWrongSignIns, TooManySignIns
 */
export async function openSession(
  given: { name: string; password: string },
  from: Origin & { userAgent: string },
  trying: Trying = {},
): Promise<string> {
  const user = await proveUser(readName(given.name), given.password, from, trying)
  const session = await transaction(async (tx) => {
    const id = await insertSession(user, from, tx)
    if (id) await writeSignIn(tx, 'freshet:SignIn', { ...from, ...user, userId: user.id, session: id })
    return id
  })
  if (session === null) throw new Fault('SignInFailed')
  return session
}

/**
 * The one user of that name and password. Whether the name, the account or the password is wrong, or the
 * name is not enough to tell, looks alike and takes as long.
 *
 * @throws Fault SignInFailed, TooManyWrongSignIns, TooManySignIns
 */
export async function proveUser(
  who: SignInName,
  password: string,
  from: Origin,
  { now = null, isThrottled = true }: Trying = {},
): Promise<SignInUser> {
  nobody ??= hashPassword('nobody has this password')
  const tryer = { name: who.name, address: from.address }
  return inTurn(from.address, async () => {
    // Not before its turn: who is sent away because of others has not tried anything.
    const wait = isThrottled ? await takeTry(tryer, now) : { before: 0, after: 0 }
    if (wait.before > 0) throw new Fault('TooManyWrongSignIns', { seconds: wait.before })
    const users = await readUsersToSignIn(who)
    const [user] = users
    const isRight = await verify(user?.passwordHash ?? (await nobody) ?? '', typed(password))
    if (user && users.length === 1 && isRight) {
      if (isThrottled) await takeBackTry(tryer)
      await forgetTries(tryer)
      return user
    }
    if (user && !isRight) refuseSignIn({ ...from, ...user, userId: user.id, session: null })
    throw wait.after > 0
      ? new Fault('TooManyWrongSignIns', { seconds: wait.after })
      : new Fault('SignInFailed')
  })
}

// A comparison takes a core for a while: two at a time, so that guessing passwords stops nobody's page.
const mostAtOnce = 2
const mostWaiting = 40
/** Of one address, so that it does not take the places of all others. */
const mostWaitingOfOne = 4
const waiting: { address: string; go: () => void }[] = []
let comparing = 0

async function inTurn<Answer>(address: string, work: () => Promise<Answer>): Promise<Answer> {
  const own = waiting.filter((one) => one.address === address).length
  if (waiting.length >= mostWaiting || own >= mostWaitingOfOne) throw new Fault('TooManySignIns')
  if (comparing < mostAtOnce) comparing += 1
  else await new Promise<void>((go) => waiting.push({ address, go }))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next.go()
    else comparing -= 1
  }
}

export type { SignedIn }

/** Who a session belongs to, or null when it ended. */
export function callerOfSession(id: string): Promise<SignedIn | null> {
  return readSession(id)
}

/** Ends a session at once. */
export async function closeSession(id: string): Promise<void> {
  await transaction(async (tx) => {
    const ended = await end(tx, id)
    if (ended) await writeSignIn(tx, 'freshet:SignOut', ended)
  })
}

/**
 * Sets a password from the server's own command line, which its user has to change at once, and ends the
 * user's sessions and links.
 *
 * @param given `user` or `user@account`
 * @returns whom the name may mean, as `user@account`; nothing was done unless it is one
 */
export async function resetPassword(given: string, password: string): Promise<string[]> {
  const passwordHash = await hashPassword(passwordRule.parse(password))
  return transaction(async (tx) => {
    const users = await readUsersNamed(tx, readName(given))
    const [user] = users
    if (user && users.length === 1) {
      await replacePassword(tx, user.id, passwordHash, { mustChange: true })
      const resource = freshetResource(user.accountId, `user/${user.name}`)
      await writeAudit(tx, commandLine(user.accountId), 'freshet:ResetPassword', [resource])
    }
    return users.map(({ name, account }) => `${name}@${account}`)
  })
}
