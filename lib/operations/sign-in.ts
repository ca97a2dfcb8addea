import { hash, verify } from '@node-rs/argon2'
import { z } from 'zod'
import { Fault } from '#lib/core/fault.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { transaction } from '#lib/store/client.ts'
import { endSession as end, insertSession, readSession } from '#lib/store/sessions.ts'
import { readUsersToSignIn, resetPassword as reset } from '#lib/store/users.ts'

// These three run before there is a caller, so they are not operations.

/** The rule for passwords: length only, as NIST SP 800-63B advises. */
export const passwordRule = z
  .string()
  .min(12, 'password' satisfies RuleCode)
  .max(200, 'password' satisfies RuleCode)

/** Makes the stored form of a password: argon2id with the library's defaults (19 MiB, 2 passes). */
export function hashPassword(password: string): Promise<string> {
  return hash(password)
}

// Compared when the name is unknown, so that it takes as long as a wrong password.
let nobody: Promise<string> | undefined

/**
 * Opens a session for a name and a password.
 *
 * @returns the session's id, which the cookie's token holds
 * @throws Fault SignInFailed
 */
export async function openSession(
  given: { name: string; password: string },
  from: { address: string; userAgent: string },
): Promise<string> {
  nobody ??= hashPassword('nobody has this password')
  const users = await readUsersToSignIn(given.name.trim())
  const [user] = users
  const stored = user?.passwordHash ?? (await nobody)
  const matches = await compareInTurn(() => verify(stored, given.password.slice(0, 200)))
  if (!user || users.length > 1 || !matches) throw new Fault('SignInFailed')
  const session = await insertSession(user, from)
  if (session === null) throw new Fault('SignInFailed')
  return session
}

// A comparison takes a core for a while: two at a time, so that guessing passwords stops nobody's page.
const mostAtOnce = 2
const mostWaiting = 40
const waiting: (() => void)[] = []
let comparing = 0

async function compareInTurn(compare: () => Promise<boolean>): Promise<boolean> {
  if (waiting.length >= mostWaiting) throw new Fault('TooManySignIns')
  if (comparing < mostAtOnce) comparing += 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await compare()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else comparing -= 1
  }
}

/** The caller behind a session, or null when it ended. */
export function callerOfSession(id: string) {
  return readSession(id)
}

/** Ends a session at once. */
export function closeSession(id: string): Promise<void> {
  return end(id)
}

/** Sets a new password for a user from the server's own command line, and ends the user's sessions. */
export async function resetPassword(name: string, password: string): Promise<number> {
  const passwordHash = await hashPassword(passwordRule.parse(password))
  return transaction((tx) => reset(tx, name, passwordHash))
}
