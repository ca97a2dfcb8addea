import { z } from 'zod'
import { Fault } from '#lib/core/fault.ts'
import { methods } from '#lib/core/line.ts'
import { dayOf, type Limits, limitsOf, ownLimitsSchema } from '#lib/core/quota.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { type Tx, transaction } from '#lib/store/client.ts'
import {
  endQuotaRequest,
  insertQuotaRequest,
  type QuotaRequestView,
  readQuotaRequests,
  readWaitingRequest,
} from '#lib/store/quota-requests.ts'
import { lockLimits, readLimits, readOwnLimits, readPools, writeOwnLimits } from '#lib/store/quotas.ts'
import { operation } from './operation.ts'

const most = 10_000_000
const amount = z
  .int('quota-amount' satisfies RuleCode)
  .min(1, 'quota-amount' satisfies RuleCode)
  .max(most, 'quota-amount' satisfies RuleCode)
const text = (rule: RuleCode, least: number) =>
  z
    .string()
    .trim()
    .min(least, rule)
    .max(500, rule)
    .regex(/^[^\0]*$/, rule)

const request = z.object({
  pool: z.enum(methods),
  wanted: amount,
  /** The last day of the raise; null is without end. */
  until: z.iso.date('quota-until' satisfies RuleCode).nullable(),
  reason: text('quota-reason', 1),
  peakMbps: z
    .int('quota-peak' satisfies RuleCode)
    .min(0, 'quota-peak' satisfies RuleCode)
    .max(100_000_000, 'quota-peak' satisfies RuleCode)
    .nullable(),
})

/**
 * Asks the admins of the account for more of a pool.
 *
 * @throws Fault InvalidParameter, QuotaRequestPending, NoPermission
 */
export const requestQuota = operation({
  action: 'freshet:RequestQuota',
  input: request,
  resources: ({ pool }, { accountId }) => [freshetResource(accountId, `quota/${pool}`)],
  async run(caller, given): Promise<{ id: number }> {
    const { accountId } = caller
    const limits = await readLimits(accountId)
    await requireMore(accountId, limits, given)
    return transaction(async (tx) => {
      await lockLimits(tx, accountId)
      const waiting = (await readQuotaRequests(accountId, tx)).some(
        (one) => one.state === 'pending' && one.pool === given.pool && one.requesterId === caller.userId,
      )
      if (waiting) throw new Fault('QuotaRequestPending', { pool: given.pool })
      const id = await insertQuotaRequest(tx, {
        ...given,
        accountId,
        requestedBy: caller.name,
        requesterId: caller.userId,
      })
      await writeAudit(
        tx,
        caller,
        'freshet:RequestQuota',
        [freshetResource(accountId, `quota/${given.pool}`)],
        { request: id, ...given },
      )
      return { id }
    })
  },
})

async function requireMore(
  accountId: number,
  limits: Limits,
  { pool, wanted, until }: z.output<typeof request>,
): Promise<void> {
  const { pools } = await readPools(accountId, limits)
  const limit = pools.find((one) => one.pool === pool)?.limit ?? 0
  if (wanted <= limit) throw refusal('wanted', String(wanted), 'quota-more')
  if (until !== null && until < dayOf(Date.now(), limits.dayOffsetMinutes))
    throw refusal('until', until, 'quota-until')
}

function refusal(field: string, given: string, rule: RuleCode): Fault {
  return new Fault('InvalidParameter', { field, given, rule })
}

const decision = z.object({
  id: z.number().int(),
  approve: z.boolean(),
  /** What is granted; the wanted amount where it is left out. */
  granted: amount.optional(),
  note: text('quota-note', 0).default(''),
})

/**
 * Approves or rejects a request; an approved one raises the limit at once, until its last day.
 *
 * @throws Fault InvalidParameter, EntityNotExist.QuotaRequest, NoPermission
 */
