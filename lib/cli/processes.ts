import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { guard } from '#lib/fleet/sentinel.ts'

/** A Node process of ours, in a group of its own, with its words in a log file. */
export type Service = {
  name: string
  log: string
  /** Resolves with how it ended, e.g. `exit code 1`. */
  ended: Promise<{ code: number | null; how: string }>
  end(signal: NodeJS.Signals): void
}

export type Launch = {
  name: string
  /** What follows `node`. */
  args: string[]
  logFolder: string
  env?: Record<string, string>
  patienceMs?: number
}

/** Starts a service that Ctrl-C in the terminal does not reach and that does not outlive this process. */
export function launch({ name, args, logFolder, env = {}, patienceMs = 1_500 }: Launch): Service {
  const log = path.join(logFolder, `${name.replaceAll(' ', '-')}.log`)
  const output = openLog(log)
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
  })
  const unguard = child.pid ? guard(-child.pid, 'TERM', patienceMs) : () => {}
  const ended = endOf(child)
  void ended.then(unguard)
  return { name, log, ended, end: (signal) => signalGroup(child, signal) }
}

function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true })
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return openSync(file, size > 10_000_000 ? 'w' : 'a', 0o600)
}

function endOf(child: ChildProcess): Service['ended'] {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, how: error.message }))
    child.once('exit', (code, signal) => resolve({ code, how: signal ?? `exit code ${code}` }))
  })
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals) {
  try {
    if (child.pid) process.kill(-child.pid, signal)
  } catch {
    // The whole group is gone already.
  }
}

/** Asks all at once, and ends by force what is still there after `patienceMs`. */
export async function endAll(services: Service[], patienceMs: number): Promise<void> {
  const ended = Promise.all(services.map((service) => service.ended))
  for (const service of services) service.end('SIGTERM')
  const force = setTimeout(() => {
    for (const service of services) service.end('SIGKILL')
  }, patienceMs)
  await ended
  clearTimeout(force)
}

/** The last lines of a log, for somebody who has to know why. */
export function lastLines(log: string, count = 20): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-count).join('\n')
}

/** Runs a Node program in this terminal, to its end, and returns its exit code. */
export async function runInForeground(args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  const unguard = child.pid ? guard(child.pid, 'TERM', 10_000) : () => {}
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const { code } = await endOf(child)
  unguard()
  return code ?? 1
}
