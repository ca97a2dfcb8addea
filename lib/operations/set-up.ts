import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { type Caller, commandLine, noRequest } from '#lib/core/caller.ts'
import type { Demo } from '#lib/core/demo.ts'
import { Fault } from '#lib/core/fault.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { anyAccount, insertAccount, insertFirstAccount } from '#lib/store/accounts.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { insertCache, readCaches } from '#lib/store/caches.ts'
import { db, type Tx, transaction } from '#lib/store/client.ts'
import { insertDomain, insertRoute, readDomains } from '#lib/store/domains.ts'
import { checked, operation } from './operation.ts'
import { removeCache } from './save-cache.ts'
import { removeDomain } from './save-domain.ts'
import { type Invitation, invite, userName } from './save-user.ts'
import { hashPassword, passwordRule, requireStrong } from './sign-in.ts'

const names = z.object({
  account: z
    .string()
    .trim()
    .regex(/^\P{Cc}{1,60}$/u, 'account-name' satisfies RuleCode),
  owner: userName,
})
const input = names.extend({ token: z.string(), password: passwordRule })

/** Whether nobody has set this deployment up yet. */
export async function isSetUpOpen(): Promise<boolean> {
  return !(await anyAccount())
}

/** Whether a token opens the set-up page now. */
export async function mayOpenSetUp(given: string, token: string): Promise<boolean> {
  const [a, b] = [Buffer.from(given), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b) && (await isSetUpOpen())
}

/**
 * Makes the account and its owner, once.
 *
 * @param token the one that the server printed
 * @param demo what to set up besides, or null
 * @throws Fault SetUpClosed, InvalidParameter
 */
export async function setUp(
  given: z.input<typeof input>,
  token: string,
  demo: Demo | null,
  from: { address: string; requestId: string } = { address: '', requestId: '' },
): Promise<void> {
  const wanted = checked(input, given)
  if (!(await mayOpenSetUp(wanted.token, token))) throw new Fault('SetUpClosed')
  requireStrong(wanted.password, { user: wanted.owner, account: wanted.account })
  const passwordHash = await hashPassword(wanted.password)
  await transaction(async (tx) => {
    const ids = await insertFirstAccount(tx, { ...wanted, passwordHash })
    if (!ids) throw new Fault('SetUpClosed')
    const caller: Caller = {
      ...ids,
      name: wanted.owner,
      role: 'owner',
      policies: [],
      source: 'console',
      ...noRequest,
      ...from,
    }
    const made = { account: wanted.account, ...(demo ? { demo: demo.domain } : {}) }
    await writeAudit(tx, caller, 'freshet:SetUp', ['*'], { before: null, after: made })
    if (demo) await insertDemo(tx, ids.accountId, demo)
  })
}

/**
 * Makes another account with its owner, from the server's own command line.
 *
 * @returns the link by which the owner chooses a password
 * @throws Fault EntityAlreadyExists.Account, InvalidParameter
 */
export async function createAccount(given: z.input<typeof names>): Promise<Invitation> {
  const { account, owner } = checked(names, given)
  return transaction(async (tx) => {
    const made = await insertAccount(tx, { account, owner })
    if (!made) throw new Fault('EntityAlreadyExists.Account', { field: 'account', given: account })
    await writeAudit(tx, commandLine(made.accountId), 'freshet:CreateAccount', ['*'], { account, owner })
    return invite(tx, made, { id: made.userId, name: owner })
  })
}

async function insertDemo(tx: Tx, accountId: number, demo: Demo): Promise<void> {
  const caches: number[] = []
  const shields: number[] = []
  for (const cache of demo.caches) {
    const id = await insertCache(tx, accountId, { ...cache, demo: true })
    caches.push(id)
    if (cache.tier === 'shield') shields.push(id)
  }
  const id = await insertDomain(tx, accountId, { name: demo.domain, origin: demo.origin, demo: true })
  await insertRoute(tx, { id, accountId }, { caches, shields })
}

/** Removes the demo's domain and caches; records of its purges stay. */
export const removeDemo = operation({
  action: 'freshet:RemoveDemo',
  input: z.object({}),
  resources: (_, { accountId }) => [freshetResource(accountId, 'account')],
  async run(caller): Promise<void> {
    for (const domain of await readDomains(caller.accountId, db())) {
      if (domain.demo) await removeDomain(caller, { id: domain.id })
    }
    for (const cache of await readCaches(caller.accountId)) {
      if (cache.demo) await removeCache(caller, { id: cache.id })
    }
  },
})
