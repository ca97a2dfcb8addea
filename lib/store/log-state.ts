import { db } from './client.ts'

/** The newest number that is visible in the log; every lower one is visible too. */
export async function newestSeq(): Promise<number> {
  const [row] = await db().$queryRaw<{ seq: number }[]>`select coalesce(max(seq), 0)::float8 as seq from log`
  return row?.seq ?? 0
}
