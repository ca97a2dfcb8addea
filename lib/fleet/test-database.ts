import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, inject } from 'vitest'

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

async function administer(template: string, statement: string) {
  const client = new pg.Client({ connectionString: template.replace(/[^/]+$/, 'postgres') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
