import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { listPart } from '#lib/core/list-part.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import {
  type AccessKeyView,
  deleteAccessKey as drop,
  insertAccessKey,
  lockKeys,
  readAccessKeys,
  updateAccessKey,
} from '#lib/store/access-keys.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { type Tx, transaction } from '#lib/store/client.ts'
import { readUser } from '#lib/store/users.ts'
import { operation } from './operation.ts'

export type { AccessKeyView }

/** RAM's limit: one in use, and one that takes over from it. */
const mostKeys = 2
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const keyResource = ({ accountId }: Caller, id: string) => freshetResource(accountId, `key/${id}`)
const own = 'key/of-oneself'

/** The access keys of the account, a part of them, or one's own; never a secret. */
export const listAccessKeys = operation({
  action: 'freshet:ListAccessKeys',
  input: listPart.extend({ userId: z.number().int().optional() }),
  resources: ({ userId }, caller) => [keyOf(caller, userId)],
  run: ({ accountId }, { userId = null, ...part }): Promise<AccessKeyView[]> =>
    readAccessKeys(accountId, userId, undefined, part),
})

/** Keys of oneself have a resource of their own, so that a policy can let everybody have some. */
const keyOf = (caller: Caller, userId: number | undefined) =>
  userId !== undefined && userId === caller.userId
    ? freshetResource(caller.accountId, own)
    : keyResource(caller, '*')

/** A key with its secret, told this once. */
export type NewAccessKey = { id: string; secret: string; userName: string }

/**
 * Makes a key for a user, who may have two: the second takes over from the first while both work.
 *
 * @throws Fault EntityNotExist.User, LimitExceeded.AccessKey, NoPermission
 */
export const createAccessKey = operation({
  action: 'freshet:CreateAccessKey',
  input: z.object({ userId: z.number().int() }),
  resources: ({ userId }, caller) => [keyOf(caller, userId)],
  run: (caller, { userId }): Promise<NewAccessKey> =>
    transaction(async (tx) => {
      const { accountId } = caller
      const user = await readUser(accountId, userId, tx)
      if (!user || user.state === 'disabled') throw new Fault('EntityNotExist.User', { id: userId })
      // An owner may everything: a key of theirs for somebody else would be that.
      if (user.role === 'owner' && userId !== caller.userId)
        throw new Fault('OwnerIsFixed', { given: user.name })
      await lockKeys(tx, userId)
      if ((await readAccessKeys(accountId, userId, tx)).length >= mostKeys)
        throw new Fault('LimitExceeded.AccessKey', { given: user.name, limit: mostKeys })
      // The vendor's shape: tools tell a key by it.
      const key = { id: `LTAI${random(20)}`, secret: random(30) }
      await insertAccessKey(tx, { ...key, accountId, userId })
      const resources = [keyResource(caller, key.id), freshetResource(accountId, `user/${user.name}`)]
      await writeAudit(tx, caller, 'freshet:CreateAccessKey', resources)
      return { ...key, userName: user.name }
    }),
})

/** Letters and digits, each equally likely. */
function random(length: number): string {
  let text = ''
  while (text.length < length)
    for (const byte of randomBytes(length))
      if (byte < 4 * letters.length) text += letters[byte % letters.length]
  return text.slice(0, length)
}

const network = z.string().refine(isNetwork, 'key-network' satisfies RuleCode)

/**
 * Says whether a key may be used, from where and until when.
 *
 * @throws Fault InvalidParameter, EntityNotExist.AccessKey, NoPermission
 */
export const changeAccessKey = operation({
  action: 'freshet:ChangeAccessKey',
  input: z.object({
    id: z.string(),
    enabled: z.boolean(),
    networks: z.array(network).max(50),
    expiresAt: z.iso.datetime('key-expiry' satisfies RuleCode).nullable(),
  }),
  resources: ({ id }, caller) => keyNumbered(caller, id),
  run: (caller, { id, ...after }) =>
    transaction(async (tx) => {
      const { enabled, networks, expiresAt } = await requireKey(tx, caller, id)
      await updateAccessKey(tx, id, after)
      await writeAudit(tx, caller, 'freshet:ChangeAccessKey', [keyResource(caller, id)], {
        before: { enabled, networks, expiresAt },
        after,
      })
    }),
})

/** Deletes a key that was disabled before. @throws Fault EntityNotExist.AccessKey, KeyIsEnabled, NoPermission */
export const deleteAccessKey = operation({
  action: 'freshet:DeleteAccessKey',
  input: z.object({ id: z.string() }),
  resources: ({ id }, caller) => keyNumbered(caller, id),
  run: (caller, { id }) =>
    transaction(async (tx) => {
      const key = await requireKey(tx, caller, id)
      if (key.enabled) throw new Fault('KeyIsEnabled', { id })
      await drop(tx, id)
      await writeAudit(tx, caller, 'freshet:DeleteAccessKey', [keyResource(caller, id)], { of: key.userName })
    }),
})

/** The name of a key in policies: those of oneself have one of their own. */
export async function keyNumbered(caller: Caller, id: string): Promise<string[]> {
  const key = (await readAccessKeys(caller.accountId, caller.userId)).find((one) => one.id === id)
  return [key ? freshetResource(caller.accountId, own) : keyResource(caller, id)]
}

async function requireKey(tx: Tx, { accountId }: Caller, id: string): Promise<AccessKeyView> {
  const found = await readAccessKeys(accountId, null, tx, { search: id, from: 0 })
  const key = found.find((one) => one.id === id)
  if (!key) throw new Fault('EntityNotExist.AccessKey', { id })
  return key
}

function isNetwork(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
