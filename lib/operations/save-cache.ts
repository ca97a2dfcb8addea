import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { cacheKinds, regions } from '#lib/core/capabilities.ts'
import { Fault } from '#lib/core/fault.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import {
  type CacheView,
  cacheNameTaken,
  insertCache,
  readCache,
  readCaches,
  removeCache as takeOutOfService,
  tryCacheNow,
  updateCache,
} from '#lib/store/caches.ts'
import { type Tx, transaction } from '#lib/store/client.ts'
import { readDomains } from '#lib/store/domains.ts'
import { addList } from './list.ts'
import { checked, operation, permit } from './operation.ts'
import { purgeWhole, reroute } from './routes.ts'

const rule = (code: RuleCode) => code

/** The rule for the address of a cache; the form uses it too. */
const address = z
  .string()
  .trim()
  .transform((given) => given.replace(/\/$/, ''))
  .refine((given) => {
    if (!URL.canParse(given)) return false
    const { protocol, pathname, search, hash, username, password, hostname } = new URL(given)
    const bare = pathname === '/' && search === '' && hash === '' && username === '' && password === ''
    return (
      /^https?:$/.test(protocol) && bare && hostname !== '' && !given.endsWith('?') && !given.endsWith('#')
    )
  }, rule('cache-address'))

const input = z.object({
  id: z.number().int().optional(),
  name: z
    .string()
    .trim()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,62}$/u, rule('cache-name')),
  kind: z.enum(cacheKinds, rule('cache-kind')),
  address,
  tier: z.enum(['edge', 'shield'], rule('cache-tier')),
  pop: z
    .string()
    .trim()
    .regex(/^[^\0]{0,40}$/, rule('cache-pop'))
    .default(''),
  region: z.enum([...regions, ''], rule('cache-region')).default(''),
  /** Empty keeps the stored one. */
  secret: z
    .string()
    .regex(/^([\x21-\x7e]{16,500})?$/, rule('cache-secret'))
    .default(''),
})

type Given = z.output<typeof input>

const saveAction = 'freshet:SaveCache'

async function save(tx: Tx, caller: Caller, { id, ...given }: Given): Promise<{ id: number }> {
  if (await cacheNameTaken(tx, caller.accountId, given.name, id)) {
    throw new Fault('EntityAlreadyExists.Cache', { field: 'name', given: given.name })
  }
  const { secret, ...rest } = given
  if (id === undefined && !secret) {
    throw new Fault('InvalidParameter', { field: 'secret', given: '', rule: rule('cache-secret') })
  }
  const columns = secret ? { ...rest, secret } : rest
  const resources = [cacheResource(caller, given)]
  const before = id === undefined ? null : await requireCache(caller, id, tx)
  // Whoever names another address would be sent what is shown to nobody.
  const isElsewhere = before !== null && (before.address !== given.address || before.kind !== given.kind)
  if (isElsewhere && !secret) {
    throw new Fault('InvalidParameter', { field: 'secret', given: '', rule: rule('cache-secret-again') })
  }
  const after = { ...rest, ...(secret ? { secret: 'changed' } : {}) }
  await writeAudit(tx, caller, saveAction, resources, { before: before && written(before), after })
  if (id === undefined || before === null) return { id: await insertCache(tx, caller.accountId, columns) }
  await updateCache(tx, id, columns)
  if (before.tier !== given.tier) await rerouteAll(tx, caller, id, { tier: given.tier })
  if (before.address !== given.address || before.kind !== given.kind) await purgeDomainsOf(tx, caller, id)
  return { id }
}

/** What a person writes of a cache, but its secret. */
const written = ({ name, kind, address, tier, pop, region }: CacheView) => {
  return { name, kind, address, tier, pop, region }
}

/**
 * Adds a cache, or changes one.
 *
 * @throws Fault InvalidParameter, EntityAlreadyExists.Cache, EntityNotExist.Cache, NoPermission
 */
