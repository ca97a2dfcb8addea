import { afterAll, expect, it } from 'vitest'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { closeStore, db, Prisma } from './client.ts'

await testDatabase()
afterAll(closeStore)

// `prisma migrate diff` cannot say it: it knows neither partitions nor triggers, and the schema names
// only the tables that Prisma reads.
it.each(Object.values(Prisma.ModelName))('every column of %s is in the migrated database', async (model) => {
  const name = model[0]?.toLowerCase() + model.slice(1)
  const table = (db() as unknown as Record<string, { findFirst(): Promise<unknown> }>)[name]
  await expect(table?.findFirst()).resolves.toBeDefined()
})
