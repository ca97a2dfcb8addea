import type { AuditEntry } from '#lib/core/audit.ts'
import { type AuditFilter, hasWildcard } from '#lib/core/audit-filter.ts'
import { domainResource, freshetResource } from '#lib/core/resource-name.ts'
import { db, Prisma } from './client.ts'

/** Rows that a search without an index looks at before it says how far it got. */
const mostRead = 50_000

/** Entries of an account that a filter lets through, newest first, and from where the older ones are read. */
export async function readAudit(
  accountId: number,
  filter: AuditFilter,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<{ entries: AuditEntry[]; next: string | null }> {
  const ground = [Prisma.sql`a.account_id = ${accountId}`, ...during(filter)]
  if (before !== undefined) ground.push(Prisma.sql`a.id < ${BigInt(before)}`)
  const floor = isIndexed(filter) ? null : await findFloor(ground)
  if (floor !== null) ground.push(Prisma.sql`a.id >= ${BigInt(floor)}`)
  const found = await select([...ground, ...conditions(accountId, filter)], limit + 1)
  const entries = found.slice(0, limit)
  return { entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : floor }
}

/** One entry of an account, or null. */
export async function readAuditEntry(accountId: number, id: string): Promise<AuditEntry | null> {
  const [entry] = await select([Prisma.sql`a.account_id = ${accountId}`, Prisma.sql`a.id = ${BigInt(id)}`], 1)
  return entry ?? null
}

type Row = Omit<AuditEntry, 'via' | 'seal' | 'at'> & {
  at: Date
  via: 'session' | 'key' | null
  viaId: string | null
  number: number | null
  hash: string | null
}

async function select(where: Prisma.Sql[], limit: number): Promise<AuditEntry[]> {
  const rows = await db().$queryRaw<Row[]>`
    select a.id::text, a.at, a.actor, a.user_id as "userId", a.action, a.resources, a.outcome, a.address, a.source,
      a.via, a.via_id as "viaId", a.request_id as "requestId", a.detail, a.decided_by as "decidedBy",
      l.number::float8 as number, encode(l.hash, 'hex') as hash
    from (select * from audit a where ${Prisma.join(where, ' and ')} order by a.id desc limit ${limit}) a
    left join audit_link l on l.audit_id = a.id order by a.id desc`
  return rows.map(({ at, via, viaId, number, hash, ...row }) => ({
    ...row,
    at: at.toISOString(),
    via: via && { is: via, id: viaId ?? '' },
    seal: number === null || hash === null ? null : { number, hash },
  }))
}

/** The oldest of as many rows as one look reads; null where these are all. */
async function findFloor(ground: Prisma.Sql[]): Promise<string | null> {
  const [row] = await db().$queryRaw<{ floor: string | null }[]>`
    select case when count(*) = ${mostRead} then min(id)::text end as floor
    from (select a.id from audit a where ${Prisma.join(ground, ' and ')} order by a.id desc limit ${mostRead}) a`
  return row?.floor ?? null
}

function isIndexed({ words = [], actor = [], action = [], address = [], ...others }: AuditFilter): boolean {
  const { domain = [], resource = [], request = [], key = [] } = others
  const named = [...actor, ...action, ...address, ...domain, ...resource, ...request]
  return words.length === 0 && key.length === 0 && !named.some(hasWildcard)
}

function during({ from, until }: AuditFilter): Prisma.Sql[] {
  return [
    ...(from === undefined ? [] : [Prisma.sql`a.at >= ${from}::timestamptz`]),
    ...(until === undefined ? [] : [Prisma.sql`a.at < ${until}::timestamptz`]),
  ]
}

function conditions(accountId: number, filter: AuditFilter): Prisma.Sql[] {
  const { actor, action, address, request, key, domain, resource, outcome, words = [] } = filter
  const all = Prisma.sql`concat_ws(' ', a.actor, a.action, array_to_string(a.resources, ' '))`
  return [
    ...anyOf(actor, (value) => fits(Prisma.sql`lower(a.actor)`, value.toLowerCase())),
    ...anyOf(action, (value) => fits(Prisma.sql`lower(a.action)`, value.toLowerCase())),
    // Each has an index of the rows that have one.
    ...anyOf(address, (value) => Prisma.sql`a.address <> '' and ${fits(Prisma.sql`a.address`, value)}`),
    ...anyOf(request, (value) => Prisma.sql`a.request_id <> '' and ${fits(Prisma.sql`a.request_id`, value)}`),
    ...anyOf(key, (value) => Prisma.sql`a.via = 'key' and ${fits(Prisma.sql`a.via_id`, value)}`),
    ...anyOf(domain, (value) => concerns([domainResource(accountId, value.toLowerCase())], value)),
    ...anyOf(resource, (value) =>
      concerns(
        [value, freshetResource(accountId, value), domainResource(accountId, value.replace(/^domain\//, ''))],
        value,
      ),
    ),
    ...(outcome === undefined ? [] : [Prisma.sql`a.outcome = ${outcome}`]),
    ...words.map((word) => Prisma.sql`${all} ilike ${`%${pattern(word)}%`}`),
  ]
}

function anyOf(
  values: readonly string[] | undefined,
  condition: (value: string) => Prisma.Sql,
): Prisma.Sql[] {
  if (!values || values.length === 0) return []
  return [Prisma.sql`(${Prisma.join(values.map(condition), ' or ')})`]
}

function fits(column: Prisma.Sql, value: string): Prisma.Sql {
  return hasWildcard(value) ? Prisma.sql`${column} like ${pattern(value)}` : Prisma.sql`${column} = ${value}`
}

/** One of the resources is named so; the asterisks of the names themselves are no wildcards. */
function concerns(names: readonly string[], value: string): Prisma.Sql {
  if (!hasWildcard(value)) return Prisma.sql`a.resources && ${names}::text[]`
  return Prisma.sql`exists (select from unnest(a.resources) r where r like any(${names.map(pattern)}::text[]))`
}

const pattern = (value: string) => value.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')
