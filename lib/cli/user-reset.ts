import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { startPostgres } from '#lib/fleet/postgres.ts'
import { resetPassword } from '#lib/operations/sign-in.ts'
import { extendEnvironment, startSettings } from '#lib/settings.ts'
import { closeStore } from '#lib/store/client.ts'

/** Sets a new random password for a user and prints it once; the user's sessions end. */
export async function resetUser([name]: string[]): Promise<void> {
  if (!name) throw new Error('Say whose password to set: freshet user reset NAME.')
  const { databaseUrl, stateFolder } = startSettings()
  // Beside a running start this is its server, and stays up.
  const own = databaseUrl ? undefined : await startPostgres({ folder: path.join(stateFolder, 'postgres') })
  if (own) extendEnvironment({ DATABASE_URL: own.url })
  const password = randomBytes(12).toString('base64url')
  const users = await resetPassword(name, password)
  await closeStore()
  await own?.stop()
  if (users === 0) throw new Error(`There is no user named ${name}.`)
  console.log(`The password of ${name} is now ${password}, and all sessions of ${name} have ended.`)
}
