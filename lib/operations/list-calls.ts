import { z } from 'zod'
import { type CallView, readCalls } from '#lib/store/api-calls.ts'
import { keyNumbered } from './access-keys.ts'
import { operation } from './operation.ts'

export type { CallView }

const shown = 20

/** The last calls of an access key, the newest first. */
export const listCalls = operation({
  action: 'freshet:ListAccessKeys',
  input: z.object({ keyId: z.string().max(64) }),
  resources: ({ keyId }, caller) => keyNumbered(caller, keyId),
  run: ({ accountId }, { keyId }): Promise<CallView[]> => readCalls(accountId, keyId, shown),
})
