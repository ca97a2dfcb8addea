import path from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '#lib/fleet/postgres.ts'
import { extendEnvironment, startSettings } from '#lib/settings.ts'
import { type AuditHead, type AuditState, type Bent, verifyAudit } from '#lib/store/verify-audit.ts'

/**
 * Verifies the audit log, prints each account's head, and names the first row that somebody bent; the exit
 * code is then 1.
 *
 * @throws Error in one sentence where an option does not fit
 */
export async function verify(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { expect: { type: 'string', multiple: true } } })
  const heads = (values.expect ?? []).map(readHead)
  const { databaseUrl, stateFolder } = startSettings()
  // Beside a running start this is its server, and stays up.
  const own = databaseUrl ? undefined : await startPostgres({ folder: path.join(stateFolder, 'postgres') })
  const url = databaseUrl ?? (own?.url as string)
  extendEnvironment({ DATABASE_URL: url })
  try {
    const { accounts, missing } = await verifyAudit(url, heads)
    for (const line of [...accounts.map(sentence), ...missing.map(missingSentence)]) console.log(line)
    if (accounts.length === 0) console.log('The audit log is empty.')
    if (missing.length > 0 || accounts.some(({ bent }) => bent)) process.exitCode = 1
  } finally {
    await own?.stop()
  }
}

function readHead(given: string): AuditHead {
  const [, number, hash] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(given) ?? []
  if (!number || !hash)
    throw new Error(`--expect is “${given}”. Write a head as it was printed, NUMBER:HASH.`)
  return { number: Number(number), hash: hash.toLowerCase() }
}

function sentence({ accountId, rows, unsealed, head, bent }: AuditState): string {
  if (bent) return `account ${accountId}: ${placeOf(bent)} ${faults[bent.is]}.`
  const waiting = unsealed > 0 ? `, ${unsealed} of them not sealed yet` : ''
  return `account ${accountId}: ${rows} rows${waiting}, head ${head.number}:${head.hash}`
}

function placeOf({ auditId, number }: Bent): string {
  const place = number === null ? 'not sealed yet' : `number ${number} of the chain`
  return auditId === null ? `the chain at number ${number}` : `row ${auditId} (${place})`
}

const faults: Record<Bent['is'], string> = {
  changed: 'was changed after it was written, or written without the secret key',
  removed: 'is missing: somebody removed it',
  unsigned: 'has no MAC: somebody added it past Freshet',
  moved: 'does not follow the one before it: links were changed, added or put in another order',
  gap: 'has a gap: links were removed',
  'cut-off': 'does not end where its head says: links were removed from its end, or the head was changed',
}

function missingSentence({ number, hash }: AuditHead): string {
  return `no account has the head ${number}:${hash}: the chain was cut off before it, or made anew`
}
