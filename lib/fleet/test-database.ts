import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { type Caller, noRequest } from '#lib/core/caller.ts'
import { insertFirstAccount } from '#lib/store/accounts.ts'
import { transaction } from '#lib/store/client.ts'

/**
 * A fresh, migrated database for one test file, dropped when the file is done; `db()` leads to it.
 *
 * Call it at the top of the file, `const url = await testDatabase()`: hooks registered later run before
 * the drop, so they can still close what they opened.
 */
export async function testDatabase(): Promise<string> {
  const template = inject('templateUrl')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(template, `CREATE DATABASE ${name} TEMPLATE template`)
  afterAll(() => administer(template, `DROP DATABASE ${name} WITH (FORCE)`))
  const url = template.replace(/[^/]+$/, name)
  process.env.DATABASE_URL = url
  return url
}

/** The first account of such a database, and its owner as a caller. */
export async function testOwner(): Promise<Caller> {
  const made = await transaction((tx) =>
    insertFirstAccount(tx, { account: 'Test', owner: 'editor', passwordHash: '' }),
  )
  if (!made) throw new Error('the database is not fresh')
  return {
    ...made,
    name: 'editor',
    role: 'owner',
    policies: [],
    source: 'console',
    address: '192.0.2.1',
    ...noRequest,
  }
}

async function administer(template: string, statement: string) {
  const client = new pg.Client({ connectionString: template.replace(/[^/]+$/, 'postgres') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
