import { wakeWorkers } from './caches.ts'
import { db, type Tx } from './client.ts'

/** What a worker found when it was asked to test a cache. */
export type ProbeAnswer = { ok: boolean; proved: string[]; cause?: string; detail: string; ms: number }

/** Asks the workers to test a cache. */
export async function insertProbe(tx: Tx, accountId: number, cacheId: number): Promise<string> {
  const { id } = await tx.probe.create({ data: { accountId, cacheId } })
  await wakeWorkers(tx)
  return String(id)
}

/** The answer to a probe; null while no worker has answered. */
export async function readProbe(accountId: number, id: string): Promise<ProbeAnswer | null> {
  const row = await db().probe.findFirst({ where: { id: BigInt(id), accountId } })
  return (row?.result as ProbeAnswer | undefined) ?? null
}

/** Probes that wait for an answer, oldest first; those of the last minute only. */
export async function readOpenProbes(): Promise<{ id: bigint; cacheId: number }[]> {
  return db().$queryRaw<{ id: bigint; cacheId: number }[]>`
    select id, cache_id as "cacheId" from probe
    where answered_at is null and asked_at > now() - interval '1 minute' order by id`
}

/** Answers a probe. */
export async function answerProbe(id: bigint, result: ProbeAnswer): Promise<void> {
  await db().probe.update({ where: { id }, data: { result, answeredAt: new Date() } })
}
