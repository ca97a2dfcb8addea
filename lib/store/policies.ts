import type { ListPart } from '#lib/core/list-part.ts'
import type { AttachedPolicy } from '#lib/core/policy.ts'
import type { PolicyDocument } from '#lib/core/policy-document.ts'
import { systemPolicy } from '#lib/core/system-policies.ts'
import { db, Prisma, type Tx } from './client.ts'
import { partOf } from './list-part.ts'

/** What a policy is attached to: a user or a group of users. */
export type Holder = { is: 'user' | 'group'; id: number }

/** An attachment as it is read beside its user: a system policy, or a version of one of the account. */
export type AttachedRow = {
  id: number
  name: string
  group: string | null
  policyId: number | null
  version: number | null
}

/**
 * All that is attached to the user `u`, and to the groups of the user, as JSON. Two questions, each with an
 * index of its own: one with "or" looks at every attachment for every user.
 */
export const attachedRows = Prisma.sql`(
  select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', coalesce(a.system, p.name), 'group', g.name,
    'policyId', a.policy_id, 'version', p.version) order by g.name nulls first, coalesce(a.system, p.name)), '[]')
  from (
    select * from attachment where user_id = u.id
    union all
    select o.* from group_member m join attachment o on o.group_id = m.group_id where m.user_id = u.id) a
  left join policy p on p.id = a.policy_id left join user_group g on g.id = a.group_id)`

// Versions never change, and the same object each time is what the policies' compiled form hangs on.
const mostKept = 5_000
const kept = new Map<string, PolicyDocument>()
const keyOf = ({ policyId, version }: AttachedRow) => `${policyId}/${version}`

/** Attachments with their documents. */
export async function attachedPolicies(rows: readonly AttachedRow[]): Promise<AttachedPolicy[]> {
  const missing = rows.filter((row) => row.policyId !== null && !kept.has(keyOf(row)))
  if (missing.length > 0) await keepDocuments(missing)
  return rows.flatMap((row) => {
    const document = row.policyId === null ? systemPolicy(row.name) : kept.get(keyOf(row))
    return document ? [{ name: row.name, group: row.group, document }] : []
  })
}

async function keepDocuments(rows: readonly AttachedRow[]): Promise<void> {
  const found = await db().$queryRaw<{ policyId: number; version: number; document: PolicyDocument }[]>`
    select policy_id as "policyId", version, document from policy_version
    where (policy_id, version) in (select * from unnest(${rows.map((row) => row.policyId)}::int[],
      ${rows.map((row) => row.version)}::int[]))`
  if (kept.size > mostKept) kept.clear()
  for (const { policyId, version, document } of found) kept.set(`${policyId}/${version}`, document)
}

/** A policy of the account, its text, and whom it is attached to. */
export type PolicyView = {
  id: number
  name: string
  version: number
  document: PolicyDocument
  madeBy: string
  madeAt: string
  users: { id: number; name: string }[]
  groups: { id: number; name: string }[]
}

const attachedNames = (column: 'policy_id' | 'system', of: Prisma.Sql) => Prisma.sql`
  coalesce((select jsonb_agg(jsonb_build_object('id', u.id, 'name', u.name) order by lower(u.name))
    from attachment a join "user" u on u.id = a.user_id where a.${Prisma.raw(column)} = ${of}), '[]') as users,
  coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name) order by lower(g.name))
    from attachment a join user_group g on g.id = a.group_id where a.${Prisma.raw(column)} = ${of}), '[]') as groups`

/** The policies of an account by name, or a part of them. */
export async function readPolicies(
  accountId: number,
  client: Tx = db(),
  part?: ListPart,
): Promise<PolicyView[]> {
  return client.$queryRaw<PolicyView[]>`
    select p.id, p.name, p.version, v.document, v.made_by as "madeBy",
      to_jsonb(v.made_at at time zone 'UTC') #>> '{}' || 'Z' as "madeAt", ${attachedNames('policy_id', Prisma.sql`p.id`)}
    from policy p join policy_version v on v.policy_id = p.id and v.version = p.version
    where p.account_id = ${accountId} ${partOf(part, Prisma.sql`p.name`, Prisma.sql`lower(p.name)`)}`
}

