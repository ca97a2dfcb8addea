import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { domainSettingsSchema, ownSettings } from '#lib/core/domain-settings.ts'
import { Fault } from '#lib/core/fault.ts'
import { hideCredentials, revealCredentials } from '#lib/core/header-sets.ts'
import { coveredDomains } from '#lib/core/policy.ts'
import { domainResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { type CacheView, readCaches } from '#lib/store/caches.ts'
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
import { checked, operation, permit } from './operation.ts'
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
  .refine((given) => given === '' || (URL.canParse(given) && /^https?:\/\/[^@]*$/.test(given)), {
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

/** The domains of the account that the caller may see, with the caches that serve them. */
export const listDomains = operation({
  action: 'dcdn:DescribeDcdnUserDomains',
  input: z.object({}),
  resources: () => 'anywhere',
  async run(caller): Promise<DomainView[]> {
    const domains = await readDomains(caller.accountId)
    const names = domains.map((domain) => domain.name)
    const seen = new Set(coveredDomains(caller, 'dcdn:DescribeDcdnUserDomains', names, caller.accountId))
    return domains
      .filter((domain) => seen.has(domain.name))
      .map((domain) => ({
        ...domain,
        shared: domain.shared.filter((other) => seen.has(other.name)),
        settings: shown(domain.settings),
      }))
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
  const after = { origin, caches: cacheIds, inFlightMs, settings, sharesWith: partner ? [partner.name] : [] }
  await writeAudit(tx, caller, saveAction, [domainResource(accountId, name)], {
    before: before ? told(written(before), caches) : null,
    after: {
      ...told(after, caches),
      ...changedCredentials(before?.settings.headers ?? '', settings.headers ?? ''),
    },
  })
  return { id: domainId }
}

type Written = Pick<DomainView, 'origin' | 'inFlightMs' | 'caches'> & {
  settings: Partial<DomainView['settings']>
  sharesWith: string[]
}

/** What a person writes of a domain. */
const written = ({ settings, shared, ...domain }: DomainView): Written => ({
  ...domain,
  settings: ownSettings(settings),
  sharesWith: shared.map((one) => one.name),
})

/** The same for the audit log: caches by their names, and no credentials. */
function told({ origin, inFlightMs, sharesWith, ...domain }: Written, caches: readonly CacheView[]) {
  const names = domain.caches.map((id) => caches.find((cache) => cache.id === id)?.name ?? `#${id}`)
  return { origin, inFlightMs, sharesWith, caches: names.sort(), settings: shown(domain.settings) }
}

/** Credentials are shown nowhere, so that one was changed is said in a word. */
const changedCredentials = (before: string, after: string) =>
  before !== after && hideCredentials(before) === hideCredentials(after) ? { credentials: 'changed' } : {}

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
  async resources({ id, name, sharesWithId }, { accountId }) {
    // Domains that share a cache change together.
    const named = [id, sharesWithId].filter((one) => typeof one === 'number')
    const together = named.length === 0 ? [] : await readDomains(accountId, undefined, named)
    return [name, ...together.map((one) => one.name)].map((one) => domainResource(accountId, one))
  },
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
        await permit(caller, saveAction, [domainResource(caller.accountId, name ?? '')])
        await save(tx, caller, checked(input, { name, origin, cacheIds }))
      }),
    ),
})

/** Takes a domain out of service; its records stay. */
export const removeDomain = operation({
  action: 'freshet:RemoveDomain',
  input: z.object({ id: z.number().int() }),
  async resources({ id }, { accountId }) {
    const domain = (await readDomains(accountId)).find((one) => one.id === id)
    return [domainResource(accountId, domain?.name ?? '*')]
  },
  run: (caller, { id }) =>
    transaction(async (tx) => {
      const domain = (await readDomains(caller.accountId, tx)).find((one) => one.id === id)
      if (!domain) throw new Fault('EntityNotExist.Domain', { id })
      const caches = await readCaches(caller.accountId, tx)
      await takeOutOfService(tx, id)
      const detail = { before: told(written(domain), caches), after: null }
      await writeAudit(
        tx,
        caller,
        removeDomain.action,
        [domainResource(caller.accountId, domain.name)],
        detail,
      )
    }),
})

export type { DomainView }
