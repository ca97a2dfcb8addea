import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrate } from '#lib/store/migrate.ts'
import { startPostgres } from './postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A migrated database that every test file copies. */
    templateUrl: string
  }
}

const runs = path.resolve(import.meta.dirname, '../../.freshet/test')

/** Starts one Postgres for a run of Vitest, in a folder of its own, and migrates the template in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  removeDeadRuns()
  const folder = path.join(runs, String(process.pid))
  mkdirSync(folder, { recursive: true })
  const postgres = await startPostgres({ folder, durable: false })
  const templateUrl = postgres.url.replace(/[^/]+$/, 'template')
  await migrate(templateUrl)
  project.provide('templateUrl', templateUrl)
  return async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A run that was killed could not remove its folder. */
function removeDeadRuns() {
  if (!existsSync(runs)) return
  for (const pid of readdirSync(runs)) {
    if (!isAlive(Number(pid))) rmSync(path.join(runs, pid), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
