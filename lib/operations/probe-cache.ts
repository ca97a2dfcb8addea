import { z } from 'zod'
import { freshetResource } from '#lib/core/resource-name.ts'
import { transaction } from '#lib/store/client.ts'
import { insertQuestions, type ProbeAnswer, readAnswers } from '#lib/store/probes.ts'
import { operation } from './operation.ts'
import { requireCache } from './save-cache.ts'

/** Asks a worker to test a cache with a real purge of a probe object; the answer is read later. */
export const probeCache = operation({
  action: 'freshet:ProbeCache',
  input: z.object({ id: z.number().int() }),
  resources: (_, caller) => [freshetResource(caller.accountId, 'cache/*')],
  async run(caller, { id }): Promise<{ probeId: string }> {
    await requireCache(caller, id)
    const question = { is: 'probe' } as const
    const [probeId = ''] = await transaction((tx) => insertQuestions(tx, caller.accountId, [id], question))
    return { probeId }
  },
})

/** What the worker found; null while none has answered. */
export const describeProbe = operation({
  action: 'freshet:ProbeCache',
  input: z.object({ probeId: z.string().regex(/^\d{1,18}$/) }),
  resources: (_, caller) => [freshetResource(caller.accountId, 'cache/*')],
  async run(caller, { probeId }): Promise<ProbeAnswer | null> {
    const answers = await readAnswers(caller.accountId, [probeId])
    return (answers.get(probeId) as ProbeAnswer | undefined) ?? null
  },
})

export type { ProbeAnswer }
