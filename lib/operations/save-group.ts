import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { type Tx, transaction } from '#lib/store/client.ts'
import { deleteGroup, type GroupView, insertGroup, readGroups, writeMembers } from '#lib/store/groups.ts'
import { operation } from './operation.ts'

export type { GroupView }

/** The rule for a group's name; RAM's is the same. */
const groupName = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u, 'group-name' satisfies RuleCode)

const groupResource = ({ accountId }: Caller, name: string) => freshetResource(accountId, `group/${name}`)

/** The groups of the account with their members. */
export const listGroups = operation({
  action: 'freshet:ListGroups',
  input: z.object({}),
  resources: (_, caller) => [groupResource(caller, '*')],
  run: ({ accountId }): Promise<GroupView[]> => readGroups(accountId),
})

/**
 * Adds a group, or says anew who is in it. It acts with the members' next requests.
 *
 * @throws Fault InvalidParameter, EntityAlreadyExists.Group, EntityNotExist.Group, OwnRights, NoPermission
 */
export const saveGroup = operation({
  action: 'freshet:SaveGroup',
  input: z.object({
    id: z.number().int().optional(),
    name: groupName,
    userIds: z.array(z.number().int()).max(5000),
  }),
  resources: ({ name }, caller) => [groupResource(caller, name)],
  run: (caller, { id, name, userIds }) =>
    transaction(async (tx) => {
      const { accountId } = caller
      const before = id === undefined ? null : await requireGroup(tx, caller, id)
      if (before && before.name !== name) throw new Fault('EntityNotExist.Group', { id: before.id })
      const groupId = before?.id ?? (await insertGroup(tx, accountId, name))
      if (groupId === null) throw new Fault('EntityAlreadyExists.Group', { field: 'name', given: name })
      const was = before?.members.map((member) => member.id) ?? []
      refuseOwnMembership(caller, was, userIds)
      await writeMembers(tx, accountId, groupId, userIds)
      const after = (await readGroups(accountId, tx)).find((group) => group.id === groupId)
      await writeAudit(tx, caller, 'freshet:SaveGroup', [groupResource(caller, name)], {
        before: before && { members: before.members.map((member) => member.name) },
        after: { members: after?.members.map((member) => member.name) ?? [] },
      })
      return { id: groupId }
    }),
})

/** Removes a group with what it gave its members. @throws Fault EntityNotExist.Group, OwnRights, NoPermission */
export const removeGroup = operation({
  action: 'freshet:RemoveGroup',
  input: z.object({ id: z.number().int() }),
  resources: async ({ id }, caller) => [groupResource(caller, await nameOfGroup(caller, id))],
  run: (caller, { id }) =>
    transaction(async (tx) => {
      const { name, members, policies } = await requireGroup(tx, caller, id)
      refuseOwnMembership(
        caller,
        members.map((member) => member.id),
        [],
      )
      await deleteGroup(tx, id)
      const before = {
        members: members.map((member) => member.name),
        policies: policies.map((policy) => policy.name),
      }
      await writeAudit(tx, caller, 'freshet:RemoveGroup', [groupResource(caller, name)], {
        before,
        after: null,
      })
    }),
})

/** The group, of the caller's account. @throws Fault EntityNotExist.Group */
export async function requireGroup(tx: Tx, { accountId }: Caller, id: number): Promise<GroupView> {
  const group = (await readGroups(accountId, tx)).find((one) => one.id === id)
  if (!group) throw new Fault('EntityNotExist.Group', { id })
  return group
}

async function nameOfGroup({ accountId }: Caller, id: number): Promise<string> {
  return (await readGroups(accountId)).find((group) => group.id === id)?.name ?? '*'
}

/** Nobody joins or leaves a group by their own hand: that would be to change their own rights. */
function refuseOwnMembership(caller: Caller, before: readonly number[], after: readonly number[]): void {
  if (caller.role !== 'user' || caller.userId === null) return
  if (before.includes(caller.userId) !== after.includes(caller.userId))
    throw new Fault('OwnRights', { given: caller.name })
}
