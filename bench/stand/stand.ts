import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Caller, noRequest } from '#lib/core/caller.ts'
import type { DomainSettings } from '#lib/core/domain-settings.ts'
import type { Method } from '#lib/core/line.ts'
import { startPostgres } from '#lib/fleet/postgres.ts'
import { preloadObjectCaches } from '#lib/operations/preload-object-caches.ts'
import { refreshObjectCaches } from '#lib/operations/refresh-object-caches.ts'
import { saveLimits } from '#lib/operations/request-quota.ts'
import { saveCache } from '#lib/operations/save-cache.ts'
import { saveDomain } from '#lib/operations/save-domain.ts'
import type { SubmitAnswer } from '#lib/operations/submit.ts'
import { extendEnvironment } from '#lib/settings.ts'
import { insertFirstAccount } from '#lib/store/accounts.ts'
import { closeStore, db, transaction } from '#lib/store/client.ts'
import { migrate } from '#lib/store/migrate.ts'
import { type Child, startNode } from './processes.ts'

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
  const caller: Caller = {
    ...made,
    name: 'bench',
    role: 'owner',
    policies: [],
    source: 'console',
    ...noRequest,
    address: '',
  }
  const most = { url: 10_000_000, directory: 10_000, regex: 10_000, prefetch: 1_000_000 }
  await saveLimits(caller, {
    perDay: most,
    perSubmission: { prefetch: 10_000 },
    perMinute: { url: most.url, directory: most.directory },
  })
  return caller
}

/** Adds a cache, one that serves visitors unless it is said to be a shield, and gives its number. */
export async function addCache(
  { caller }: Stand,
  name: string,
  kind: 'edge' | 'varnish',
  address: string,
  tier: 'edge' | 'shield' = 'edge',
): Promise<number> {
  return (await saveCache(caller, { name, kind, tier, address, secret })).id
}

export async function addDomain(
  { caller }: Stand,
  name: string,
  cacheIds: number[],
  settings: Partial<DomainSettings> = {},
): Promise<void> {
  await saveDomain(caller, { name, cacheIds, settings })
}

/** Submits a hard purge as the Purge page does. */
export function purge(
  { caller }: Stand,
  lines: readonly string[],
  method: Exclude<Method, 'prefetch'> = 'url',
): Promise<SubmitAnswer> {
  return refreshObjectCaches(caller, { text: lines.join('\n'), method, mode: 'hard', key: randomUUID() })
}

/** Submits a prefetch as the Purge page does. */
export function prefetch({ caller }: Stand, urls: readonly string[]): Promise<SubmitAnswer> {
  return preloadObjectCaches(caller, { text: urls.join('\n'), key: randomUUID() })
}

/** Waits until the one task of a submission has ended. @returns when its last cache had applied it, wall clock, ms */
export async function ended({ taskIds }: SubmitAnswer): Promise<number> {
  for (;;) {
    await delay(50)
    const [task] = await db().$queryRaw<{ state: string; appliedAtMs: number }[]>`
      select state, extract(epoch from applied_at)::float8 * 1000 as "appliedAtMs"
      from task where id = ${BigInt(taskIds[0] as string)}`
    if (task?.state === 'complete') return task.appliedAtMs
    if (task?.state === 'failed' || task?.state === 'partial') throw new Error(`the task ${task.state}`)
  }
}

/** Starts a worker in a process of its own. */
export const startWorker = () => startNode(['lib/worker/main.ts'])

/** Starts an edge in a process of its own, with these flags besides. */
export async function startEdge(
  flags: Record<string, string | string[]>,
): Promise<Child & { site: string; control: string }> {
  const all = { port: '0', 'control-port': '0', secret, ...flags }
  const args = Object.entries(all).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => [`--${name}`, one]),
  )
  const child = await startNode(['lib/edge/main.ts', ...args])
  return { ...child, ...JSON.parse(child.said) }
}
