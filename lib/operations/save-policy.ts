import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { listPart } from '#lib/core/list-part.ts'
import { type PolicyDocument, parsePolicy } from '#lib/core/policy-document.ts'
import { grantDocument } from '#lib/core/policy-sentence.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { isSystemPolicy, systemPolicies, systemPolicy } from '#lib/core/system-policies.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { type Tx, transaction } from '#lib/store/client.ts'
import {
  addVersion,
  attach,
  deletePolicy,
  detach,
  type Holder,
  insertPolicy,
  type PolicyVersion,
  type PolicyView,
  readHeld,
  readPolicies,
  readSystemHolders,
  readVersions,
} from '#lib/store/policies.ts'
import { readUser } from '#lib/store/users.ts'
import { operation } from './operation.ts'
import { requireGroup } from './save-group.ts'

export type { PolicyVersion, PolicyView }

/** RAM's rule for a policy's name. */
const policyName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9-]{1,128}$/, 'policy-name' satisfies RuleCode)
  .refine((name) => !isSystemPolicy(name), 'policy-system' satisfies RuleCode)

const reason = z
  .string()
  .trim()
  .max(200, 'note' satisfies RuleCode)
  .regex(/^[^\0]*$/, 'note' satisfies RuleCode)
  .default('')

export const holderSchema = z.object({ is: z.enum(['user', 'group']), id: z.number().int() })

const policyResource = ({ accountId }: Caller, name: string) => freshetResource(accountId, `policy/${name}`)

/** A system policy, and whom it is attached to. */
export type SystemPolicyView = Pick<PolicyView, 'name' | 'document' | 'users' | 'groups'>

/** The policies of the account, or a part of them, and those that every deployment has. */
export const listPolicies = operation({
  action: 'freshet:ListPolicies',
  input: listPart,
  resources: (_, caller) => [policyResource(caller, '*')],
  async run({ accountId }, part): Promise<{ own: PolicyView[]; system: SystemPolicyView[] }> {
    const [own, holders] = await Promise.all([
      readPolicies(accountId, undefined, part),
      readSystemHolders(accountId),
    ])
    const system = systemPolicies.map((name) => {
      const { users, groups } = holders.get(name) ?? { users: [], groups: [] }
      return { name, document: systemPolicy(name) as PolicyDocument, users, groups }
    })
    return { own, system }
  },
})

/** All versions of a policy of the account, the newest first. @throws Fault EntityNotExist.Policy */
export const listPolicyVersions = operation({
  action: 'freshet:ListPolicies',
  input: z.object({ name: z.string() }),
  resources: ({ name }, caller) => [policyResource(caller, name)],
  async run({ accountId }, { name }): Promise<PolicyView & { versions: PolicyVersion[] }> {
    const policy = (await readPolicies(accountId)).find((one) => one.name === name)
    if (!policy) throw new Fault('EntityNotExist.Policy', { id: name })
    return { ...policy, versions: await readVersions(accountId, policy.id) }
  },
})

/**
 * Adds a policy, or makes a text its next version; an older version is brought back in the same way. It
 * acts with the next request of everybody who holds it.
 *
 * @throws Fault InvalidParameter, MalformedPolicy (with the problems), EntityAlreadyExists.Policy,
 *   EntityNotExist.Policy, PolicyChanged, NoPermission
 */
export const savePolicy = operation({
  action: 'freshet:SavePolicy',
  input: z.object({
    name: policyName,
    /** The policy as JSON, in RAM's grammar. */
    text: z.string().max(50_000),
    reason,
    /** The version that was changed; none for a new policy. */
    after: z.number().int().optional(),
  }),
  resources: ({ name }, caller) => [policyResource(caller, name)],
  run: (caller, { name, text, reason: why, after }) =>
    transaction(async (tx) => {
      const parsed = parsePolicy(text)
      if ('problems' in parsed)
        throw new Fault('MalformedPolicy', { count: parsed.problems.length, problems: parsed.problems })
      const before = (await readPolicies(caller.accountId, tx)).find((one) => one.name === name)
      if (before) await refuseOwn(tx, caller, before)
      await write(tx, caller, { name, document: parsed.document, reason: why }, before, after)
      return { name }
    }),
})

async function write(
  tx: Tx,
  caller: Caller,
  next: { name: string; document: PolicyDocument; reason: string },
  before: PolicyView | undefined,
  after: number | undefined,
): Promise<number> {
  const { name, document } = next
  const made = { document, reason: next.reason, madeBy: caller.name }
  let id: number | null
  if (after === undefined) {
    id = await insertPolicy(tx, caller.accountId, name, made)
    if (id === null) throw new Fault('EntityAlreadyExists.Policy', { field: 'name', given: name })
  } else {
    if (!before) throw new Fault('EntityNotExist.Policy', { id: name })
    if (!(await addVersion(tx, before.id, after, made))) throw new Fault('PolicyChanged', { given: name })
    id = before.id
  }
  await writeAudit(tx, caller, 'freshet:SavePolicy', [policyResource(caller, name)], {
    before: before?.document ?? null,
    after: document,
    reason: next.reason,
  })
  return id
}

/** What attaches a policy: the name of one of the system, the number of another. @throws Fault EntityNotExist.Policy */
export const policyNumber = async (tx: Tx, caller: Caller, name: string): Promise<string | number> =>
  isSystemPolicy(name) ? name : (await requirePolicy(tx, caller, name)).id

