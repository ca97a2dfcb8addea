import { createHash } from 'node:crypto'
import { db, Prisma } from './client.ts'

/** A call of the API by a key that has proved itself. */
export type KeyCall = { accountId: number; keyId: string; nonce: string; call: string; perSecond: number }

/**
 * Takes the nonce of a call, and one of the calls that the account has left. Of several with the same nonce
 * one gets through, and a repeat uses up no call.
 */
export async function takeCall(given: KeyCall): Promise<'taken' | 'repeated' | 'throttled'> {
  const { accountId, keyId, nonce, call, perSecond } = given
  const hash = new Uint8Array(createHash('sha256').update(`${keyId}\n${nonce}`).digest())
  const now = Prisma.sql`clock_timestamp()`
  const left = Prisma.sql`
    least(${perSecond}::float8, r.tokens + greatest(0, extract(epoch from ${now} - r.at)) * ${perSecond}::float8)`
  const [row] = await db().$queryRaw<{ isNew: boolean; isTaken: boolean }[]>`
    with nonce as (
      insert into api_nonce (hash) values (${hash}) on conflict do nothing returning 1
    ), taken as (
      insert into api_rate as r (account_id, call, tokens, at)
      select ${accountId}, ${call}, ${perSecond}::float8 - 1, ${now} from nonce where ${perSecond}::float8 >= 1
      on conflict (account_id, call) do update set tokens = ${left} - 1, at = ${now} where ${left} >= 1
      returning 1
    )
    select exists(select from nonce) as "isNew", exists(select from taken) as "isTaken"`
  if (!row?.isNew) return 'repeated'
  return row.isTaken ? 'taken' : 'throttled'
}

/** Forgets nonces whose requests are refused for their time by now: 15 minutes early and 15 late. */
export async function dropOldNonces(): Promise<void> {
  await db().$executeRaw`delete from api_nonce where used_at < now() - interval '35 minutes'`
}

/** What a call came to, as the API page shows it. */
export type CallView = {
  at: string
  action: string
  status: number
  code: string
  tookMs: number
  requestId: string
  address: string
}

export type CallDone = CallView & { accountId: number; keyId: string }

/** Writes what calls came to, and when each key was used last. */
export async function writeCalls(calls: readonly CallDone[]): Promise<void> {
  const rows = JSON.stringify(calls)
  await db().$executeRaw`
    with done as (
      select * from jsonb_to_recordset(${rows}::jsonb) as d("accountId" int, "keyId" text, at timestamptz, action text,
        status int, code text, "tookMs" int, "requestId" text, address text)
    ), kept as (
      insert into api_call (account_id, key_id, at, action, status, code, took_ms, request_id, address)
      select "accountId", "keyId", at, action, status, code, "tookMs", "requestId", address
      from done join access_key k on k.id = "keyId" order by at
    )
    update access_key k set last_used_at = l.at, last_used_action = l.action, last_used_address = l.address
    from (select distinct on ("keyId") * from done order by "keyId", at desc) l
    where k.id = l."keyId" and (k.last_used_at is null or k.last_used_at <= l.at)`
}

/** The last calls of a key, the newest first. */
export async function readCalls(accountId: number, keyId: string, limit: number): Promise<CallView[]> {
  const rows = await db().$queryRaw<(Omit<CallView, 'at'> & { at: Date })[]>`
    select at, action, status, code, took_ms as "tookMs", request_id as "requestId", address
    from api_call where account_id = ${accountId} and key_id = ${keyId} order by id desc limit ${limit}`
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

/** Forgets calls but for the last of each key. */
export async function dropOldCalls(kept: number): Promise<void> {
  await db().$executeRaw`
    delete from api_call c using (
      select k.id as key_id, (select id from api_call where key_id = k.id order by id desc offset ${kept} limit 1) as last
      from access_key k
    ) o where c.key_id = o.key_id and c.id <= o.last`
}
