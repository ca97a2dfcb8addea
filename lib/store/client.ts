import { createHash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { settings } from '#lib/settings.ts'
import { Prisma, PrismaClient } from './generated/client.ts'

export { Prisma }

/** A connection inside a transaction; what every writing function of this room takes. */
export type Tx = Prisma.TransactionClient

/**
 * Begins a query that is asked with every submission, so that a connection plans it once: to plan one anew took
 * longer than to run it. Not for those whose best plan depends on what is asked for.
 */
export const prepared = Prisma.raw('/* prepared */')

/** A name for such a query, the same for the same text. */
function statementName({ sql }: { sql: string }): string {
  return sql.includes(prepared.sql) ? createHash('sha256').update(sql).digest('base64url') : ''
}

// Next may load this module once per bundle, and each copy would open a pool of its own.
const held = globalThis as { freshetDb?: PrismaClient | undefined }

/** The database of this process, opened at the first use. */
export function db(): PrismaClient {
  held.freshetDb ??= new PrismaClient({
    adapter: new PrismaPg(
      {
        connectionString: settings().databaseUrl,
        max: 10,
        connectionTimeoutMillis: 5000,
        // One bad search must not hold the pool, and a paused client must not hold a lock.
        // Compiling a query takes longer than any of ours does.
        options: '-c statement_timeout=10000 -c idle_in_transaction_session_timeout=5000 -c jit=off',
      },
      { statementNameGenerator: statementName },
    ),
  })
  return held.freshetDb
}

/** Closes the pool; the next use opens a new one. */
export async function closeStore(): Promise<void> {
  const open = held.freshetDb
  held.freshetDb = undefined
  await open?.$disconnect()
}

/** Runs `work` in one transaction: all of it is kept, or nothing. */
export function transaction<T>(work: (tx: Tx) => Promise<T>, timeoutMs = 15_000): Promise<T> {
  return db().$transaction(work, { maxWait: 5000, timeout: timeoutMs })
}
