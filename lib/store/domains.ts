import { db, type Tx } from './client.ts'

/** A domain, its origin and the caches that serve it now. */
export type DomainView = {
  id: number
  name: string
  origin: string
  demo: boolean
  caches: number[]
  shields: number[]
}

const withRoute = { mark: { include: { route: true } } } as const

/** The domains of an account by name. */
export async function readDomains(accountId: number, client: Tx = db()): Promise<DomainView[]> {
  const rows = await client.domain.findMany({
    where: { accountId, removedAt: null },
    include: withRoute,
    orderBy: { name: 'asc' },
  })
  return rows.map(({ id, name, origin, demo, mark }) => ({
    id,
    name,
    origin,
    demo,
    caches: mark?.route?.caches ?? [],
    shields: mark?.route?.shields ?? [],
  }))
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

/** Changes a domain's origin. */
export async function updateDomain(tx: Tx, id: number, input: { origin: string }): Promise<void> {
  await tx.domain.update({ where: { id }, data: input })
}

/** Takes a domain out of service; its tasks stay in Records. */
export async function removeDomain(tx: Tx, id: number): Promise<void> {
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

/** Whether any purge of a domain was ever accepted, also before it was removed and added again. */
export async function wasPurged(tx: Tx, accountId: number, domain: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ purged: boolean }[]>`
    select exists(select from task where account_id = ${accountId} and domain = ${domain}) as purged`
  return row?.purged ?? false
}
