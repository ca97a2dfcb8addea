import pg from 'pg'
import { expect, test } from 'vitest'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { migrate } from './migrate.ts'

const url = await testDatabase()

async function query(connectionString: string, text: string) {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('a database that does not exist is created, and any number of runs apply each migration once', async () => {
  const missing = `${url}_missing`
  await Promise.all([migrate(missing), migrate(missing), migrate(missing)])
  const rows = await query(
    missing,
    'SELECT migration_name, length(checksum) AS length FROM _prisma_migrations',
  )
  expect(rows.length).toBeGreaterThan(0)
  expect(rows[0].length).toBe(64)
  expect(new Set(rows.map((row) => row.migration_name)).size).toBe(rows.length)
})

test('a migration that changed after it was applied is refused by name', async () => {
  const [{ id, name, checksum }] = await query(
    url,
    'SELECT id, migration_name AS name, checksum FROM _prisma_migrations',
  )
  await query(url, `UPDATE _prisma_migrations SET checksum = 'other' WHERE id = '${id}'`)
  await expect(migrate(url)).rejects.toThrow(`migration ${name} in another form`)
  await query(url, `UPDATE _prisma_migrations SET checksum = '${checksum}' WHERE id = '${id}'`)
})

test('a database of a newer Freshet is refused', async () => {
  await query(
    url,
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
     VALUES ('x', 'x', '99990101000000_later', now())`,
  )
  await expect(migrate(url)).rejects.toThrow('does not know 99990101000000_later')
  await query(url, `DELETE FROM _prisma_migrations WHERE id = 'x'`)
})

test('a server that does not answer is one sentence with its address and without its password', async () => {
  const failure = await migrate('postgresql://me:secret@localhost:1/freshet').catch((error) => error)
  expect(failure.message).toMatch(/^Postgres at localhost:1\/freshet cannot be used: .+\.$/)
  expect(failure.message).not.toContain('secret')
})
