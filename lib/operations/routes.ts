import type { Caller } from '#lib/core/caller.ts'
import { acceptTask, newNumbers } from '#lib/store/accept.ts'
import type { Tx } from '#lib/store/client.ts'
import { type DomainView, insertRoute, wasPurged } from '#lib/store/domains.ts'

/**
 * Changes which caches serve a domain. A cache that joins a domain that was purged before may hold
 * copies from before those purges, so it purges the whole domain first.
 *
 * @param shieldIds which caches of the account are shields
 */
export async function reroute(
  tx: Tx,
  caller: Caller,
  domain: Pick<DomainView, 'id' | 'name' | 'caches' | 'shields'>,
  cacheIds: readonly number[],
  shieldIds: ReadonlySet<number>,
): Promise<void> {
  const caches = [...new Set(cacheIds)].sort(
    (a, b) => Number(shieldIds.has(b)) - Number(shieldIds.has(a)) || a - b,
  )
  const shields = caches.filter((id) => shieldIds.has(id))
  if (same(caches, domain.caches) && same(shields, domain.shields)) return
  const owned = { id: domain.id, accountId: caller.accountId }
  await insertRoute(tx, owned, { caches, shields })
  const joining = caches.filter((id) => !domain.caches.includes(id))
  if (joining.length === 0) return
  // A domain that is served already may be in the middle of its first purge: then nobody can say yet.
  const mayHoldOld = domain.caches.length > 0 || (await wasPurged(tx, caller.accountId, domain.name))
  if (mayHoldOld) await purgeWhole(tx, caller, domain, joining, shields)
}

/** Purges a domain whole on caches that may hold copies from before earlier purges of it. */
export async function purgeWhole(
  tx: Tx,
  caller: Caller,
  domain: Pick<DomainView, 'id' | 'name'>,
  caches: number[],
  shields: number[],
): Promise<void> {
  const owned = { id: domain.id, accountId: caller.accountId }
  const routeId = await insertRoute(tx, owned, { caches, shields, singleUse: true })
  const line = {
    line: 1,
    text: `https://${domain.name}/`,
    domain: domain.name,
    method: 'directory' as const,
    kind: 'everything' as const,
    target: '/',
    breadth: 'host' as const,
  }
  const head = {
    caller: { ...caller, source: 'system' as const },
    domainId: domain.id,
    note: '',
    also: [],
    plan: [],
    options: {},
    routeId,
  }
  const planned = {
    domain: domain.name,
    method: 'everything',
    kind: 'everything' as const,
    mode: 'hard' as const,
    class: 'urgent' as const,
    lines: [line],
    commands: [{ firstOrdinal: 0, targets: [] }],
  }
  const { submissionId, taskIds } = await newNumbers(tx, 1)
  await acceptTask(tx, { submissionId, id: taskIds[0] as bigint }, head, planned)
}

const same = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((id, at) => id === b[at])
