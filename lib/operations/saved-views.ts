import { z } from 'zod'
import { Fault } from '#lib/core/fault.ts'
import { readFilter } from '#lib/core/record-filter.ts'
import { writeFilter } from '#lib/core/records.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { transaction } from '#lib/store/client.ts'
import { deleteView, insertView, readViews } from '#lib/store/views.ts'
import { operation } from './operation.ts'

export type { SavedView } from '#lib/store/views.ts'

/** The views of the account. */
export const listViews = operation({
  action: 'freshet:ListViews',
  input: z.object({}),
  resources: (_, { accountId }) => [freshetResource(accountId, 'view/*')],
  run: ({ accountId }) => readViews(accountId),
})

const name = z
  .string()
  .trim()
  .regex(/^[^\0\r\n]{1,60}$/, 'view-name' satisfies RuleCode)

/** Gives a filter of Records a name. @throws Fault EntityAlreadyExists.View, InvalidParameter */
export const saveView = operation({
  action: 'freshet:SaveView',
  input: z.object({ name, query: z.string().max(8000) }),
  resources: (view, { accountId }) => [freshetResource(accountId, `view/${view.name}`)],
  async run(caller, view): Promise<void> {
    const query = writeFilter(readFilter(new URLSearchParams(view.query)).filter).toString()
    await transaction(async (tx) => {
      const made = await insertView(tx, caller.accountId, { ...view, query, madeBy: caller.name })
      if (!made) throw new Fault('EntityAlreadyExists.View', { field: 'name', given: view.name })
      const resource = freshetResource(caller.accountId, `view/${view.name}`)
      await writeAudit(tx, caller, saveView.action, [resource], { before: null, after: { query } })
    })
  },
})

/** Forgets a view; the records stay. */
export const removeView = operation({
  action: 'freshet:RemoveView',
  input: z.object({ id: z.number().int() }),
  async resources({ id }, { accountId }) {
    const view = (await readViews(accountId)).find((one) => one.id === id)
    return [freshetResource(accountId, `view/${view?.name ?? '*'}`)]
  },
  run: (caller, { id }) =>
    transaction(async (tx) => {
      const view = await deleteView(tx, caller.accountId, id)
      if (!view) return
      const resource = freshetResource(caller.accountId, `view/${view.name}`)
      await writeAudit(tx, caller, removeView.action, [resource], {
        before: { query: view.query },
        after: null,
      })
    }),
})
