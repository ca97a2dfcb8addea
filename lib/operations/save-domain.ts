import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { domainSettingsSchema, ownSettings } from '#lib/core/domain-settings.ts'
import { Fault } from '#lib/core/fault.ts'
import { hideCredentials, revealCredentials } from '#lib/core/header-sets.ts'
import { domainResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { readCaches } from '#lib/store/caches.ts'
import { type Tx, transaction } from '#lib/store/client.ts'
import {
  type DomainView,
  domainNameTaken,
  insertDomain,
  readDomains,
  shareCache,
  removeDomain as takeOutOfService,
  updateDomain,
} from '#lib/store/domains.ts'
import { addList } from './list.ts'
import { checked, operation } from './operation.ts'
import { reroute } from './routes.ts'

/** The rule for a domain's name: a host name in ASCII, no scheme, port or wildcard. */
const domainName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/,
    'domain-name' satisfies RuleCode,
  )

const origin = z
  .string()
  .trim()
  .regex(/^[^\0]{0,300}$/, 'domain-origin' satisfies RuleCode)
  .refine((given) => given === '' || (URL.canParse(given) && /^https?:\/\//.test(given)), {
    message: 'domain-origin' satisfies RuleCode,
  })

const input = z.object({
  id: z.number().int().optional(),
  name: domainName,
  origin: origin.default(''),
  cacheIds: z.array(z.number().int()).max(5000),
  inFlightMs: z
    .int('domain-in-flight' satisfies RuleCode)
    .min(0, 'domain-in-flight' satisfies RuleCode)
    .max(86_400_000, 'domain-in-flight' satisfies RuleCode)
    .nullable()
    .default(null),
  settings: domainSettingsSchema.prefault({}),
  /** A domain that shares its cache with this one; null for a cache of its own. */
  sharesWithId: z.number().int().nullable().default(null),
})

/** The domains of the account with the caches that serve them. */
export const listDomains = operation({
  action: 'dcdn:DescribeDcdnUserDomains',
  input: z.object({}),
  resources: (_, caller) => [domainResource(caller.accountId, '*')],
  async run(caller): Promise<DomainView[]> {
    const domains = await readDomains(caller.accountId)
    return domains.map((domain) => ({ ...domain, settings: shown(domain.settings) }))
  },
})

/** Settings as they may be shown: credentials are written, and never read again. */
const shown = <Settings extends { headers?: string }>(settings: Settings): Settings =>
  settings.headers ? { ...settings, headers: hideCredentials(settings.headers) } : settings

const saveAction = 'freshet:SaveDomain'

async function save(tx: Tx, caller: Caller, given: z.output<typeof input>): Promise<{ id: number }> {
  const { id, name, origin, cacheIds, inFlightMs, sharesWithId } = given
  const { accountId } = caller
  const caches = await readCaches(accountId, tx)
  const unknown = cacheIds.find((cacheId) => !caches.some((cache) => cache.id === cacheId))
  if (unknown !== undefined) throw new Fault('EntityNotExist.Cache', { id: unknown })
  if (await domainNameTaken(tx, name, id))
    throw new Fault('EntityAlreadyExists.Domain', { field: 'name', given: name })
  const named = [id, sharesWithId].filter((one) => typeof one === 'number')
  const domains = await readDomains(accountId, tx, named)
  const before = domains.find((one) => one.id === id)
  if (id !== undefined && before?.name !== name) throw new Fault('EntityNotExist.Domain', { id })
  const partner = domains.find((one) => one.id === sharesWithId)
  if (sharesWithId !== null && (!partner || sharesWithId === id))
    throw new Fault('EntityNotExist.Domain', { id: sharesWithId })
  const domainId = id ?? (await insertDomain(tx, accountId, { name, origin }))
  const settings = ownSettings({ ...given.settings, headers: revealed(given.settings.headers, before) })
  await updateDomain(tx, domainId, { origin, inFlightMs, settings })
  const shared = before?.shared ?? []
  const isSame = partner ? shared.some((one) => one.id === partner.id) : shared.length === 0
  if (!isSame) await shareCache(tx, domainId, partner?.id ?? null)
  const shields = new Set(caches.filter((cache) => cache.tier === 'shield').map((cache) => cache.id))
  // Domains that share a cache are served by the same ones.
  for (const one of await readDomains(accountId, tx, [domainId]))
    await reroute(tx, caller, one, cacheIds, shields)
  const detail = {
    origin,
    cacheIds,
    inFlightMs,
    settings: shown(settings),
    sharesWith: partner?.name ?? null,
  }
  await writeAudit(tx, caller, saveAction, [domainResource(accountId, name)], detail)
  return { id: domainId }
}

/** @throws Fault InvalidParameter for a credential that was never written */
function revealed(headers: string, before: DomainView | undefined): string {
  const text = revealCredentials(headers, before?.settings.headers ?? '')
  if (text === undefined) throw new Fault('InvalidParameter', { field: 'headers', rule: 'headers-hidden' })
  return text
}

/**
 * Adds a domain, or changes its caches and its settings.
 *
 * @throws Fault InvalidParameter, EntityAlreadyExists.Domain, EntityNotExist.Domain,
 *   EntityNotExist.Cache, NoPermission
 */
export const saveDomain = operation({
  action: saveAction,
  input,
  resources: ({ name }, caller) => [domainResource(caller.accountId, name)],
  run: (caller, given) => transaction((tx) => save(tx, caller, given)),
})

/**
 * Adds the domains of a pasted list, a line each: domain, origin. All of them with the same caches,
 * or none.
 *
 * @returns how many were added
 * @throws Fault InvalidList with the first line that does not fit
 */
export const saveDomains = operation({
  action: saveAction,
  input: z.object({ text: z.string().max(1_000_000), cacheIds: input.shape.cacheIds }),
  resources: (_, caller) => [domainResource(caller.accountId, '*')],
  run: (caller, { text, cacheIds }) =>
    transaction((tx) =>
      addList(text, async ([name, origin = '']) => {
        await save(tx, caller, checked(input, { name, origin, cacheIds }))
      }),
    ),
})

/** Takes a domain out of service; its records stay. */
export const removeDomain = operation({
  action: 'freshet:RemoveDomain',
  input: z.object({ id: z.number().int() }),
  resources: (_, caller) => [domainResource(caller.accountId, '*')],
  run: (caller, { id }) =>
    transaction(async (tx) => {
      const domain = (await readDomains(caller.accountId, tx)).find((one) => one.id === id)
      if (!domain) throw new Fault('EntityNotExist.Domain', { id })
      await takeOutOfService(tx, id)
      await writeAudit(tx, caller, 'freshet:RemoveDomain', [domainResource(caller.accountId, domain.name)])
    }),
})

export type { DomainView }
