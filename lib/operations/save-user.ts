import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { systemPolicies } from '#lib/core/policy.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { type Tx, transaction } from '#lib/store/client.ts'
import {
  disableUser as disable,
  insertLink,
  insertUser,
  readLink,
  readUsers,
  setPassword,
  takeLink,
  type UserView,
  writePolicies,
} from '#lib/store/users.ts'
import { checked, operation } from './operation.ts'
import { hashPassword, passwordRule } from './sign-in.ts'

const linkHours = 72

/** The rule for a user's name. */
export const userName = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u, 'user-name' satisfies RuleCode)

const policy = z.enum(systemPolicies, 'user-policy' satisfies RuleCode)
const userId = z.object({ id: z.number().int() })
const resources = (_: unknown, { accountId }: Caller) => [freshetResource(accountId, 'user/*')]

/** The users of the account. */
export const listUsers = operation({
  action: 'freshet:ListUsers',
  input: z.object({}),
  resources,
  run: ({ accountId }): Promise<UserView[]> => readUsers(accountId),
})

/** What lets a user choose a password: the token of a link, told once. */
export type Invitation = { id: number; name: string; token: string; expiresAt: string }

/**
 * Adds a user with one system policy.
 *
 * @throws Fault InvalidParameter, EntityAlreadyExists.User, NoPermission
 */
export const addUser = operation({
  action: 'freshet:SaveUser',
  input: z.object({ name: userName, policy }),
  resources,
  run: (caller, { name, policy: granted }): Promise<Invitation> =>
    transaction(async (tx) => {
      const { accountId } = caller
      const id = await insertUser(tx, accountId, { name, policies: [granted] })
      if (id === null) throw new Fault('EntityAlreadyExists.User', { field: 'name', given: name })
      await writeAudit(tx, caller, 'freshet:SaveUser', [userResource(caller, name)], {
        added: true,
        policy: granted,
      })
      return invite(tx, caller, { id, name })
    }),
})

/** Changes what a user may do; it acts with the user's next request. @throws Fault EntityNotExist.User, OwnerIsFixed */
export const grantPolicy = operation({
  action: 'freshet:SaveUser',
  input: userId.extend({ policy }),
  resources,
  run: (caller, { id, policy: granted }) =>
    transaction(async (tx) => {
      const { name } = await requireOther(tx, caller, id)
      await writePolicies(tx, id, [granted])
      await writeAudit(tx, caller, 'freshet:SaveUser', [userResource(caller, name)], { policy: granted })
    }),
})

/** Shuts a user out, with all sessions and links, or lets them in again. @throws Fault EntityNotExist.User, OwnerIsFixed */
export const disableUser = operation({
  action: 'freshet:DisableUser',
  input: userId.extend({ disabled: z.boolean() }),
  resources,
  run: (caller, { id, disabled }) =>
    transaction(async (tx) => {
      const { name } = await requireOther(tx, caller, id)
      await disable(tx, id, disabled)
      await writeAudit(tx, caller, 'freshet:DisableUser', [userResource(caller, name)], { disabled })
    }),
})

/** Makes a new link for a user who has lost the password or the link. @throws Fault EntityNotExist.User, OwnerIsFixed */
export const inviteAgain = operation({
  action: 'freshet:SaveUser',
  input: userId,
  resources,
  run: (caller, { id }): Promise<Invitation> =>
    transaction(async (tx) => {
      const { name } = await requireUser(tx, caller, id)
      await writeAudit(tx, caller, 'freshet:SaveUser', [userResource(caller, name)], { invited: true })
      return invite(tx, caller, { id, name })
    }),
})

const userResource = ({ accountId }: Caller, name: string) => freshetResource(accountId, `user/${name}`)

async function requireUser(tx: Tx, { accountId }: Caller, id: number): Promise<UserView> {
  const user = (await readUsers(accountId, tx)).find((one) => one.id === id)
  if (!user) throw new Fault('EntityNotExist.User', { id })
  if (user.role === 'owner') throw new Fault('OwnerIsFixed', { given: user.name })
  return user
}

/** Nobody can take away their own rights, and then be unable to give them back. */
async function requireOther(tx: Tx, caller: Caller, id: number): Promise<UserView> {
  const user = await requireUser(tx, caller, id)
  if (id === caller.userId) throw new Fault('OwnerIsFixed', { given: user.name })
  return user
}

async function invite(
  tx: Tx,
  { accountId }: Caller,
  user: { id: number; name: string },
): Promise<Invitation> {
  const token = randomBytes(24).toString('base64url')
  const expiresAt = new Date(Date.now() + linkHours * 3_600_000)
  await insertLink(tx, { tokenHash: hashOf(token), accountId, userId: user.id, expiresAt })
  return { ...user, token, expiresAt: expiresAt.toISOString() }
}

function hashOf(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest())
}

// These two run before there is a caller, so they are not operations.

/** Who may choose a password with a link, or null. */
export async function ownerOfLink(token: string): Promise<string | null> {
  return (await readLink(hashOf(token)))?.name ?? null
}

/**
 * Chooses a password with a link, once.
 *
 * @returns the user's name, to sign in with
 * @throws Fault LinkUsed, InvalidParameter
 */
export async function choosePassword(given: { token: string; password: string }): Promise<string> {
  const { password } = checked(z.object({ password: passwordRule }), given)
  const tokenHash = hashOf(given.token)
  const user = await readLink(tokenHash)
  if (!user) throw new Fault('LinkUsed')
  const passwordHash = await hashPassword(password)
  await transaction(async (tx) => {
    // The user first, as disabling does, or the two could wait for each other.
    await setPassword(tx, user.userId, passwordHash)
    if (!(await takeLink(tx, tokenHash))) throw new Fault('LinkUsed')
  })
  return user.name
}

export type { UserView }
