import { execFileSync, type SpawnOptions } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import path from 'node:path'

/** How to run a Postgres program as somebody it accepts: what goes before it, and the ids to run with. */
export type PostgresUser = { prefix: string[]; ids: Pick<SpawnOptions, 'uid' | 'gid'> }

/**
 * Who Postgres runs as: it refuses root, so root becomes nobody special in a user namespace of its own.
 * Files stay root's there and need no chown. Many containers refuse namespaces; then a real user does it.
 */
export function choosePostgresUser(): PostgresUser {
  if (process.getuid?.() !== 0) return { prefix: [], ids: {} }
  const prefix = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--']
  try {
    execFileSync(prefix[0] as string, [...prefix.slice(1), 'true'], { stdio: 'ignore' })
    return { prefix, ids: {} }
  } catch {
    return { prefix: [], ids: systemUser() }
  }
}

/** The ids of the user `postgres`, else those of `nobody`. */
function systemUser() {
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n')
  const [, , uid, gid] = entries.find((entry) => entry.startsWith('postgres:'))?.split(':') ?? []
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) }
}

/** Gives the folder and what is in it to the user that Postgres will run as. */
export async function handOver(folder: string, { ids }: PostgresUser): Promise<void> {
  if (ids.uid === undefined || ids.gid === undefined) return
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const entry of ['.', ...entries]) await chown(path.join(folder, entry), ids.uid, ids.gid)
  chmodSync(folder, 0o700)
}
