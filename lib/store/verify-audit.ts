import pg from 'pg'
import { type AuditColumns, auditColumns, auditKey, chainStart, linkHash, macOf } from './audit-mac.ts'
import { explain } from './migrate.ts'

/** Rows that are looked at at once: what a verification holds in memory. */
const batch = 500

/** How the audit log of one account is. */
export type AuditState = {
  accountId: number
  rows: number
  /** Of these, how many the worker has not linked yet. */
  unsealed: number
  /** The last link, to be kept where nobody can reach it who can reach the database. */
  head: AuditHead
  /** The first row that somebody bent; null where none is. */
  bent: Bent | null
}

/** A link by its number, and its hash in hexadecimal digits. */
export type AuditHead = { number: number; hash: string }

/** Which row, at which place of the chain, and what is wrong there. */
export type Bent = {
  is: 'changed' | 'removed' | 'unsigned' | 'moved' | 'gap' | 'cut-off'
  auditId: string | null
  number: number | null
}

/**
 * Holds every row of the audit log, every link between them and every head against the key.
 *
 * @param heads links that were kept elsewhere
 * @returns each account's state, and those of `heads` that are in no account's chain
 * @throws Error in one sentence where the database cannot be read
 */
export async function verifyAudit(
  connectionString: string,
  heads: readonly AuditHead[] = [],
): Promise<{ accounts: AuditState[]; missing: AuditHead[] }> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 })
  await client.connect().catch((error) => {
    throw explain(error, connectionString)
  })
  try {
    // One picture, so that what is added meanwhile looks like no fault.
    await client.query('begin isolation level repeatable read read only')
    // All rows of a cursor are wanted, not the first of them soon.
    await client.query('set local cursor_tuple_fraction = 1')
    const accounts: AuditState[] = []
    for (const accountId of await readAccounts(client))
      accounts.push(await new Verification(client, accountId).run())
    return { accounts, missing: await findMissing(client, heads) }
  } finally {
    await client.end()
  }
}

async function readAccounts(client: pg.Client): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(`
    select account_id as id from audit union select account_id from audit_link
    union select account_id from audit_head union select account_id from audit_unsealed order by id`)
  return rows.map((row) => row.id)
}

async function findMissing(client: pg.Client, heads: readonly AuditHead[]): Promise<AuditHead[]> {
  const missing: AuditHead[] = []
  for (const head of heads) {
    const { rowCount } = await client.query('select from audit_link where number = $1 and hash = $2', [
      head.number,
      Buffer.from(head.hash, 'hex'),
    ])
    if (rowCount === 0) missing.push(head)
  }
  return missing
}

type Row = AuditColumns & { mac: Buffer | null }
type LinkedRow = (Row | { id: null }) & { number: number; auditId: string; hash: Buffer }

/** One account's links in their order, then its rows that have none. */
class Verification {
  readonly #client: pg.Client
  readonly #accountId: number
  readonly #key = auditKey()
  #last: { number: number; hash: Buffer }
  /** Rows from before there were MACs stand in front of all others. */
  #mayLackMac = true
  #unsealed = 0

  constructor(client: pg.Client, accountId: number) {
    this.#client = client
    this.#accountId = accountId
    this.#last = { number: 0, hash: chainStart(accountId, this.#key) }
  }

  async run(): Promise<AuditState> {
    const bent = (await this.#checkLinks()) ?? (await this.#checkHead()) ?? (await this.#checkUnsealed())
    const { number, hash } = this.#last
    return {
      accountId: this.#accountId,
      rows: number + this.#unsealed,
      unsealed: this.#unsealed,
      head: { number, hash: hash.toString('hex') },
      bent,
    }
  }

  async #checkLinks(): Promise<Bent | null> {
    const links = this.#read<LinkedRow>(`
      select l.number::float8 as number, l.audit_id::text as "auditId", l.hash, a.mac, ${auditColumns}
      from audit_link l left join audit a on a.id = l.audit_id
      where l.account_id = ${this.#accountId} order by l.number`)
    for await (const row of links) {
      const is = this.#faultOf(row)
      if (is === 'gap') return { is, auditId: null, number: this.#last.number + 1 }
      if (is) return { is, auditId: row.auditId, number: row.number }
    }
    return null
  }

  /** What is wrong with a row at its place; where nothing is, the chain goes on from it. */
  #faultOf(row: LinkedRow): Bent['is'] | undefined {
    if (row.number !== this.#last.number + 1) return 'gap'
    if (row.id === null) return 'removed'
    const mac = macOf(row, this.#key)
    const fault = this.#faultOfMac(row, mac)
    if (fault) return fault
    const hash = linkHash(this.#last.hash, { number: row.number, auditId: row.auditId, mac }, this.#key)
    if (!hash.equals(row.hash)) return row.mac === null ? 'changed' : 'moved'
    this.#last = { number: row.number, hash }
    return undefined
  }

  #faultOfMac(row: Row, mac: Buffer): Bent['is'] | undefined {
    if (row.mac === null) return this.#mayLackMac ? undefined : 'unsigned'
    this.#mayLackMac = false
    return mac.equals(row.mac) ? undefined : 'changed'
  }

  /** The head says how long the chain was: links that were taken off its end leave no gap. */
  async #checkHead(): Promise<Bent | null> {
    const { rows } = await this.#client.query<{ number: number; hash: Buffer }>(
      'select number::float8 as number, hash from audit_head where account_id = $1',
      [this.#accountId],
    )
    const head = rows[0] ?? { number: 0, hash: chainStart(this.#accountId, this.#key) }
    if (head.number === this.#last.number && head.hash.equals(this.#last.hash)) return null
    return { is: 'cut-off', auditId: null, number: Math.min(head.number, this.#last.number) + 1 }
  }

  async #checkUnsealed(): Promise<Bent | null> {
    const waiting = this.#read<(Row | { id: null }) & { auditId: string }>(`
      select w.id::text as "auditId", a.mac, ${auditColumns}
      from (select audit_id as id from audit_unsealed where account_id = ${this.#accountId}
            union select id from audit x where account_id = ${this.#accountId}
              and not exists (select from audit_link l where l.audit_id = x.id)) w
      left join audit a on a.id = w.id order by w.id`)
    for await (const row of waiting) {
      if (row.id === null) return { is: 'removed', auditId: row.auditId, number: null }
      const is = this.#faultOfMac(row, macOf(row, this.#key))
      if (is) return { is, auditId: row.auditId, number: null }
      this.#unsealed += 1
    }
    return null
  }

  /** The rows of a query, a few hundred in memory at a time. */
  async *#read<Row>(query: string): AsyncGenerator<Row> {
    await this.#client.query(`declare audit_rows no scroll cursor for ${query}`)
    try {
      for (;;) {
        const { rows } = await this.#client.query(`fetch ${batch} from audit_rows`)
        yield* rows
        if (rows.length < batch) return
      }
    } finally {
      await this.#client.query('close audit_rows')
    }
  }
}
