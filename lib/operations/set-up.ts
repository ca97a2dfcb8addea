import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { type Caller, noRequest } from '#lib/core/caller.ts'
import type { Demo } from '#lib/core/demo.ts'
import { Fault } from '#lib/core/fault.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { anyAccount, insertFirstAccount } from '#lib/store/accounts.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { insertCache, readCaches } from '#lib/store/caches.ts'
import { db, type Tx, transaction } from '#lib/store/client.ts'
import { insertDomain, insertRoute, readDomains } from '#lib/store/domains.ts'
import { checked, operation } from './operation.ts'
import { removeCache } from './save-cache.ts'
import { removeDomain } from './save-domain.ts'
import { userName } from './save-user.ts'
import { hashPassword, passwordRule } from './sign-in.ts'

const input = z.object({
  token: z.string(),
  account: z
    .string()
    .trim()
    .min(1, 'account-name' satisfies RuleCode)
    .max(60, 'account-name' satisfies RuleCode),
  owner: userName,
  password: passwordRule,
})

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
export async function setUp(given: z.input<typeof input>, token: string, demo: Demo | null): Promise<void> {
  const wanted = checked(input, given)
  if (!(await mayOpenSetUp(wanted.token, token))) throw new Fault('SetUpClosed')
  const passwordHash = await hashPassword(wanted.password)
  await transaction(async (tx) => {
    const made = await insertFirstAccount(tx, { ...wanted, passwordHash })
    if (!made) throw new Fault('SetUpClosed')
    const caller: Caller = {
      ...made,
      name: wanted.owner,
      role: 'owner',
      policies: [],
      source: 'console',
      ...noRequest,
      address: '',
    }
    await writeAudit(tx, caller, 'freshet:SetUp', ['*'], { account: wanted.account })
    if (demo) await insertDemo(tx, made.accountId, demo)
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
  resources: () => ['*'],
  async run(caller): Promise<void> {
    for (const domain of await readDomains(caller.accountId, db())) {
      if (domain.demo) await removeDomain(caller, { id: domain.id })
    }
    for (const cache of await readCaches(caller.accountId)) {
      if (cache.demo) await removeCache(caller, { id: cache.id })
    }
  },
})
