import { z } from 'zod'
import { writeAudit } from '#lib/store/audit.ts'
import { transaction } from '#lib/store/client.ts'
import { insertQuestions, type ProbeAnswer, readAnswers } from '#lib/store/probes.ts'
import { operation } from './operation.ts'
import { cacheNumbered, cacheResource, requireCache } from './save-cache.ts'

/** Asks a worker to test a cache with a real purge of a probe object; the answer is read later. */
export const probeCache = operation({
  action: 'freshet:ProbeCache',
  input: z.object({ id: z.number().int() }),
  resources: ({ id }, caller) => cacheNumbered(caller, id),
  async run(caller, { id }): Promise<{ probeId: string }> {
    const cache = await requireCache(caller, id)
    const question = { is: 'probe' } as const
    return transaction(async (tx) => {
      const [probeId = ''] = await insertQuestions(tx, caller.accountId, [id], question)
      await writeAudit(tx, caller, 'freshet:ProbeCache', [cacheResource(caller, cache)])
      return { probeId }
    })
  },
})

/** What the worker found; null while none has answered. */
export const describeProbe = operation({
  action: 'freshet:ProbeCache',
  input: z.object({ probeId: z.string().regex(/^\d{1,18}$/) }),
  resources: () => 'anywhere',
  async run(caller, { probeId }): Promise<ProbeAnswer | null> {
    const answers = await readAnswers(caller.accountId, [probeId], 'probe')
    return (answers.get(probeId) as ProbeAnswer | undefined) ?? null
  },
})

export type { ProbeAnswer }
