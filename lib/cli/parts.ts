import path from 'node:path'
import { settings } from '#lib/settings.ts'
import { migrate } from '#lib/store/migrate.ts'
import { build, generate } from './build.ts'
import { requireFreePort } from './port.ts'
import { runInForeground } from './processes.ts'

/** The console alone, for a deployment where every part has a machine or a supervisor of its own. */
export async function runConsole(): Promise<void> {
  const { databaseUrl, host, port, stateFolder } = settings()
  await requireFreePort(host, port, 0)
  await migrate(databaseUrl)
  tellAuditGuard()
  await build(path.join(stateFolder, 'logs'))
  process.exitCode = await runInForeground(['app/server.ts'], consoleEnvironment)
}

/** Says how far the audit log is safe in a database that is not ours. */
export function tellAuditGuard(): void {
  console.log(
    'The audit log is guarded by a trigger only, for the role in DATABASE_URL owns its tables; “freshet audit verify” finds what was changed past it.',
  )
}

/** React and Next read which of their builds to be. */
export const consoleEnvironment = { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }

/** One more worker; any number may run against one database. */
export async function runWorker(): Promise<void> {
  const { databaseUrl, stateFolder } = settings()
  await migrate(databaseUrl)
  await generate(path.join(stateFolder, 'logs'))
  await import('#lib/worker/main.ts')
}

/** One built-in edge, configured by its arguments. */
export async function runEdge(args: string[]): Promise<void> {
  process.exitCode = await runInForeground(['lib/edge/main.ts', ...args])
}
