import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type Caller, noRequest } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { listPart } from '#lib/core/list-part.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { type Tx, transaction } from '#lib/store/client.ts'
import { attach } from '#lib/store/policies.ts'
import { forgetTries } from '#lib/store/sign-in-tries.ts'
import {
  disableUser as disable,
  insertLink,
  insertUser,
  type LinkOwner,
  readLink,
  readUser,
  readUsers,
  setPassword,
  takeLink,
  type UserView,
} from '#lib/store/users.ts'
import { checked, operation, permit } from './operation.ts'
import { policyNumber } from './save-policy.ts'
import { hashPassword, passwordRule, requireStrong } from './sign-in.ts'

const linkHours = 72

/** The rule for a user's name. */
export const userName = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u, 'user-name' satisfies RuleCode)

const policy = z.string().min(1, 'user-policy' satisfies RuleCode)
const userId = z.object({ id: z.number().int() })

/** The name by which policies know a user; one who is not there is asked for as all of them. */
async function resources({ id }: { id: number }, caller: Caller): Promise<string[]> {
  const user = await readUser(caller.accountId, id)
  return [userResource(caller, user?.name ?? '*')]
}

/** The users of the account, a part of them, or the one with a number. */
export const listUsers = operation({
  action: 'freshet:ListUsers',
  input: listPart.extend({ id: z.number().int().optional() }),
  resources: (_, caller) => [userResource(caller, '*')],
  async run({ accountId }, { id, ...part }): Promise<UserView[]> {
    if (id === undefined) return readUsers(accountId, part)
    const user = await readUser(accountId, id)
    return user ? [user] : []
  },
})

/** What lets a user choose a password: the token of a link, told once. */
export type Invitation = { id: number; name: string; token: string; expiresAt: string }

/**
 * Adds a user with one policy.
 *
 * @throws Fault InvalidParameter, EntityAlreadyExists.User, EntityNotExist.Policy, NoPermission
 */
export const addUser = operation({
  action: 'freshet:SaveUser',
  input: z.object({ name: userName, policy }),
  resources: ({ name }, caller) => [userResource(caller, name)],
  run: async (caller, { name, policy: granted }): Promise<Invitation> => {
    // Else who may add users could give the new one, and so themselves, everything.
    await permit(caller, 'freshet:AttachPolicy', [freshetResource(caller.accountId, `policy/${granted}`)])
    return transaction(async (tx) => {
      const { accountId } = caller
      const id = await insertUser(tx, accountId, name)
      if (id === null) throw new Fault('EntityAlreadyExists.User', { field: 'name', given: name })
      await attach(tx, accountId, { is: 'user', id }, await policyNumber(tx, caller, granted))
      await writeAudit(tx, caller, 'freshet:SaveUser', [userResource(caller, name)], {
        before: null,
        after: { policies: [granted] },
      })
      return invite(tx, caller, { id, name })
    })
  },
})

/** Shuts a user out, with all sessions and links, or lets them in again. @throws Fault EntityNotExist.User, OwnerIsFixed */
export const disableUser = operation({
  action: 'freshet:DisableUser',
  input: userId.extend({ disabled: z.boolean() }),
  resources,
  run: (caller, { id, disabled }) =>
    transaction(async (tx) => {
      const { name, state } = await requireOther(tx, caller, id)
      await disable(tx, id, disabled)
      const detail = { before: { disabled: state === 'disabled' }, after: { disabled } }
      await writeAudit(tx, caller, 'freshet:DisableUser', [userResource(caller, name)], detail)
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

/** The name of a user in policies and in the audit log. */
export const userResource = ({ accountId }: Pick<Caller, 'accountId'>, name: string) =>
  freshetResource(accountId, `user/${name}`)

/** A user of the caller's account who can be changed. @throws Fault EntityNotExist.User, OwnerIsFixed */
export async function requireUser(tx: Tx, { accountId }: Caller, id: number): Promise<UserView> {
  const user = await readUser(accountId, id, tx)
  if (!user) throw new Fault('EntityNotExist.User', { id })
  if (user.role === 'owner') throw new Fault('OwnerIsFixed', { given: user.name })
  return user
}

/** Nobody can take away their own rights, and then be unable to give them back. */
export async function requireOther(tx: Tx, caller: Caller, id: number): Promise<UserView> {
  const user = await requireUser(tx, caller, id)
  if (id === caller.userId) throw new Fault('OwnerIsFixed', { given: user.name })
  return user
}

/** Makes the one link by which a user may choose a password. */
export async function invite(
  tx: Tx,
  { accountId }: Pick<Caller, 'accountId'>,
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
export function ownerOfLink(token: string): Promise<LinkOwner | null> {
  return readLink(hashOf(token))
}

/**
 * Chooses a password with a link, once.
 *
 * @param from where it came from; wrong tries from there are forgotten, for whoever has the link is who they say
 * @returns what to sign in with, as `user@account`
 * @throws Fault LinkUsed, InvalidParameter
 */
export async function choosePassword(
  given: { token: string; password: string },
  from: { address: string; requestId: string } = { address: '', requestId: '' },
): Promise<string> {
  const { password } = checked(z.object({ password: passwordRule }), given)
  const tokenHash = hashOf(given.token)
  const user = await readLink(tokenHash)
  if (!user) throw new Fault('LinkUsed')
  const { userId, name, account } = user
  requireStrong(password, { user: name, account })
  const passwordHash = await hashPassword(password)
  await transaction(async (tx) => {
    // The user first, as disabling does, or the two could wait for each other.
    await setPassword(tx, userId, passwordHash)
    if (!(await takeLink(tx, tokenHash))) throw new Fault('LinkUsed')
    const caller: Caller = { ...user, role: 'user', policies: [], source: 'console', ...noRequest, ...from }
    await writeAudit(tx, caller, 'freshet:ChoosePassword', [userResource(caller, user.name)])
  })
  await forgetTries({ name, address: from.address })
  return `${name}@${account}`
}

export type { LinkOwner, UserView }