export const decideQuota = operation({
  action: 'freshet:DecideQuota',
  input: decision,
  async resources({ id }, { accountId }) {
    const request = (await readQuotaRequests(accountId)).find((one) => one.id === id)
    return [freshetResource(accountId, `quota/${request?.pool ?? '*'}`)]
  },
  run: (caller, { id, approve, granted, note }) =>
    transaction(async (tx) => {
      const { accountId } = caller
      // A raise for good changes the limits, and two at once must both stay.
      await lockLimits(tx, accountId)
      const asked = await readWaitingRequest(tx, accountId, id)
      if (!asked) throw new Fault('EntityNotExist.QuotaRequest', { id })
      const raisedTo = granted ?? asked.wanted
      const limits = await readLimits(accountId, tx)
      if (approve) requireRaise(limits, asked, raisedTo)
      const ended = await endQuotaRequest(tx, accountId, id, {
        state: approve ? 'approved' : 'rejected',
        granted: approve ? raisedTo : null,
        decidedBy: caller.name,
        decisionNote: note,
      })
      if (!ended) throw new Fault('EntityNotExist.QuotaRequest', { id })
      if (approve && ended.until === null) await raiseForGood(tx, accountId, ended)
      const { state, granted: given, until } = ended
      const detail = {
        request: id,
        by: asked.requestedBy,
        wanted: asked.wanted,
        note,
        before: { state: asked.state, perDay: limits.perDay[ended.pool] },
        after: { state, perDay: given ?? limits.perDay[ended.pool], ...(until && approve ? { until } : {}) },
      }
      await writeAudit(
        tx,
        caller,
        'freshet:DecideQuota',
        [freshetResource(accountId, `quota/${ended.pool}`)],
        detail,
      )
    }),
})

/** What is approved must raise the limit: not lower it, and not for days that have passed. */
function requireRaise(limits: Limits, { pool, until }: QuotaRequestView, raisedTo: number): void {
  if (raisedTo <= limits.perDay[pool]) throw refusal('granted', String(raisedTo), 'quota-more')
  if (until !== null && until < dayOf(Date.now(), limits.dayOffsetMinutes))
    throw refusal('until', until, 'quota-until')
}

/** A raise without end becomes the limit itself, so that it can be lowered again. */
async function raiseForGood(tx: Tx, accountId: number, { pool, granted }: QuotaRequestView): Promise<void> {
  const own = await readOwnLimits(accountId, tx)
  await writeOwnLimits(tx, accountId, { ...own, perDay: { ...own.perDay, [pool]: granted ?? 0 } })
}

/** Takes back a request of one's own. @throws Fault EntityNotExist.QuotaRequest */
export const withdrawQuotaRequest = operation({
  action: 'freshet:RequestQuota',
  input: z.object({ id: z.number().int() }),
  async resources({ id }, { accountId }) {
    const request = (await readQuotaRequests(accountId)).find((one) => one.id === id)
    return [freshetResource(accountId, `quota/${request?.pool ?? '*'}`)]
  },
  run: (caller, { id }) =>
    transaction(async (tx) => {
      const { accountId } = caller
      const own = (await readQuotaRequests(accountId, tx)).some(
        (one) => one.id === id && one.requesterId === caller.userId,
      )
      const ended =
        own &&
        (await endQuotaRequest(tx, accountId, id, {
          state: 'withdrawn',
          granted: null,
          decidedBy: caller.name,
          decisionNote: '',
        }))
      if (!ended) throw new Fault('EntityNotExist.QuotaRequest', { id })
      const resources = [freshetResource(accountId, `quota/${ended.pool}`)]
      const detail = { request: id, before: { state: 'pending' }, after: { state: ended.state } }
      await writeAudit(tx, caller, 'freshet:RequestQuota', resources, detail)
    }),
})

/** Sets the limits of the account itself. @throws Fault InvalidParameter, NoPermission */
export const saveLimits = operation({
  action: 'freshet:SaveLimits',
  input: ownLimitsSchema,
  resources: (_, { accountId }) => [freshetResource(accountId, 'quota/*')],
  run: (caller, limits) =>
    transaction(async (tx) => {
      await lockLimits(tx, caller.accountId)
      const before = await readOwnLimits(caller.accountId, tx)
      await writeOwnLimits(tx, caller.accountId, limits)
      await writeAudit(tx, caller, 'freshet:SaveLimits', [freshetResource(caller.accountId, 'quota/*')], {
        before: limitsOf(before),
        after: limitsOf(limits),
      })
    }),
})
