import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Who holds a state folder. `since` tells a process from a later one with the same pid. */
type Holder = { pid: number; since: string; address: string }

/**
 * Makes this process the only start on a state folder, until it ends.
 *
 * @returns whether another one had been killed before, and may still be ending
 * @throws Error in one sentence while another one runs
 */
export function takeLock(folder: string, address: string): boolean {
  const file = path.join(folder, 'start.lock')
  const holder = readHolder(file)
  if (holder && isAlive(holder)) {
    throw new Error(
      `Freshet already runs here, at ${holder.address} (process ${holder.pid}): stop it first, ` +
        'or give this one another FRESHET_STATE and PORT.',
    )
  }
  rmSync(file, { force: true })
  const mine: Holder = { pid: process.pid, since: startOf(process.pid), address }
  writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o600 })
  process.on('exit', () => rmSync(file, { force: true }))
  return holder !== undefined
}

/** Whether a start holds the folder now. */
export function isLocked(folder: string): boolean {
  const holder = readHolder(path.join(folder, 'start.lock'))
  return holder !== undefined && isAlive(holder)
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive({ pid, since }: Holder): boolean {
  return startOf(pid) === since
}

/** When a process started, in the system's own words; empty when there is none. */
function startOf(pid: number): string {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)]).toString()
    // The name in brackets may hold blanks; the start is the 20th field after it (proc(5), stat).
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
