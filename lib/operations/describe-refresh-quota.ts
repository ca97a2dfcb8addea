import { z } from 'zod'
import type { Limits } from '#lib/core/quota.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import { type QuotaRequestView, readQuotaRequests } from '#lib/store/quota-requests.ts'
import { type Pools, type Raise, readLimits, readPools, readRaises } from '#lib/store/quotas.ts'
import { operation } from './operation.ts'

/** What is left of each daily pool, when the day ends, and until when a limit is a raised one. */
export const describeRefreshQuota = operation({
  action: 'dcdn:DescribeDcdnRefreshQuota',
  input: z.object({}),
  resources: () => ['*'],
  async run({ accountId }): Promise<Pools & { limits: Limits; raises: Raise[] }> {
    const limits = await readLimits(accountId)
    const [pools, raises] = await Promise.all([readPools(accountId, limits), readRaises(accountId, limits)])
    return { limits, ...pools, raises }
  },
})

/** The same by the vendor's other name, which a policy grants apart. */
export const describeUserQuota = operation({
  action: 'dcdn:DescribeDcdnUserQuota',
  input: z.object({}),
  resources: () => ['*'],
  run: async ({ accountId }): Promise<Pools> => readPools(accountId, await readLimits(accountId)),
})

/** Requests for more, newest first. */
export const listQuotaRequests = operation({
  action: 'freshet:ListQuotaRequests',
  input: z.object({}),
  resources: (_, { accountId }) => [freshetResource(accountId, 'quota/*')],
  run: ({ accountId }): Promise<QuotaRequestView[]> => readQuotaRequests(accountId),
})

export type { Pools, QuotaRequestView, Raise }
