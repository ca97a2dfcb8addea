import { z } from 'zod'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { RuleCode } from '#lib/core/rules.ts'
import { writeAudit } from '#lib/store/audit.ts'
import { transaction } from '#lib/store/client.ts'
import { readRetention, writeRetention } from '#lib/store/retention.ts'
import { operation } from './operation.ts'

/** For how many days the account keeps its records. */
export const describeRetention = operation({
  action: 'freshet:DescribeRetention',
  input: z.object({}),
  resources: (_, { accountId }) => [freshetResource(accountId, 'records')],
  run: ({ accountId }) => readRetention(accountId),
})

const rule = 'retention-days' satisfies RuleCode

/** Sets for how many days the account keeps its records; older ones go within the hour. */
export const saveRetention = operation({
  action: 'freshet:SaveRetention',
  input: z.object({ days: z.number(rule).int(rule).min(1, rule).max(3650, rule) }),
  resources: (_, { accountId }) => [freshetResource(accountId, 'records')],
  run: (caller, { days }) =>
    transaction(async (tx) => {
      const before = { days: await readRetention(caller.accountId, tx) }
      await writeRetention(tx, caller.accountId, days)
      const resource = freshetResource(caller.accountId, 'records')
      await writeAudit(tx, caller, saveRetention.action, [resource], { before, after: { days } })
    }),
})
