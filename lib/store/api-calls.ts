import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { AttachedPolicy } from '#lib/core/policy.ts'
import { type CallName, defaultLimits } from '#lib/core/quota.ts'
import { db, Prisma, prepared } from './client.ts'
import { type AttachedRow, attachedPolicies, attachedRows } from './policies.ts'

/** A call of the API by a key that has proved itself. */
export type KeyCall = {
  keyId: string
  nonce: string
  call: CallName
  /** From where; what is no address is in no network. */
  address: string
}

/** Who a key stands for, whether it may be used there and now, and whether this call gets through. */
export type KeyHolder = {
  name: string
  role: 'owner' | 'user'
  policies: AttachedPolicy[]
  /** The user is there, and the key enabled. */
  isActive: boolean
  isExpired: boolean
  isFrom: boolean
  /** Calls of this kind that the account has in a second. */
  perSecond: number
  isNew: boolean
  isTaken: boolean
}

/**
 * Reads who a key stands for and takes the nonce of a call, and one of the calls that the account has left. Of
 * several with the same nonce one gets through, and a repeat takes no call.
 */
export async function takeCall({ keyId, nonce, call, address }: KeyCall): Promise<KeyHolder | null> {
  const hash = new Uint8Array(createHash('sha256').update(`${keyId}\n${nonce}`).digest())
  const now = Prisma.sql`clock_timestamp()`
  // What a new row would have left is a call less than the pace.
  const left = Prisma.sql`
    least(excluded.tokens + 1, r.tokens + greatest(0, extract(epoch from ${now} - r.at)) * (excluded.tokens + 1))`
  const [row] = await db().$queryRaw<(Omit<KeyHolder, 'policies'> & { policies: AttachedRow[] })[]>`
    ${prepared} with holder as materialized (
      select u.name, u.role, k.account_id, ${attachedRows} as policies,
        k.enabled and u.disabled_at is null as active, coalesce(k.expires_at <= now(), false) as expired,
        k.networks = '{}' or coalesce(${isIP(address) ? address : null}::inet <<= any(k.networks), false) as is_from,
        coalesce((a.limits->'callsPerSecond'->>${call})::float8, ${defaultLimits.callsPerSecond[call]}::float8) as pace
      from access_key k join "user" u on u.id = k.user_id join account a on a.id = k.account_id where k.id = ${keyId}
    ), quick as materialized (
      -- Nonces of the last moments may be lost with the server; to wait for the disk would take as long as a purge.
      select set_config('synchronous_commit', 'off', true)
    ), nonce as (
      insert into api_nonce (hash) select ${hash}::bytea from holder
      on conflict do nothing returning 1
    ), taken as (
      insert into api_rate as r (account_id, call, tokens, at)
      select account_id, ${call}, pace - 1, ${now} from holder, nonce where pace >= 1
      on conflict (account_id, call) do update set tokens = ${left} - 1, at = ${now}
      where ${left} >= 1
      returning 1
    )
    select name, role, policies, active as "isActive", expired as "isExpired", is_from as "isFrom", pace as "perSecond",
      exists(select from nonce) as "isNew", exists(select from taken) as "isTaken"
    from holder, quick`
  return row ? { ...row, policies: await attachedPolicies(row.policies) } : null
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

/**
 * Writes what calls came to, and when each key was used last; by another secret it was not. Of a program that waits
 * for a task only refusals are kept: it asks each second, and nothing else would be left.
 */
export async function writeCalls(calls: readonly CallDone[]): Promise<void> {
  const rows = JSON.stringify(calls)
  await db().$executeRaw`
    with done as (
      select * from jsonb_to_recordset(${rows}::jsonb) as d("accountId" int, "keyId" text, at timestamptz, action text,
        status int, code text, "tookMs" int, "requestId" text, address text)
    ), kept as (
      insert into api_call (account_id, key_id, at, action, status, code, took_ms, request_id, address)
      select "accountId", "keyId", at, action, status, code, "tookMs", "requestId", address
      from done join access_key k on k.id = "keyId" where action <> 'DescribeTaskProgress' or code <> '' order by at
    )
    update access_key k set last_used_at = l.at, last_used_action = l.action, last_used_address = l.address
    from (
      select distinct on ("keyId") * from done where code <> 'SignatureDoesNotMatch' order by "keyId", at desc
    ) l
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