/** Whom in an account a system policy is attached to, by the policy's name. */
export async function readSystemHolders(
  accountId: number,
): Promise<Map<string, Pick<PolicyView, 'users' | 'groups'>>> {
  const rows = await db().$queryRaw<({ name: string } & Pick<PolicyView, 'users' | 'groups'>)[]>`
    select a.system as name,
      coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'name', u.name)) filter (where u.id is not null), '[]') as users,
      coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name)) filter (where g.id is not null), '[]') as groups
    from attachment a left join "user" u on u.id = a.user_id left join user_group g on g.id = a.group_id
    where a.account_id = ${accountId} and a.system is not null group by 1`
  return new Map(rows.map((row) => [row.name, row]))
}

/** A version of a policy, the newest first. */
export type PolicyVersion = {
  version: number
  document: PolicyDocument
  reason: string
  madeBy: string
  madeAt: string
}

/** All versions of a policy of the account, the newest first. */
export async function readVersions(accountId: number, policyId: number): Promise<PolicyVersion[]> {
  return db().$queryRaw<PolicyVersion[]>`
    select v.version, v.document, v.reason, v.made_by as "madeBy",
      to_jsonb(v.made_at at time zone 'UTC') #>> '{}' || 'Z' as "madeAt"
    from policy p join policy_version v on v.policy_id = p.id
    where p.account_id = ${accountId} and p.id = ${policyId} order by v.version desc`
}

type NewVersion = { document: PolicyDocument; reason: string; madeBy: string }

/** Adds a policy; null when the account has one of that name. */
export async function insertPolicy(
  tx: Tx,
  accountId: number,
  name: string,
  first: NewVersion,
): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ id: number }[]>`
    insert into policy (account_id, name, version) values (${accountId}, ${name}, 1)
    on conflict (account_id, lower(name)) do nothing returning id`
  if (!row) return null
  await insertVersion(tx, row.id, 1, first)
  return row.id
}

/** Makes a document the newest version of a policy, unless somebody else made one since `after`. */
export async function addVersion(
  tx: Tx,
  policyId: number,
  after: number,
  next: NewVersion,
): Promise<boolean> {
  const count = await tx.$executeRaw`
    update policy set version = version + 1 where id = ${policyId} and version = ${after}`
  if (count === 1) await insertVersion(tx, policyId, after + 1, next)
  return count === 1
}

async function insertVersion(tx: Tx, policyId: number, version: number, made: NewVersion): Promise<void> {
  await tx.$executeRaw`
    insert into policy_version (policy_id, version, document, reason, made_by)
    values (${policyId}, ${version}, ${JSON.stringify(made.document)}::jsonb, ${made.reason}, ${made.madeBy})`
}

/** Removes a policy with its versions; whoever held it loses it. */
export async function deletePolicy(tx: Tx, id: number): Promise<void> {
  await tx.$executeRaw`delete from policy where id = ${id}`
}

/** The names of the policies that are attached to a user or a group itself. */
export async function readHeld(accountId: number, { is, id }: Holder, client: Tx = db()): Promise<string[]> {
  const rows = await client.$queryRaw<{ name: string }[]>`
    select coalesce(a.system, p.name) as name from attachment a left join policy p on p.id = a.policy_id
    where a.account_id = ${accountId} and ${is === 'user' ? Prisma.sql`a.user_id` : Prisma.sql`a.group_id`} = ${id}
    order by 1`
  return rows.map((row) => row.name)
}

/** Attaches a policy, by the name of a system policy or the number of one of the account; once is enough. */
export async function attach(
  tx: Tx,
  accountId: number,
  holder: Holder,
  policy: string | number,
): Promise<void> {
  const [user, group] = holder.is === 'user' ? [holder.id, null] : [null, holder.id]
  const [system, own] = typeof policy === 'string' ? [policy, null] : [null, policy]
  await tx.$executeRaw`
    insert into attachment (account_id, user_id, group_id, system, policy_id)
    values (${accountId}, ${user}::int, ${group}::int, ${system}::text, ${own}::int) on conflict do nothing`
}

/** Takes a policy away from a user or a group again. */
export async function detach(tx: Tx, holder: Holder, policy: string | number): Promise<void> {
  await tx.$executeRaw`
    delete from attachment
    where ${holder.is === 'user' ? Prisma.sql`user_id` : Prisma.sql`group_id`} = ${holder.id}
      and ${typeof policy === 'string' ? Prisma.sql`system` : Prisma.sql`policy_id`} = ${policy}`
}
