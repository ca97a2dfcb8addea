import { setTimeout as delay } from 'node:timers/promises'
import type { Question } from '#lib/core/question.ts'
import { transaction } from '#lib/store/client.ts'
import { insertQuestions, readAnswers } from '#lib/store/probes.ts'

/**
 * Asks caches something, through their workers.
 *
 * @param waits ms before each look for the answers
 * @returns answers by cache; none for a cache that was silent until the last look
 */
export async function askCaches(
  accountId: number,
  cacheIds: readonly number[],
  question: Question,
  waits: readonly number[],
): Promise<Map<number, unknown>> {
  if (cacheIds.length === 0) return new Map()
  const ids = await transaction((tx) => insertQuestions(tx, accountId, cacheIds, question))
  let answers = new Map<string, unknown>()
  for (const ms of waits) {
    await delay(ms)
    answers = await readAnswers(accountId, ids, question.is)
    if (answers.size === ids.length) break
  }
  return new Map(
    cacheIds.flatMap((cacheId, at) => {
      const id = ids[at] as string
      return answers.has(id) ? [[cacheId, answers.get(id)] as const] : []
    }),
  )
}
