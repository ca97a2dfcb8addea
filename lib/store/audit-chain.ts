import { type AuditColumns, auditColumns, auditKey, chainStart, linkHash, macOf } from './audit-mac.ts'
import { Prisma, type Tx, transaction } from './client.ts'

/** Rows that are linked at once. */
const batch = 1_000

type Link = { accountId: number; number: number; auditId: string; hash: Uint8Array }
type Head = Pick<Link, 'number' | 'hash'>

/**
 * Links the rows of the audit log that have no link yet, each account's in the order of their numbers. A
 * row that became visible late is linked late. Of two that do this at once the later one fails as a whole.
 */
export async function sealAudit(): Promise<void> {
  while ((await transaction(sealBatch)) === batch) {}
}

async function sealBatch(tx: Tx): Promise<number> {
  const rows = await tx.$queryRaw<AuditColumns[]>`
    select ${Prisma.raw(auditColumns)}
    from audit_unsealed u join audit a on a.id = u.audit_id order by u.audit_id limit ${batch}`
  if (rows.length === 0) return 0
  const key = auditKey()
  const links: Link[] = []
  for (const [accountId, own] of Map.groupBy(rows, (row) => row.accountId))
    links.push(...linked(own, await readHead(tx, accountId, key), key))
  await writeLinks(tx, links)
  return rows.length
}

/** The last link of an account; where two go on from it, the keys of links let one of them. */
async function readHead(tx: Tx, accountId: number, key: Buffer): Promise<Head> {
  const [head] = await tx.$queryRaw<Head[]>`
    select number::float8 as number, hash from audit_head where account_id = ${accountId}`
  return head ?? { number: 0, hash: chainStart(accountId, key) }
}

function linked(rows: readonly AuditColumns[], head: Head, key: Buffer): Link[] {
  let { number, hash } = head
  return rows.map((row) => {
    number += 1
    hash = linkHash(hash, { number, auditId: row.id, mac: macOf(row, key) }, key)
    return { accountId: row.accountId, number, auditId: row.id, hash }
  })
}

async function writeLinks(tx: Tx, links: readonly Link[]): Promise<void> {
  const auditIds = links.map((link) => BigInt(link.auditId))
  await tx.$executeRaw`
    insert into audit_link (account_id, number, audit_id, hash)
    select account_id, number, audit_id, decode(hash, 'hex')
    from unnest(${links.map((link) => link.accountId)}::int[], ${links.map((link) => link.number)}::bigint[],
      ${auditIds}::bigint[], ${links.map((link) => Buffer.from(link.hash).toString('hex'))}::text[])
      as link(account_id, number, audit_id, hash)`
  const heads = [...new Map(links.map((link) => [link.accountId, link])).values()]
  for (const { accountId, number, hash } of heads) {
    await tx.$executeRaw`
      insert into audit_head (account_id, number, hash) values (${accountId}, ${number}, ${hash})
      on conflict (account_id) do update set number = excluded.number, hash = excluded.hash`
  }
  await tx.$executeRaw`delete from audit_unsealed where audit_id = any(${auditIds}::bigint[])`
}
