import type { DomainRules } from '#lib/core/domain-rules.ts'
import {
  type DomainSettings,
  defaultDomainSettings,
  domainSettingsSchema,
} from '#lib/core/domain-settings.ts'
import { db, Prisma, prepared, type Tx } from './client.ts'
import { sealText, unsealText } from './secrets.ts'

/** A domain, its settings and the caches that serve it now. */
export type DomainView = {
  id: number
  name: string
  origin: string
  demo: boolean
  /** The longest that a fetch may take until its body is stored, ms, where it is longer than the cache's. */
  inFlightMs: number | null
  settings: DomainSettings
  /** Other domains that share its cache: a purge of any is a purge of all. */
  shared: { id: number; name: string }[]
  caches: number[]
  shields: number[]
}

type DomainRow = {
  id: number
  name: string
  origin: string
  demo: boolean
  inFlightMs: number | null
  settings: unknown
  group: number
  caches: number[] | null
  shields: number[] | null
}

/** The domains of an account by name. @param only numbers of some, which come with those that share their cache */
export async function readDomains(
  accountId: number,
  client: Tx = db(),
  only?: readonly number[],
): Promise<DomainView[]> {
  const some = only
    ? Prisma.sql`and coalesce(d.shares_with, d.id) in (
        select coalesce(o.shares_with, o.id) from domain o where o.id = any(${[...only]}::int[]))`
    : Prisma.empty
  const rows = await client.$queryRaw<DomainRow[]>`
    ${prepared} select d.id, d.name, d.origin, d.demo, d.in_flight_ms as "inFlightMs", d.settings,
      coalesce(d.shares_with, d.id) as "group", r.caches, r.shields
    from domain d left join domain_mark m on m.domain_id = d.id left join route r on r.id = m.route_id
    where d.account_id = ${accountId} and d.removed_at is null ${some} order by d.name`
  const groups = Map.groupBy(rows, (row) => row.group)
  return rows.map(({ group, settings, caches, shields, ...row }) => ({
    ...row,
    settings: settingsOf(row.id, settings),
    shared: (groups.get(group) ?? [])
      .filter((other) => other.id !== row.id)
      .map((other) => ({ id: other.id, name: other.name })),
    caches: caches ?? [],
    shields: shields ?? [],
  }))
}

/** The settings of a domain from what is stored of them. */
export function settingsOf(id: number, stored: unknown): DomainSettings {
  const own = stored as Partial<DomainSettings>
  // Most domains set nothing, and there may be thousands.
  if (Object.keys(own).length === 0) return defaultDomainSettings
  const headers = unsealText(own.headers ?? '', headersPlace(id))
  return domainSettingsSchema.parse({ ...own, headers })
}

const headersPlace = (id: number) => `domain/${id}/headers`

/** The rules by which lines of an account are read. */
export function rulesOf(domains: readonly DomainView[]): Map<string, DomainRules> {
  return new Map(domains.map(({ name, settings }) => [name, settings]))
}

/** The names of all domains of an account, also of those that were removed: their records stay. */
export async function readDomainNames(accountId: number): Promise<string[]> {
  const rows = await db().$queryRaw<{ name: string }[]>`
    select distinct name from domain where account_id = ${accountId}`
  return rows.map((row) => row.name)
}

/** Whether any account of this deployment has the domain. */
export async function domainNameTaken(tx: Tx, name: string, except?: number): Promise<boolean> {
  const other = await tx.domain.findFirst({
    where: { name, removedAt: null, ...(except === undefined ? {} : { id: { not: except } }) },
    select: { id: true },
  })
  return other !== null
}

/** Adds a domain that no cache serves yet. */
export async function insertDomain(
  tx: Tx,
  accountId: number,
  input: { name: string; origin: string; demo?: boolean },
): Promise<number> {
  const { id } = await tx.domain.create({ data: { ...input, accountId } })
  return id
}

/** What may be changed of a domain besides its caches. */
export type DomainChange = { origin: string; inFlightMs: number | null; settings: Partial<DomainSettings> }

/** Changes a domain. */
export async function updateDomain(tx: Tx, id: number, change: DomainChange): Promise<void> {
  const { headers, ...settings } = change.settings
  const sealed = headers === undefined ? {} : { headers: sealText(headers, headersPlace(id)) }
  await tx.domain.update({ where: { id }, data: { ...change, settings: { ...settings, ...sealed } } })
}

/**
 * Makes a domain share the cache of another one, and of all that share with that; null gives it a cache
 * of its own, and those that it leaves go on together.
 */
export async function shareCache(tx: Tx, id: number, partnerId: number | null): Promise<void> {
  await leaveGroup(tx, id)
  if (partnerId === null) return
  const { sharesWith } = await tx.domain.findUniqueOrThrow({ where: { id: partnerId } })
  await tx.domain.update({ where: { id }, data: { sharesWith: sharesWith ?? partnerId } })
}

/** The others of a group name its first one; when that leaves, they name the next. */
async function leaveGroup(tx: Tx, id: number): Promise<void> {
  const heir = await tx.domain.findFirst({ where: { sharesWith: id }, orderBy: { id: 'asc' } })
  if (heir) {
    await tx.domain.updateMany({ where: { sharesWith: id }, data: { sharesWith: heir.id } })
    await tx.domain.update({ where: { id: heir.id }, data: { sharesWith: null } })
  }
  await tx.domain.update({ where: { id }, data: { sharesWith: null } })
}

/** Takes a domain out of service; its tasks stay in Records. */
export async function removeDomain(tx: Tx, id: number): Promise<void> {
  await leaveGroup(tx, id)
  await tx.domain.update({ where: { id }, data: { removedAt: new Date() } })
}

/** The route that a domain's purges take from now on, or the route of one purge only. */
export async function insertRoute(
  tx: Tx,
  domain: { id: number; accountId: number },
  route: { caches: number[]; shields: number[]; singleUse?: boolean },
): Promise<number> {
  const { id } = await tx.route.create({
    data: { accountId: domain.accountId, domainId: domain.id, singleUse: false, ...route },
  })
  return id
}

/** A route for one task only, made at its first use. */
export async function findRoute(
  tx: Tx,
  domain: { id: number; accountId: number },
  route: { caches: number[]; shields: number[] },
): Promise<number> {
  const same = await tx.route.findFirst({
    where: {
      domainId: domain.id,
      singleUse: true,
      caches: { equals: route.caches },
      shields: { equals: route.shields },
    },
    select: { id: true },
  })
  return same?.id ?? insertRoute(tx, domain, { ...route, singleUse: true })
}

/** Whether any purge of a domain was ever accepted, also before it was removed and added again. */
export async function wasPurged(tx: Tx, accountId: number, domain: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ purged: boolean }[]>`
    select exists(select from task where account_id = ${accountId} and domain = ${domain}) as purged`
  return row?.purged ?? false
}
