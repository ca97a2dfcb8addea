import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'

const folder = path.resolve(import.meta.dirname, '../../prisma/migrations')

/** The lock that Prisma's own commands take too, so that ours and theirs never run together. */
const prismaLock = 72707369

/**
 * Brings a database to the newest schema, and creates it when the server does not have it yet.
 *
 * Any number of processes may call this at once: one applies, the others wait and find nothing to do.
 * It is not the Prisma CLI because that takes seconds and needs development packages; what it records is
 * the same, so the CLI's `migrate status` agrees.
 *
 * @throws Error in one sentence: no answer, older than 15, a changed migration, a newer database
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = await connectOrCreate(databaseUrl)
  try {
    await refuseOldPostgres(client)
    await client.query('SELECT pg_advisory_lock($1)', [prismaLock])
    await applyMissing(client)
  } finally {
    await client.end()
  }
}

async function connectOrCreate(databaseUrl: string): Promise<pg.Client> {
  try {
    return await connect(databaseUrl)
  } catch (error) {
    if (codeOf(error) !== '3D000') throw explain(error, databaseUrl)
  }
  try {
    await createDatabase(databaseUrl)
    return await connect(databaseUrl)
  } catch (error) {
    throw explain(error, databaseUrl)
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function createDatabase(databaseUrl: string) {
  const url = new URL(databaseUrl)
  const name = decodeURIComponent(url.pathname.slice(1))
  url.pathname = '/postgres'
  const client = await connect(url.href)
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
  } catch (error) {
    // Another process was faster; which code it is depends on how much faster.
    if (!['42P04', '23505'].includes(codeOf(error))) throw error
  } finally {
    await client.end()
  }
}

async function refuseOldPostgres(client: pg.Client) {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS name`,
  )
  if (rows[0].number >= 150_000) return
  throw new Error(`Freshet needs Postgres 15 or newer, and DATABASE_URL leads to Postgres ${rows[0].name}.`)
}

type Migration = { name: string; sql: string; checksum: string }

async function applyMissing(client: pg.Client) {
  await client.query(prismaTable)
  const migrations = await readMigrations()
  const applied = await readApplied(client)
  refuseNewerDatabase(migrations, applied)
  for (const migration of migrations) {
    const checksum = applied.get(migration.name)
    if (checksum === undefined) await apply(client, migration)
    else if (checksum !== migration.checksum) throw changed(migration)
  }
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(names.sort().map(readMigration))
}

async function readMigration(name: string): Promise<Migration> {
  const sql = await readFile(path.join(folder, name, 'migration.sql'), 'utf8')
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
}

async function readApplied(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  )
  return new Map(rows.map((row) => [row.name, row.checksum]))
}

function refuseNewerDatabase(migrations: Migration[], applied: Map<string, string>) {
  const known = new Set(migrations.map((migration) => migration.name))
  const unknown = [...applied.keys()].find((name) => !known.has(name))
  if (unknown) throw new Error(`The database was made by another Freshet: this one does not know ${unknown}.`)
}

function changed({ name }: Migration) {
  return new Error(
    `The database has migration ${name} in another form than this Freshet; migrations never change.`,
  )
}

/** The migration and its record are one transaction: half a migration never stays. */
async function apply(client: pg.Client, { name, sql, checksum }: Migration) {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error })
  }
}

const prismaTable = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? ''
}

/** One sentence without the password; `localhost` fails with two addresses and an empty message. */
export function explain(error: unknown, databaseUrl: string): Error {
  const { host, pathname } = new URL(databaseUrl)
  const reason = (error as Error).message || codeOf(error) || 'no reason given'
  return new Error(
    `Postgres at ${host}${pathname} cannot be used: ${reason}. Start it, correct DATABASE_URL, or unset it.`,
    { cause: error },
  )
}
