import { z } from 'zod'
import { freshetResource } from '#lib/core/resource-name.ts'
import { type CacheView, readCaches } from '#lib/store/caches.ts'
import { operation } from './operation.ts'

/** The caches of the account with their health; never their secrets. */
export const listCaches = operation({
  action: 'freshet:ListCaches',
  input: z.object({}),
  resources: (_, caller) => [freshetResource(caller.accountId, 'cache/*')],
  run: (caller): Promise<CacheView[]> => readCaches(caller.accountId),
})

export type { CacheView }
