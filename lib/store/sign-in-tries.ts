import {
  addWrong,
  addWrongOfNetwork,
  forgottenAtMs,
  networkOf,
  secondsToWait,
  type Tries,
} from '#lib/core/sign-in-throttle.ts'
import { derivedKey } from '#lib/settings.ts'
import { db, Prisma, type Tx, transaction } from './client.ts'

/**
 * Whom somebody says to be, and from where. The account counts for nothing: `name` and `name@account` may be
 * one user, and to look whether they are would tell who is here by what is counted together.
 */
type Tryer = { name: string; address: string }

/** Seconds to wait: before this try, in which case it does not count, and after it if it is a wrong one. */
export type TakenTry = { before: number; after: number }

/**
 * Counts a try as a wrong one of the name and of the network until `takeBackTry` says otherwise, so that
 * tries at the same moment are all counted before any of them is answered.
 *
 * @param now for tests; the database's clock otherwise, for consoles on several machines count together
 */
export function takeTry(tryer: Tryer, now: Date | null): Promise<TakenTry> {
  return transaction(async (tx) => {
    const ofName = await lockTries(tx, nameKey(tryer), now)
    const ofNetwork = await lockTries(tx, networkKey(tryer), now)
    const { nowMs } = ofNetwork
    const wait = (...both: Tries[]) => Math.max(...both.map((tries) => secondsToWait(tries, nowMs)))
    const before = wait(ofName, ofNetwork)
    if (before > 0) return { before, after: before }
    const [name, network] = [addWrong(ofName, nowMs), addWrongOfNetwork(ofNetwork, nowMs)]
    await writeTries(tx, ofName.key, name)
    await writeTries(tx, ofNetwork.key, network)
    await dropForgotten(tx, nowMs)
    return { before, after: wait(name, network) }
  })
}

/** Takes a try back that was a right one, with the delay that it brought: every try but it is a wrong one. */
export async function takeBackTry(tryer: Tryer): Promise<void> {
  // One after the other, for two who hold one row each and wait for the other's would wait for ever.
  for (const key of [nameKey(tryer), networkKey(tryer)])
    await db().$executeRaw`
      update sign_in_try set wrong_at = wrong_at[:cardinality(wrong_at) - 1],
        delays = greatest(0, delays - (blocked_until > wrong_at[cardinality(wrong_at)])::int),
        blocked_until = least(blocked_until, wrong_at[cardinality(wrong_at)])
      where key = ${key}`
}

/**
 * Forgets the wrong tries with the name of somebody who has proved who they are; those of the network stay.
 * A name of two accounts is forgotten for neither: who may sign in as one of them could guess at the other.
 */
export async function forgetTries(tryer: Tryer): Promise<void> {
  await db().$executeRaw`
    delete from sign_in_try where key = ${nameKey(tryer)}
      and (select count(*) from "user" where lower(name) = lower(${tryer.name})) = 1`
}

/** Names are compared by lower(), as those of users are. */
const nameKey = ({ name, address }: Tryer) =>
  keyOf(Prisma.sql`lower(${name}) || chr(10) || ${networkOf(address)}`)

const networkKey = ({ address }: Tryer) => keyOf(Prisma.sql`${networkOf(address)}`)

function keyOf(text: Prisma.Sql): Prisma.Sql {
  const secret = new Uint8Array(derivedKey('sign-in tries'))
  return Prisma.sql`sha256(${secret}::bytea || convert_to(${text}, 'UTF8'))`
}

type Locked = Tries & { key: Uint8Array<ArrayBuffer>; nowMs: number }

async function lockTries(tx: Tx, key: Prisma.Sql, now: Date | null): Promise<Locked> {
  const [row] = await tx.$queryRaw<Locked[]>`
    insert into sign_in_try as t (key) values (${key}) on conflict (key) do update set key = excluded.key
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
