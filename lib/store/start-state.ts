import pg from 'pg'

/** What a start has to know of a migrated database. */
export type StartState = {
  /** Somebody has set Freshet up, so the set-up token is used. */
  hasAccount: boolean
  /** The demo is there, or may still be added by the set-up. */
  wantsDemo: boolean
}

/** Asks with one bare connection: loading Prisma would take longer than the rest of the start. */
export async function readStartState(connectionString: string): Promise<StartState> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    const { rows } = await client.query(`
      SELECT EXISTS (SELECT FROM account) AS has_account,
        NOT EXISTS (SELECT FROM account) OR EXISTS (SELECT FROM domain WHERE demo) AS wants_demo`)
    return { hasAccount: rows[0].has_account, wantsDemo: rows[0].wants_demo }
  } finally {
    await client.end()
  }
}
