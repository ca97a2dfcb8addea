import path from 'node:path'
import { startPostgres } from '#lib/fleet/postgres.ts'
import { extendEnvironment, startSettings } from '#lib/settings.ts'
import { closeStore } from '#lib/store/client.ts'

/** Does something in the database of this installation; beside a running start that is its server, and stays up. */
export async function withDatabase<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  const { databaseUrl, stateFolder } = startSettings()
  const own = databaseUrl ? undefined : await startPostgres({ folder: path.join(stateFolder, 'postgres') })
  if (own) extendEnvironment({ DATABASE_URL: own.url })
  try {
    return await work()
  } finally {
    await closeStore()
    await own?.stop()
  }
}
