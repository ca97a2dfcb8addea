import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { methods } from '#lib/core/line.ts'
import type { PolicyDocument } from '#lib/core/policy-document.ts'
import { emptyForm, fromForm, grantDocument, type StatementForm } from '#lib/core/policy-sentence.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import {
  type AccessRequestView,
  endAccessRequest,
  insertAccessRequest,
  mostListed,
  readAccessRequests,
} from '#lib/store/access-requests.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { transaction } from '#lib/store/client.ts'
import { operation } from './operation.ts'
import { addGrant } from './save-policy.ts'

export { type AccessRequestView, mostListed }

const mostPending = 20

/** What can be asked for and granted: something to do, on a domain, and how far it reaches. */
const wish = z.object({
  can: z.enum(['see', 'purge', 'prefetch']),
  domain: z.string().regex(/^[a-z0-9.*?_-]{1,253}$/, 'domain-name' satisfies RuleCode),
  methods: z.array(z.enum(methods).exclude(['prefetch'])).default([]),
  /** Paths with `*` for any run of characters; none is all. */
  paths: z
    .array(z.string().regex(/^\/[\x21-\x7e]{0,1023}$/, 'access-path' satisfies RuleCode))
    .max(20)
    .default([]),
})

const note = z
  .string()
  .trim()
  .max(500, 'quota-note' satisfies RuleCode)
  .regex(/^[^\0]*$/, 'quota-note' satisfies RuleCode)
  .default('')

const requestResource = ({ accountId }: Caller, id: number | '*') =>
  freshetResource(accountId, `request/${id}`)

/** Asks the admins of the account for a right. @throws Fault InvalidParameter, LimitExceeded.AccessRequest */
export const requestAccess = operation({
  action: 'freshet:RequestAccess',
  input: wish.extend({ reason: note }),
  resources: (_, caller) => [requestResource(caller, '*')],
  run: (caller, { reason, ...asked }) =>
    transaction(async (tx) => {
      const { accountId, userId } = caller
      if (userId === null) throw new Fault('EntityNotExist.User', { id: 0 })
      const form = formOf(asked)
      const pending = (await readAccessRequests(accountId, userId, tx)).filter(
        ({ state }) => state === 'pending',
      )
      const same = pending.find((one) => isDeepStrictEqual(one.asked, form))
      if (same) return { id: same.id }
      if (pending.length >= mostPending)
        throw new Fault('LimitExceeded.AccessRequest', { limit: mostPending })
      const id = await insertAccessRequest(tx, { accountId, userId, asked: form, reason })
      await writeAudit(tx, caller, 'freshet:RequestAccess', [requestResource(caller, id)], {
        asked: form,
        reason,
      })
      return { id }
    }),
})

function formOf({ can, domain, ...reach }: z.output<typeof wish>): StatementForm {
  return { ...emptyForm, ...reach, can: [can], domains: [domain] }
}

/** What was asked for in the account, or by oneself: what waits first, then the newest. */
export const listAccessRequests = operation({
  action: 'freshet:ListAccessRequests',
  input: z.object({}),
  resources: (_, caller) => [requestResource(caller, '*')],
  run: ({ accountId }): Promise<AccessRequestView[]> => readAccessRequests(accountId),
})

/** What oneself has asked for. */
export const listOwnRequests = operation({
  action: 'freshet:RequestAccess',
  input: z.object({}),
  resources: (_, caller) => [requestResource(caller, '*')],
  run: ({ accountId, userId }): Promise<AccessRequestView[]> => readAccessRequests(accountId, userId ?? 0),
})

/**
 * Grants something to who asked, or refuses it with a note. The form is filled with what was asked for; who
 * decides may say otherwise, and both stand in the request and in the audit log.
 *
 * @param granted null to refuse
 * @throws Fault InvalidParameter, EntityNotExist.AccessRequest, OwnRights, NoPermission
 */
export const decideAccess = operation({
  action: 'freshet:DecideAccess',
  input: z.object({ id: z.number().int(), granted: wish.nullable(), note }),
  resources: ({ id }, caller) => [requestResource(caller, id)],
  run: (caller, { id, granted, note: why }) =>
    transaction(async (tx) => {
      const { accountId, name } = caller
      const form = granted && formOf(granted)
      const state = form ? 'granted' : 'refused'
      const ended = await endAccessRequest(
        tx,
        { accountId, id },
        { state, granted: form, decidedBy: name, note: why },
      )
      if (!ended) throw new Fault('EntityNotExist.AccessRequest', { id })
      if (ended.userId === caller.userId && caller.role === 'user')
        throw new Fault('OwnRights', { given: caller.name })
      await writeAudit(tx, caller, 'freshet:DecideAccess', [requestResource(caller, id)], {
        of: ended.userName,
        asked: ended.asked,
        granted: form,
        note: why,
      })
      if (form) {
        const document = grantOfForm(form, accountId)
        await addGrant(tx, caller, { is: 'user', id: ended.userId }, document, `request ${id}`)
      }
    }),
})

/** Exactly what the form says, with what the pages need around it. Who may submit something sees what became of it. */
function grantOfForm(form: StatementForm, accountId: number): PolicyDocument {
  const { domains, can } = form
  const sees = fromForm({ ...emptyForm, can: ['see'], domains }, accountId)
  const [, ...around] = grantDocument({ domains, can }, accountId).Statement
  return { Version: '1', Statement: [fromForm(form, accountId), sees, ...around] }
}

/** Takes back what oneself has asked for. @throws Fault EntityNotExist.AccessRequest */
export const withdrawAccess = operation({
  action: 'freshet:RequestAccess',
  input: z.object({ id: z.number().int() }),
  resources: (_, caller) => [requestResource(caller, '*')],
  run: (caller, { id }) =>
    transaction(async (tx) => {
      const { accountId, userId, name } = caller
      const own = (await readAccessRequests(accountId, userId ?? 0, tx)).some((one) => one.id === id)
      const end = { state: 'withdrawn', granted: null, decidedBy: name, note: '' } as const
      if (!own || !(await endAccessRequest(tx, { accountId, id }, end)))
        throw new Fault('EntityNotExist.AccessRequest', { id })
      await writeAudit(tx, caller, 'freshet:RequestAccess', [requestResource(caller, id)], {
        withdrawn: true,
      })
    }),
})
