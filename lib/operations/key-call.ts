import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import type { CallName } from '#lib/core/quota.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import type { ProvableKey } from '#lib/store/access-keys.ts'
import { type CallDone, type KeyHolder, takeCall, writeCalls } from '#lib/store/api-calls.ts'
import { writeRefusal } from '#lib/store/audit.ts'

// These run before there is a caller, so they are not operations.

/** Whose signature a call carries, and how it is found. */
export { type ProvableKey as SigningKey, readProvableKey as findKey } from '#lib/store/access-keys.ts'

/** What a call says of itself beside its parameters. */
export type CallOrigin = {
  nonce: string
  call: CallName
  address: string
  isSecure: boolean
  requestId: string
}

/**
 * Who calls with a key that has proved itself; uses up the nonce and one of the calls of this second.
 *
 * @throws Fault InvalidAccessKeyId.Inactive, Forbidden.SourceIp, SignatureNonceUsed, Throttling.User
 */
export async function callerOfKey(key: ProvableKey, origin: CallOrigin): Promise<Caller> {
  const { nonce, call, ...from } = origin
  const holder = await takeCall({ keyId: key.id, nonce, call, address: from.address })
  if (!holder) throw new Fault('InvalidAccessKeyId.NotFound')
  const { accountId, userId, id } = key
  const { name, role, policies } = holder
  const via = { is: 'key', id } as const
  const caller: Caller = { accountId, userId, name, role, policies, source: 'api', ...from, via }
  const refusal = refusalOf(holder, from.address)
  if (refusal) {
    const resources = [freshetResource(accountId, `key/${id}`)]
    // A program that goes on calling fills the audit log no faster than it may call.
    if (holder.isNew && holder.isTaken)
      await writeRefusal(caller, 'freshet:UseAccessKey', resources, {
        code: refusal.code,
        ...refusal.details,
      })
    throw refusal
  }
  if (!holder.isNew) throw new Fault('SignatureNonceUsed')
  if (!holder.isTaken) throw new Fault('Throttling.User', { call, limit: holder.perSecond })
  return caller
}

/** Told only to whoever has the secret. */
function refusalOf({ isActive, isExpired, isFrom }: KeyHolder, address: string): Fault | undefined {
  if (!isActive) return new Fault('InvalidAccessKeyId.Inactive', { reason: 'disabled' })
  if (isExpired) return new Fault('InvalidAccessKeyId.Inactive', { reason: 'expired' })
  return isFrom ? undefined : new Fault('Forbidden.SourceIp', { address })
}

/** Calls that are over and not written yet. */
const done: CallDone[] = []
const writeMs = 300
const mostDone = 10_000

/** When a refusal of a key was noted last, by key and code: one a second says as much as a thousand. */
const refused = new Map<string, number>()
const refusedMs = 1_000

/** Notes what a call came to, for the API page; written a moment later, many at once. */
export function noteCall(call: CallDone): void {
  if (done.length >= mostDone || (call.code !== '' && isNoted(call))) return
  done.push(call)
  if (done.length === 1) setTimeout(() => void writeDone(), writeMs).unref()
}

function isNoted({ keyId, code }: CallDone): boolean {
  const [name, now] = [`${keyId} ${code}`, performance.now()]
  if (now - (refused.get(name) ?? -refusedMs) < refusedMs) return true
  if (refused.size > mostDone) refused.clear()
  refused.set(name, now)
  return false
}

async function writeDone(): Promise<void> {
  await writeCalls(done.splice(0)).catch((error) => console.error('Calls could not be noted:', error))
}
