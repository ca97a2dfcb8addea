import { addWrong, forgottenAtMs, networkOf, secondsToWait, type Tries } from '#lib/core/sign-in-throttle.ts'
import { derivedKey } from '#lib/settings.ts'
import { db, Prisma, type Tx, transaction } from './client.ts'
import type { SignInName } from './users.ts'

/** Whom somebody says to be, and from where. */
export type Tryer = SignInName & { address: string }

/** Seconds to wait: before this try, in which case it does not count, and after it if it is a wrong one. */
export type TakenTry = { before: number; after: number }

/**
 * Counts a try as a wrong one until `forgetTries` says otherwise, so that tries at the same moment are
 * all counted before any of them is answered.
 *
 * @param now for tests; the database's clock otherwise, for consoles on several machines count together
 */
export function takeTry(tryer: Tryer, now: Date | null): Promise<TakenTry> {
  return transaction(async (tx) => {
    const { nowMs, key, ...tries } = await lockTries(tx, tryer, now)
    const before = secondsToWait(tries, nowMs)
    if (before > 0) return { before, after: before }
    const next = addWrong(tries, nowMs)
    await writeTries(tx, key, next)
    await dropForgotten(tx, nowMs)
    return { before, after: secondsToWait(next, nowMs) }
  })
}

/** Forgets the wrong tries of somebody who has proved who they are. */
export async function forgetTries(tryer: Tryer): Promise<void> {
  await db().$executeRaw`delete from sign_in_try where key = ${keyOf(tryer)}`
}

/** Names are compared by lower(), as those of users are. */
function keyOf({ name, account, address }: Tryer): Prisma.Sql {
  const secret = new Uint8Array(derivedKey('sign-in tries'))
  const text = Prisma.sql`lower(${name}) || chr(10) || lower(${account ?? ''}) || chr(10) || ${networkOf(address)}`
  return Prisma.sql`sha256(${secret}::bytea || convert_to(${text}, 'UTF8'))`
}

type Locked = Tries & { key: Uint8Array<ArrayBuffer>; nowMs: number }

async function lockTries(tx: Tx, tryer: Tryer, now: Date | null): Promise<Locked> {
  const [row] = await tx.$queryRaw<Locked[]>`
    insert into sign_in_try as t (key) values (${keyOf(tryer)}) on conflict (key) do update set key = excluded.key
    returning key, delays,
      array(select extract(epoch from at)::float8 * 1000 from unnest(wrong_at) at) as "wrongAtMs",
      extract(epoch from blocked_until)::float8 * 1000 as "blockedUntilMs",
      extract(epoch from coalesce(${now}::timestamptz, clock_timestamp()))::float8 * 1000 as "nowMs"`
  if (!row) throw new Error('no row of tries')
  return row
}

async function writeTries(tx: Tx, key: Uint8Array<ArrayBuffer>, tries: Tries): Promise<void> {
  const moment = (ms: number) => (Number.isFinite(ms) ? new Date(ms) : null)
  await tx.$executeRaw`
    update sign_in_try set wrong_at = ${tries.wrongAtMs.map((ms) => new Date(ms))}::timestamptz[], delays = ${tries.delays},
      blocked_until = coalesce(${moment(tries.blockedUntilMs)}::timestamptz, '-infinity'),
      forgotten_at = ${moment(forgottenAtMs(tries))}::timestamptz
    where key = ${key}`
}

/** Two who clean up at once leave each other's rows alone, and a row that is tried just now too. */
async function dropForgotten(tx: Tx, nowMs: number): Promise<void> {
  await tx.$executeRaw`
    delete from sign_in_try where key in (
      select key from sign_in_try where forgotten_at <= ${new Date(nowMs)}::timestamptz limit 100 for update skip locked)`
}
