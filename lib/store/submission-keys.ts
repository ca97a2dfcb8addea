import { db, prepared, type Tx } from './client.ts'

/** One try of a caller to do one thing; `bodyHash` tells a repeat from a misuse. */
export type SubmissionKey = {
  accountId: number
  caller: string
  action: string
  key: string
  bodyHash: Buffer
}

/**
 * Takes an idempotency key, first in the accepting transaction: a concurrent double waits here
 * until the first one has committed, and then reads its answer.
 *
 * @returns `new`, the earlier answer, or `mismatch` when the key came with another body
 */
export async function takeSubmissionKey(
  tx: Tx,
  key: SubmissionKey,
): Promise<{ is: 'new' } | { is: 'repeat'; answer: unknown } | { is: 'mismatch' }> {
  const taken = await tx.$executeRaw`
    ${prepared} insert into submission_key (account_id, caller, action, key, body_hash)
    values (${key.accountId}, ${key.caller}, ${key.action}, ${key.key}, ${key.bodyHash})
    on conflict do nothing`
  if (taken === 1) return { is: 'new' }
  const answer = await readAnswer(key, tx)
  return answer === undefined ? { is: 'mismatch' } : { is: 'repeat', answer }
}

/** What the same submission was answered before; undefined where there was none. */
export async function readAnswer(key: SubmissionKey, client: Tx = db()): Promise<unknown> {
  const [earlier] = await client.$queryRaw<{ answer: unknown }[]>`
    ${prepared} select answer from submission_key
    where account_id = ${key.accountId} and caller = ${key.caller} and action = ${key.action} and key = ${key.key}
      and body_hash = ${key.bodyHash}`
  return earlier?.answer
}

/** Keeps what a submission was answered, for its repeats of the next 48 hours. */
export async function keepAnswer(tx: Tx, key: SubmissionKey, answer: unknown): Promise<void> {
  await tx.$executeRaw`
    ${prepared} update submission_key set answer = ${JSON.stringify(answer)}::jsonb
    where account_id = ${key.accountId} and caller = ${key.caller} and action = ${key.action} and key = ${key.key}`
}

/** Forgets keys that are older than their 48 hours. */
export async function dropOldSubmissionKeys(tx: Tx): Promise<void> {
  await tx.$executeRaw`delete from submission_key where expires_at < now()`
}
