import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Caller } from '#lib/core/policy.ts'
import { startPostgres } from '#lib/fleet/postgres.ts'
import { type RefreshAnswer, refreshObjectCaches } from '#lib/operations/refresh-object-caches.ts'
import { saveCache } from '#lib/operations/save-cache.ts'
import { saveDomain } from '#lib/operations/save-domain.ts'
import { extendEnvironment } from '#lib/settings.ts'
import { insertFirstAccount } from '#lib/store/accounts.ts'
import { closeStore, transaction } from '#lib/store/client.ts'
import { migrate } from '#lib/store/migrate.ts'
import { startNode } from './processes.ts'

/** The secret of every cache here. */
export const secret = 'bench-secret-bench-secret'

export type Stand = {
  /** Where a benchmark may write; removed at the end. */
  folder: string
  caller: Caller
  databaseUrl: string
}

/**
 * Runs a benchmark with a Postgres of its own, durable as in production, with a migrated database
 * and an account; stops all of it afterwards.
 */
export async function withStand(work: (stand: Stand) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'freshet-bench-'))
  const postgres = await startPostgres({ folder: path.join(folder, 'postgres') })
  try {
    await migrate(postgres.url)
    extendEnvironment({
      DATABASE_URL: postgres.url,
      FRESHET_SECRET_KEY: randomBytes(32).toString('base64'),
    })
    await work({ folder, caller: await setUp(), databaseUrl: postgres.url })
  } finally {
    await closeStore()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function setUp(): Promise<Caller> {
  const made = await transaction((tx) =>
    insertFirstAccount(tx, { account: 'Bench', owner: 'bench', passwordHash: '' }),
  )
  if (!made) throw new Error('the database is not fresh')
  return { ...made, name: 'bench', role: 'owner', source: 'console', address: '' }
}

/** Adds a cache that serves visitors, and gives its number. */
export async function addCache(
  { caller }: Stand,
  name: string,
  kind: 'edge' | 'varnish',
  address: string,
): Promise<number> {
  return (await saveCache(caller, { name, kind, tier: 'edge', address, secret })).id
}

export async function addDomain({ caller }: Stand, name: string, cacheIds: number[]): Promise<void> {
  await saveDomain(caller, { name, cacheIds })
}

/** Submits as the Purge page does. */
export function purge({ caller }: Stand, urls: readonly string[]): Promise<RefreshAnswer> {
  return refreshObjectCaches(caller, { text: urls.join('\n'), kind: 'url', mode: 'hard', key: randomUUID() })
}

/** Starts a worker in a process of its own. */
export const startWorker = () => startNode(['lib/worker/main.ts'])