/** Removes a policy; whoever holds it loses it. @throws Fault EntityNotExist.Policy, NoPermission */
export const removePolicy = operation({
  action: 'freshet:RemovePolicy',
  input: z.object({ name: z.string() }),
  resources: ({ name }, caller) => [policyResource(caller, name)],
  run: (caller, { name }) =>
    transaction(async (tx) => {
      const policy = await requirePolicy(tx, caller, name)
      await refuseOwn(tx, caller, policy)
      const { id, document, users, groups } = policy
      await deletePolicy(tx, id)
      const before = {
        document,
        users: users.map((user) => user.name),
        groups: groups.map((group) => group.name),
      }
      await writeAudit(tx, caller, 'freshet:RemovePolicy', [policyResource(caller, name)], {
        before,
        after: null,
      })
    }),
})

/**
 * Says which policies a user or a group holds, and no others. It acts with the next requests of all of them.
 *
 * @throws Fault EntityNotExist.Policy, EntityNotExist.User, EntityNotExist.Group, OwnerIsFixed, OwnRights
 */
export const attachPolicies = operation({
  action: 'freshet:AttachPolicy',
  input: z.object({ holder: holderSchema, policies: z.array(z.string()).max(100) }),
  prepare: ({ accountId }, { holder }) => readHeld(accountId, holder),
  resources: ({ policies }, caller, held) =>
    [...new Set(policies).symmetricDifference(new Set(held))].map((name) => policyResource(caller, name)),
  run: (caller, { holder, policies: after }, asked) =>
    transaction(async (tx) => {
      const named = await requireHolder(tx, caller, holder)
      const before = await readHeld(caller.accountId, holder, tx)
      // What was asked of the policies is what has changed since.
      if (before.join() !== asked.join()) throw new Fault('PolicyChanged', { given: named })
      for (const name of before.filter((one) => !after.includes(one)))
        await detach(tx, holder, await policyNumber(tx, caller, name))
      for (const name of after.filter((one) => !before.includes(one)))
        await attach(tx, caller.accountId, holder, await policyNumber(tx, caller, name))
      const resources = [freshetResource(caller.accountId, named)]
      await writeAudit(tx, caller, 'freshet:AttachPolicy', resources, { before, after })
    }),
})

/**
 * Lets a user or a group see, purge or prefetch some domains. What is granted so is added to one policy of
 * the user or the group, `granted-NAME`, with the statement on `*` that queries by number need.
 *
 * @throws Fault InvalidParameter, EntityNotExist.User, EntityNotExist.Group, OwnerIsFixed, OwnRights
 */
export const grantAccess = operation({
  action: 'freshet:GrantAccess',
  input: z.object({
    holder: holderSchema,
    domains: z
      .array(z.string().regex(/^[a-z0-9.*?_-]{1,253}$/, 'domain-name' satisfies RuleCode))
      .min(1)
      .max(1000),
    can: z.array(z.enum(['see', 'purge', 'prefetch'])).min(1),
  }),
  resources: (_, caller) => [policyResource(caller, '*')],
  run: (caller, { holder, domains, can }) =>
    transaction(async (tx) => {
      const document = grantDocument({ domains, can }, caller.accountId)
      const granted = await addGrant(
        tx,
        caller,
        holder,
        document,
        `${can.join(', ')}: ${domains.join(', ')}`.slice(0, 200),
      )
      const resources = [policyResource(caller, granted.name)]
      await writeAudit(tx, caller, 'freshet:GrantAccess', resources, { holder, can, domains })
      return granted
    }),
})

/** Adds statements to the policy of what was granted to a user or a group. @returns its name */
export async function addGrant(
  tx: Tx,
  caller: Caller,
  holder: Holder,
  { Statement: added }: PolicyDocument,
  why: string,
): Promise<{ name: string }> {
  const named = await requireHolder(tx, caller, holder)
  // Names may differ in what a policy's name cannot hold, so the number of the holder stands behind it.
  const name = `granted-${named.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 100)}-${holder.id}`
  const before = (await readPolicies(caller.accountId, tx)).find((one) => one.name === name)
  const held = before?.document.Statement ?? []
  const Statement = [...held, ...added.filter((one) => !held.some((other) => isDeepStrictEqual(one, other)))]
  const document: PolicyDocument = { Version: '1', Statement }
  const id = await write(tx, caller, { name, document, reason: why }, before, before?.version)
  await attach(tx, caller.accountId, holder, id)
  return { name }
}

/** Nobody changes a policy that is attached to them, or to a group of theirs. */
async function refuseOwn(tx: Tx, caller: Caller, { name, users, groups }: PolicyView): Promise<void> {
  const { role, userId } = caller
  if (role !== 'user') return
  const isMember = async (id: number) =>
    (await requireGroup(tx, caller, id)).members.some((member) => member.id === userId)
  const own = await Promise.all(groups.map(({ id }) => isMember(id)))
  if (users.some((user) => user.id === userId) || own.includes(true))
    throw new Fault('OwnRights', { given: name })
}

async function requirePolicy(tx: Tx, { accountId }: Caller, name: string): Promise<PolicyView> {
  const policy = (await readPolicies(accountId, tx)).find((one) => one.name === name)
  if (!policy) throw new Fault('EntityNotExist.Policy', { id: name })
  return policy
}

/** The name of a holder, as in `user/ines`. Nobody changes their own rights, and an owner's are fixed. */
async function requireHolder(tx: Tx, caller: Caller, { is, id }: Holder): Promise<string> {
  const { accountId, role, userId } = caller
  if (is === 'group') {
    const group = await requireGroup(tx, caller, id)
    if (role === 'user' && group.members.some((member) => member.id === userId))
      throw new Fault('OwnRights', { given: group.name })
    return `group/${group.name}`
  }
  const user = await readUser(accountId, id, tx)
  if (!user) throw new Fault('EntityNotExist.User', { id })
  if (user.role === 'owner') throw new Fault('OwnerIsFixed', { given: user.name })
  if (id === userId) throw new Fault('OwnRights', { given: user.name })
  return `user/${user.name}`
}
