import { z } from 'zod'
import { type ActionName, actions } from '#lib/core/actions.ts'
import { type Caller, noRequest } from '#lib/core/caller.ts'
import { modes } from '#lib/core/command.ts'
import { Fault } from '#lib/core/fault.ts'
import { methods } from '#lib/core/line.ts'
import { type Asked, explain, reachOf, summarise } from '#lib/core/policy.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { parseSubmission } from '#lib/core/submission.ts'
import { readDomains, rulesOf } from '#lib/store/domains.ts'
import { attachedPolicies } from '#lib/store/policies.ts'
import { readUser } from '#lib/store/users.ts'
import { operation } from './operation.ts'

const actionNames = Object.keys(actions) as [ActionName, ...ActionName[]]
const resources = (_: unknown, { accountId }: Caller) => [freshetResource(accountId, 'policy/*')]

/** What a request would be: who, what, where, when and from where. */
const input = z.object({
  userId: z.number().int(),
  action: z.enum(actionNames),
  /** A line as it would be submitted, or the name of what is acted on, such as `cache/fra1`; empty for `*`. */
  on: z.string().trim().max(1024).default(''),
  method: z.enum(methods).default('url'),
  mode: z.enum(modes).default('hard'),
  lineCount: z.number().int().min(1).max(1_000_000).default(1),
  caches: z.array(z.string()).max(100).default([]),
  address: z.string().trim().max(64).default(''),
  isSecure: z.boolean().default(true),
  at: z.iso
    .datetime('simulated-time' satisfies RuleCode)
    .nullable()
    .default(null),
})
export type SimulatedRequest = z.input<typeof input>

/**
 * Whether a user would be let do something, by which statement of which policy, and what every other
 * statement had to say.
 *
 * @throws Fault EntityNotExist.User, InvalidParameter
 */
export const simulatePolicy = operation({
  action: 'freshet:SimulatePolicy',
  input,
  resources,
  async run({ accountId }, given) {
    const { userId, action, address, isSecure, at } = given
    const user = await callerFor(accountId, userId)
    const asked = await askedBy(accountId, given)
    const nowMs = at === null ? Date.now() : Date.parse(at)
    return { asked, ...explain({ ...user, address, isSecure }, action, asked, nowMs) }
  },
})

/** What a user may see, purge and prefetch, one domain after the other. @throws Fault EntityNotExist.User */
export const summariseRights = operation({
  action: 'freshet:SimulatePolicy',
  input: z.object({ userId: z.number().int() }),
  resources,
  async run({ accountId }, { userId }) {
    const [user, domains] = await Promise.all([callerFor(accountId, userId), readDomains(accountId)])
    return summarise(
      user,
      domains.map((domain) => domain.name),
      Date.now(),
    )
  },
})

async function callerFor(accountId: number, userId: number): Promise<Caller> {
  const user = await readUser(accountId, userId)
  if (!user) throw new Fault('EntityNotExist.User', { id: userId })
  const { name, role } = user
  const policies = await attachedPolicies(user.policies)
  return { accountId, userId, name, role, policies, source: 'console', address: '', ...noRequest }
}

async function askedBy(
  accountId: number,
  { action, on, method, mode, lineCount, caches }: z.output<typeof input>,
): Promise<Asked> {
  const { resource, conditions } = actions[action]
  if (resource !== 'domain') return { resource: on === '' ? '*' : freshetResource(accountId, on) }
  const named = /^(?:https?:\/\/)?([^/?#\s]*)/i.exec(on)?.[1]?.toLowerCase() ?? ''
  const asked: Asked = { resource: `acs:dcdn:*:${accountId}:domain/${named || '*'}` }
  if (conditions.length === 0) return asked
  const rules = { method, domains: rulesOf(await readDomains(accountId)), dialect: 'console' as const }
  const { lines } = parseSubmission(/^https?:/i.test(on) ? on : `https://${on}`, {
    ...rules,
    tagDomain: named,
  })
  return { ...asked, method, mode, lineCount, caches, reaches: lines.map(reachOf) }
}
