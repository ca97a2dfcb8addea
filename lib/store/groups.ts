import { db, type Tx } from './client.ts'

/** A group of users, and what is attached to it. */
export type GroupView = {
  id: number
  name: string
  members: { id: number; name: string }[]
  policies: { name: string; policyId: number | null }[]
}

/** The groups of an account by name. */
export async function readGroups(accountId: number, client: Tx = db()): Promise<GroupView[]> {
  return client.$queryRaw<GroupView[]>`
    select g.id, g.name,
      coalesce((select jsonb_agg(jsonb_build_object('id', u.id, 'name', u.name) order by lower(u.name))
        from group_member m join "user" u on u.id = m.user_id where m.group_id = g.id), '[]') as members,
      coalesce((select jsonb_agg(jsonb_build_object('name', coalesce(a.system, p.name), 'policyId', a.policy_id)
          order by coalesce(a.system, p.name))
        from attachment a left join policy p on p.id = a.policy_id where a.group_id = g.id), '[]') as policies
    from user_group g where g.account_id = ${accountId} order by lower(g.name)`
}

/** Adds a group; null when the account has one of that name. */
export async function insertGroup(tx: Tx, accountId: number, name: string): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ id: number }[]>`
    insert into user_group (account_id, name) values (${accountId}, ${name})
    on conflict (account_id, lower(name)) do nothing returning id`
  return row?.id ?? null
}

/** Says who is in a group, and nobody else; users of other accounts cannot be. */
export async function writeMembers(
  tx: Tx,
  accountId: number,
  groupId: number,
  userIds: readonly number[],
): Promise<void> {
  await tx.$executeRaw`delete from group_member where group_id = ${groupId} and user_id <> all(${userIds}::int[])`
  await tx.$executeRaw`
    insert into group_member (group_id, user_id)
    select ${groupId}, id from "user" where account_id = ${accountId} and role = 'user' and id = any(${userIds}::int[])
    on conflict do nothing`
}

/** Removes a group; its members lose what it gave them. */
export async function deleteGroup(tx: Tx, id: number): Promise<void> {
  await tx.$executeRaw`delete from user_group where id = ${id}`
}
