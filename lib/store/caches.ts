import type { Region } from '#lib/core/capabilities.ts'
import { db, type Tx } from './client.ts'
import type { Cache } from './generated/client.ts'
import { seal, unseal } from './secrets.ts'

/** A cache as pages may see it: everything but its secret. */
export type CacheView = {
  id: number
  name: string
  kind: string
  address: string
  tier: 'edge' | 'shield'
  pop: string
  /** Empty where it serves every region. */
  region: Region | ''
  demo: boolean
  status: 'unknown' | 'up' | 'waiting' | 'paused'
  cause: string | null
  detail: string | null
  since: string
}

/** What a person writes of a cache; a missing secret keeps the one that is stored. */
export type CacheInput = {
  name: string
  kind: string
  address: string
  tier: 'edge' | 'shield'
  pop: string
  region?: Region | ''
  secret?: string
  demo?: boolean
}

function view(row: Cache): CacheView {
  const { id, name, kind, address, pop, demo, cause, detail } = row
  return {
    id,
    name,
    kind,
    address,
    tier: row.tier as CacheView['tier'],
    pop,
    region: row.region as CacheView['region'],
    demo,
    status: row.status as CacheView['status'],
    cause,
    detail,
    since: row.since.toISOString(),
  }
}

/** The caches of an account, shields first, then by name. */
export async function readCaches(accountId: number, client: Tx = db()): Promise<CacheView[]> {
  const rows = await client.cache.findMany({
    where: { accountId, removedAt: null },
    orderBy: [{ tier: 'desc' }, { name: 'asc' }],
  })
  return rows.map(view)
}

/** One cache of an account, or null. */
export async function readCache(accountId: number, id: number, client: Tx = db()): Promise<CacheView | null> {
  const row = await client.cache.findFirst({ where: { id, accountId, removedAt: null } })
  return row ? view(row) : null
}

/** Whether another cache of the account has this name. */
export async function cacheNameTaken(
  tx: Tx,
  accountId: number,
  name: string,
  except?: number,
): Promise<boolean> {
  const other = await tx.cache.findFirst({
    where: {
      accountId,
      removedAt: null,
      name: { equals: name, mode: 'insensitive' },
      ...(except === undefined ? {} : { id: { not: except } }),
    },
    select: { id: true },
  })
  return other !== null
}

/** Adds a cache, with its lanes at the tail of the log: nothing before it concerns it. */
export async function insertCache(tx: Tx, accountId: number, input: CacheInput): Promise<number> {
  const { secret, ...columns } = input
  const { id } = await tx.cache.create({ data: { ...columns, accountId } })
  if (secret !== undefined) await storeSecret(tx, id, secret)
  await tx.$executeRaw`
    insert into lane (cache_id, class, domain_id, account_id, applied, confirmed, epoch)
    select ${id}, class, 0, ${accountId}, tail, tail, epoch
    from unnest('{0,1,2}'::smallint[]) class, log_state, (select coalesce(max(seq), 0) as tail from log) s`
  await wakeWorkers(tx)
  return id
}

/**
 * Changes a cache; the worker opens it anew. What it still reports of the cache as it was is not
 * written: the fences of its lanes are raised.
 */
export async function updateCache(tx: Tx, id: number, input: CacheInput): Promise<void> {
  const { secret, ...columns } = input
  await tx.$executeRaw`update lane set fence = fence + 1, holder = null where cache_id = ${id}`
  await tx.cache.update({
    where: { id },
    data: {
      ...columns,
      status: 'unknown',
      cause: null,
      detail: null,
      since: new Date(),
      revision: { increment: 1 },
    },
  })
  if (secret !== undefined) await storeSecret(tx, id, secret)
  await wakeWorkers(tx)
}

async function storeSecret(tx: Tx, id: number, secret: string): Promise<void> {
  await tx.cache.update({ where: { id }, data: { secret: seal(secret, `cache/${id}/secret`) } })
}

/** Takes a cache out of service; the settler ends its part of open tasks, by name. */
export async function removeCache(tx: Tx, id: number): Promise<void> {
  await tx.$executeRaw`delete from lane where cache_id = ${id}`
  await tx.cache.update({ where: { id }, data: { removedAt: new Date(), secret: null } })
  await wakeWorkers(tx)
  await tx.$executeRaw`select pg_notify('freshet_lanes', '')`
}

/** Makes the worker try this cache now instead of after its back-off. */
export async function tryCacheNow(tx: Tx, id: number): Promise<void> {
  await tx.cache.update({ where: { id }, data: { revision: { increment: 1 } } })
  await wakeWorkers(tx)
}

/** What a worker needs to open a cache. */
export type OpenableCache = {
  id: number
  accountId: number
  name: string
  kind: string
  address: string
  tier: string
  secret: string
  revision: number
  status: CacheView['status']
  since: Date
}

/** Every cache in service with its secret in clear; for workers only. */
export async function readOpenableCaches(): Promise<OpenableCache[]> {
  const rows = await db().cache.findMany({ where: { removedAt: null }, orderBy: { id: 'asc' } })
  return rows.map(({ id, accountId, name, kind, address, tier, secret, revision, status, since }) => ({
    id,
    accountId,
    name,
    kind,
    address,
    tier,
    revision,
    status: status as CacheView['status'],
    since,
    secret: secret ? unsealed(secret, id) : '',
  }))
}

/** A secret that another key sealed opens nothing: the cache will refuse it, and be paused by name. */
function unsealed(secret: Uint8Array, id: number): string {
  try {
    return unseal(secret, `cache/${id}/secret`)
  } catch {
    return ''
  }
}

/** Caches that were taken out of service. */
export async function readRemovedCaches(): Promise<Set<number>> {
  const rows = await db().cache.findMany({ where: { removedAt: { not: null } }, select: { id: true } })
  return new Set(rows.map((row) => row.id))
}

/** Notes a cache's health; told to whoever watches. */
export async function writeCacheHealth(
  id: number,
  health: { status: CacheView['status']; cause: string | null; detail: string | null; since: Date },
): Promise<void> {
  await db().$executeRaw`
    with changed as (
      update cache set status = ${health.status}, cause = ${health.cause}, detail = ${health.detail}, since = ${health.since}
      where id = ${id} and removed_at is null returning id
    ) select pg_notify('freshet_lanes', '') from changed`
}

/** Wakes the workers to look for changed caches and for probes. */
export async function wakeWorkers(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_notify('freshet_work', '')`
}
