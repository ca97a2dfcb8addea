import type { Caller } from '#lib/core/policy.ts'
import { acceptTask, newSubmission } from '#lib/store/accept.ts'
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
  if (joining.length === 0 || !(await wasPurged(tx, domain.id))) return
  const routeId = await insertRoute(tx, owned, { caches: joining, shields, singleUse: true })
  const line = { line: 1, text: `https://${domain.name}/`, domain: domain.name, target: '/' }
  await acceptTask(
    tx,
    await newSubmission(tx),
    domain.id,
    {
      caller: { ...caller, source: 'system' },
      operation: 'purge',
      kind: 'everything',
      mode: 'hard',
      note: '',
      routeId,
    },
    { domain: domain.name, class: 'urgent', lines: [line], commands: [{ firstOrdinal: 0, targets: [] }] },
  )
}

const same = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((id, at) => id === b[at])
