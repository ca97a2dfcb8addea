import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { writeAudit } from '#lib/store/audit.ts'
import { sealAudit } from '#lib/store/audit-chain.ts'
import { type AuditColumns, auditKey, macOf } from '#lib/store/audit-mac.ts'
import { transaction } from '#lib/store/client.ts'
import { judge, median, tell } from './stand/numbers.ts'
import { type Stand, withStand } from './stand/stand.ts'

// What a row of the audit log costs the transaction that it stands in, and how long 100,000 of them take to
// be linked and to be verified.

const rounds = 400
const warmUps = 50
const rows = 100_000
const targets = { ratio: 3, verifySeconds: 10, heldMiB: 384 }

const detail = {
  before: { name: 'fra1', kind: 'edge', address: 'http://fra1:80', tier: 'edge', pop: 'Frankfurt' },
  after: { name: 'fra1', kind: 'edge', address: 'http://fra1:8080', tier: 'edge', pop: 'Frankfurt' },
}

await withStand(async (stand) => {
  const [without, withRow] = [[], []] as [number[], number[]]
  for (let round = 0; round < warmUps + rounds; round += 1) {
    without.push(await timeMs(() => transaction((tx) => tx.$executeRaw`update account set name = name`)))
    withRow.push(await timeMs(() => transaction((tx) => act(stand, tx))))
  }
  tell('a transaction', without.slice(warmUps))
  tell('the same with a row', withRow.slice(warmUps))
  await load(stand)
  const sealedMs = await timeMs(sealAudit)
  console.log(`${rows} rows linked in ${(sealedMs / 1000).toFixed(1)} s`)
  let held = 0
  const verifiedMs = await timeMs(async () => {
    held = await verify()
  })
  const ratio = median(withRow.slice(warmUps)) / median(without.slice(warmUps))
  judge('a transaction with a row / without', ratio, { atMost: targets.ratio })
  judge(`${rows} rows verified by the command, s`, verifiedMs / 1000, { atMost: targets.verifySeconds })
  judge('what it held, MiB', held / 2 ** 20, { atMost: targets.heldMiB })
})

async function act({ caller }: Stand, tx: Parameters<typeof writeAudit>[0]): Promise<void> {
  await tx.$executeRaw`update account set name = name`
  await writeAudit(tx, caller, 'freshet:SaveCache', ['acs:freshet:*:1:cache/fra1'], detail)
}

/** Adds rows as the product writes them, many in one statement. */
async function load({ databaseUrl, caller }: Stand): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const key = auditKey()
  const { rows: taken } = await client.query(`select nextval('audit_id_seq')::int as id
    from generate_series(1, ${rows})`)
  for (let from = 0; from < rows; from += 5_000) {
    const part = taken.slice(from, from + 5_000).map(({ id }) => rowOf(id, caller.accountId))
    const given = part.map((row) => ({ ...row, mac: `\\x${macOf(row, key).toString('hex')}` }))
    await client.query(
      `insert into audit (id, account_id, at, actor, address, source, request_id, action, resources, outcome, detail, mac)
       overriding system value select id, "accountId", at, actor, address, source, "requestId", action, resources,
         outcome, detail, mac
       from jsonb_to_recordset($1) as r(id bigint, "accountId" int, at timestamptz, actor text, address text,
         source text, "requestId" text, action text, resources text[], outcome text, detail jsonb, mac bytea)`,
      [JSON.stringify(given)],
    )
  }
  await client.query('analyze')
  await client.end()
}

function rowOf(id: number, accountId: number): AuditColumns {
  const at = new Date(Date.UTC(2026, 10, 1) + id * 1000).toISOString().replace('Z', '000Z')
  const who = {
    userId: null,
    actor: `user-${id % 50}`,
    address: '192.0.2.1',
    source: 'console',
    via: null,
    viaId: null,
  }
  const what = {
    action: 'freshet:SaveCache',
    resources: [`acs:freshet:*:1:cache/${id % 500}`],
    outcome: 'done',
  }
  return {
    id: String(id),
    accountId,
    at,
    ...who,
    requestId: `request-${id}`,
    ...what,
    detail,
    decidedBy: null,
  }
}

/** Runs `freshet audit verify` to its end; @returns the most memory that it held, bytes. */
async function verify(): Promise<number> {
  const child = spawn(process.execPath, ['lib/cli/main.ts', 'audit', 'verify'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  let most = 0
  const timer = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024)
  }, 20)
  const [code] = await once(child, 'exit')
  clearInterval(timer)
  if (code !== 0) throw new Error('the log is not whole')
  return most
}

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}
