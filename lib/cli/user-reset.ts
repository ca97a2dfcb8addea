import { randomBytes } from 'node:crypto'
import { resetPassword } from '#lib/operations/sign-in.ts'
import { withDatabase } from './with-database.ts'

/** Sets a new random password for a user, prints it once, and has the user choose another; the user's sessions end. */
export async function resetUser([name]: string[]): Promise<void> {
  if (!name)
    throw new Error('Say whose password to set: freshet user reset NAME, or freshet user reset NAME@ACCOUNT.')
  const password = randomBytes(12).toString('base64url')
  const users = await withDatabase(() => resetPassword(name, password))
  const [user] = users
  if (!user) throw new Error(`There is no user named ${name}.`)
  if (users.length > 1)
    throw new Error(
      `${name} may be ${users.join(' or ')}; nothing was changed. Say which one, as NAME@ACCOUNT.`,
    )
  console.log(
    `The password of ${user} is now ${password}, to be changed at the next sign-in, and all sessions of ${user} have ended.`,
  )
}