export const saveCache = operation({
  action: saveAction,
  input,
  resources: async ({ id, name }, caller) => [
    freshetResource(caller.accountId, `cache/${name}`),
    // What is renamed is taken from those who may change the old name only.
    ...(id === undefined ? [] : await cacheNumbered(caller, id)),
  ],
  run: (caller, given) => transaction((tx) => save(tx, caller, given)),
})

/**
 * Adds the caches of a pasted list, a line each: name, kind, address, tier, POP, secret. All of
 * them, or none.
 *
 * @returns how many were added
 * @throws Fault InvalidList with the first line that does not fit
 */
export const saveCaches = operation({
  action: saveAction,
  input: z.object({ text: z.string().max(1_000_000) }),
  resources: (_, caller) => [freshetResource(caller.accountId, 'cache/*')],
  run: (caller, { text }) =>
    transaction((tx) =>
      addList(text, async ([name = '', kind, address, tier = 'edge', pop, secret]) => {
        await permit(caller, saveAction, [cacheResource(caller, { name })])
        await save(tx, caller, checked(input, { name, kind, address, tier, pop, secret }))
      }),
    ),
})

/** Takes a cache out of service; its part of open tasks ends by name. */
export const removeCache = operation({
  action: 'freshet:RemoveCache',
  input: z.object({ id: z.number().int() }),
  resources: ({ id }, caller) => cacheNumbered(caller, id),
  run: (caller, { id }) =>
    transaction(async (tx) => {
      const before = await requireCache(caller, id, tx)
      await rerouteAll(tx, caller, id, { removed: true })
      await takeOutOfService(tx, id)
      const detail = { before: written(before), after: null }
      await writeAudit(tx, caller, removeCache.action, [cacheResource(caller, before)], detail)
    }),
})

/** Makes a worker try a waiting cache now. */
export const tryCache = operation({
  action: 'freshet:TryCache',
  input: z.object({ id: z.number().int() }),
  resources: ({ id }, caller) => cacheNumbered(caller, id),
  run: (caller, { id }) =>
    transaction(async (tx) => {
      const cache = await requireCache(caller, id, tx)
      await tryCacheNow(tx, id)
      await writeAudit(tx, caller, tryCache.action, [cacheResource(caller, cache)])
    }),
})

/** The name of a cache in policies and in the audit log. */
export const cacheResource = ({ accountId }: Caller, { name }: { name: string }): string =>
  freshetResource(accountId, `cache/${name}`)

/** The same of a cache by its number; one that is not there is asked for as all of them. */
export async function cacheNumbered(caller: Caller, id: number): Promise<string[]> {
  const cache = await readCache(caller.accountId, id)
  return [cacheResource(caller, { name: cache?.name ?? '*' })]
}

/** The cache of that number in the caller's account. */
export async function requireCache(caller: Caller, id: number, tx?: Tx) {
  const cache = await readCache(caller.accountId, id, tx)
  if (!cache) throw new Fault('EntityNotExist.Cache', { id })
  return cache
}

/** Another address may be another cache, with copies from before any purge that this one took. */
async function purgeDomainsOf(tx: Tx, caller: Caller, cacheId: number): Promise<void> {
  for (const domain of await readDomains(caller.accountId, tx)) {
    if (domain.caches.includes(cacheId)) await purgeWhole(tx, caller, domain, [cacheId], domain.shields)
  }
}

async function rerouteAll(
  tx: Tx,
  caller: Caller,
  cacheId: number,
  change: { tier: 'edge' | 'shield' } | { removed: true },
): Promise<void> {
  const caches = await readCaches(caller.accountId, tx)
  const shields = new Set(caches.filter((cache) => cache.tier === 'shield').map((cache) => cache.id))
  if ('tier' in change) shields[change.tier === 'shield' ? 'add' : 'delete'](cacheId)
  for (const domain of await readDomains(caller.accountId, tx)) {
    if (!domain.caches.includes(cacheId)) continue
    const remaining = 'removed' in change ? domain.caches.filter((id) => id !== cacheId) : domain.caches
    await reroute(tx, caller, domain, remaining, shields)
  }
}
