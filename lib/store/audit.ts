import type { Caller } from '#lib/core/caller.ts'
import { freshetResource } from '#lib/core/resource-name.ts'
import { type AuditColumns, auditKey, macOf, stampFormat } from './audit-mac.ts'
import { Prisma, prepared, type Tx, transaction } from './client.ts'

type Detail = Record<string, unknown>

/** What a row holds of resources: a refused submission may name thousands, and an index takes no long ones. */
const most = { resources: 100, length: 400 }

/**
 * Writes who did what, in the transaction of the effect: without the row there is none.
 *
 * @param detail what was done; `before` and `after` of a change, never with a secret
 */
export async function writeAudit(
  tx: Tx,
  caller: Caller,
  action: string,
  resources: readonly string[],
  detail: Detail = {},
): Promise<void> {
  await insert(tx, doneBy(caller, action, resources, detail))
}

/** The same as a part of the statement that has the effect. @param stamp read before, by `stampColumns` */
export function auditInsert(
  caller: Caller,
  action: string,
  resources: readonly string[],
  { detail, stamp }: { detail: Detail; stamp: Stamp },
): Prisma.Sql {
  return insertion(doneBy(caller, action, resources, detail), stamp)
}

const doneBy = (caller: Caller, action: string, resources: readonly string[], detail: Detail): Given => ({
  ...{ ...whoIs(caller), action, outcome: 'done' },
  ...named(resources, detail),
})

/** Writes that somebody was refused. A refusal stays one, and the same, also where it cannot be written. */
export async function writeRefusal(
  caller: Caller,
  action: string,
  resources: readonly string[],
  detail: Detail,
): Promise<void> {
  const row = { ...whoIs(caller), action, outcome: 'refused', ...named(resources, detail) }
  await transaction((tx) => insert(tx, row)).catch((error) =>
    console.error(`A refusal of ${action} to ${caller.name} could not be written into the audit log:`, error),
  )
}

/** Whose sign-in or sign-out it is, and where it came from. */
export type SignIn = {
  accountId: number
  userId: number
  name: string
  session: string | null
  address: string
  requestId?: string | undefined
}

/** Writes a sign-in, one that was refused because of `reason`, or a sign-out. */
export async function writeSignIn(
  tx: Tx,
  action: 'freshet:SignIn' | 'freshet:SignOut',
  { accountId, userId, name, session, address, requestId = '' }: SignIn,
  reason?: string,
): Promise<void> {
  const who = { accountId, userId, actor: name, address, source: 'console', requestId, decidedBy: null }
  const proof = { via: session === null ? null : 'session', viaId: session }
  const resources = [freshetResource(accountId, `user/${name}`)]
  const what =
    reason === undefined ? { outcome: 'done', detail: {} } : { outcome: 'refused', detail: { reason } }
  await insert(tx, { ...who, ...proof, action, resources, ...what })
}

/** Refused sign-ins that are not written yet. */
const refused: SignIn[] = []
const refusedMs = 300
const mostRefused = 10_000

/**
 * Writes a refused sign-in of a user there is, a moment later: written at once it would take time of those
 * tries alone, and tell that there is such a user. It stays refused also where that cannot be written.
 */
export function refuseSignIn(who: SignIn): void {
  if (refused.length >= mostRefused) return console.error('Too many refused sign-ins for the audit log.')
  refused.push(who)
  if (refused.length === 1) setTimeout(() => void writeRefused(), refusedMs).unref()
}

async function writeRefused(): Promise<void> {
  for (const who of refused.splice(0)) {
    await transaction((tx) => writeSignIn(tx, 'freshet:SignIn', who, 'password')).catch((error) =>
      console.error(`A refused sign-in of ${who.name} could not be written into the audit log:`, error),
    )
  }
}

/** The number and the time of a row. */
export type Stamp = { id: string; at: string }

export const stampColumns = Prisma.sql`nextval('audit_id_seq')::text as id,
  to_char(clock_timestamp() at time zone 'UTC', ${stampFormat}) as at`

async function readStamp(tx: Tx): Promise<Stamp> {
  const [stamp] = await tx.$queryRaw<Stamp[]>`${prepared} select ${stampColumns}`
  if (!stamp) throw new Error('no number for a row of the audit log')
  return stamp
}

type Given = Omit<AuditColumns, 'id' | 'at'>

function whoIs(caller: Caller): Omit<Given, 'action' | 'resources' | 'outcome' | 'detail'> {
  const { accountId, userId, name, address, source, via, requestId, decidedBy = null } = caller
  const proof = { via: via?.is ?? null, viaId: via?.id ?? null }
  return { accountId, userId, actor: name, address, source, ...proof, requestId, decidedBy }
}

function named(resources: readonly string[], detail: Detail): Pick<Given, 'resources' | 'detail'> {
  const more = resources.length - most.resources
  return {
    resources: resources.slice(0, most.resources).map((name) => name.slice(0, most.length)),
    detail: more > 0 ? { ...detail, moreResources: more } : detail,
  }
}

async function insert(tx: Tx, given: Given): Promise<void> {
  await tx.$executeRaw(insertion(given, await readStamp(tx)))
}

/** Adds a row with its MAC. Nothing is waited for: the worker links it to the others later. */
function insertion(given: Given, stamp: Stamp): Prisma.Sql {
  const row: AuditColumns = { ...storable(given), ...stamp }
  const mac = macOf(row, auditKey())
  return Prisma.sql`
    ${prepared} insert into audit (id, account_id, at, user_id, actor, address, source, via, via_id, request_id, action,
                       resources, outcome, detail, decided_by, mac)
    overriding system value
    values (${row.id}::bigint, ${row.accountId}, ${row.at}::timestamptz, ${row.userId}::int, ${row.actor},
            ${row.address}, ${row.source}, ${row.via}, ${row.viaId}, ${row.requestId}, ${row.action},
            ${row.resources}::text[], ${row.outcome}, ${JSON.stringify(row.detail)}::jsonb,
            ${row.decidedBy === null ? null : JSON.stringify(row.decidedBy)}::jsonb, ${mac})`
}

/** What is given as the database keeps it: it takes no null character and no half of a pair. */
function storable(given: Given): Given {
  const plain = (_: string, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '\uFFFD').toWellFormed() : value
  return JSON.parse(JSON.stringify(given), plain)
}
