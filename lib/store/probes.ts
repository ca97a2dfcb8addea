import { type Question, questionSchema } from '#lib/core/question.ts'
import { wakeWorkers } from './caches.ts'
import { db, type Tx } from './client.ts'

/** What a worker found when it was asked to test a cache. */
export type ProbeAnswer = { ok: boolean; proved: string[]; cause?: string; detail: string; ms: number }

/** Asks the workers something about caches. @returns the numbers of the questions, in the order of the caches */
export async function insertQuestions(
  tx: Tx,
  accountId: number,
  cacheIds: readonly number[],
  question: Question,
): Promise<string[]> {
  const data = cacheIds.map((cacheId) => ({ accountId, cacheId, question }))
  const asked = await tx.probe.createManyAndReturn({ data, select: { id: true, cacheId: true } })
  await wakeWorkers(tx)
  const ids = new Map(asked.map(({ id, cacheId }) => [cacheId, String(id)]))
  return cacheIds.map((cacheId) => ids.get(cacheId) as string)
}

/** The answers to questions of an account that were given, by the question's number. */
export async function readAnswers(
  accountId: number,
  ids: readonly string[],
  kind: Question['is'],
): Promise<Map<string, unknown>> {
  const rows = await db().probe.findMany({
    where: {
      id: { in: ids.map(BigInt) },
      accountId,
      answeredAt: { not: null },
      question: { path: ['is'], equals: kind },
    },
    select: { id: true, result: true },
  })
  return new Map(rows.map((row) => [String(row.id), row.result]))
}

/** Questions that wait for an answer, oldest first; those of the last minute only. */
export async function readOpenQuestions(): Promise<{ id: bigint; cacheId: number; question: Question }[]> {
  const rows = await db().$queryRaw<{ id: bigint; cacheId: number; question: unknown }[]>`
    select id, cache_id as "cacheId", question from probe
    where answered_at is null and asked_at > now() - interval '1 minute' order by id`
  return rows.map((row) => ({ ...row, question: questionSchema.parse(row.question) }))
}

/** Answers a question. */
export async function answerQuestion(id: bigint, result: unknown): Promise<void> {
  await db().$executeRaw`
    update probe set result = ${JSON.stringify(result)}::jsonb, answered_at = now() where id = ${id}`
}

/** Forgets questions of an earlier day. */
export async function dropOldQuestions(): Promise<void> {
  await db().$executeRaw`delete from probe where asked_at < now() - interval '1 day'`
}
