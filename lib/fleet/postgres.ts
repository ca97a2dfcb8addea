import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { findPostgresBinaries } from './postgres-binaries.ts'
import { choosePostgresUser, handOver, type PostgresUser } from './postgres-user.ts'
import { guard } from './sentinel.ts'

export type PostgresOptions = {
  /** Where data, password and log live; made when missing. */
  folder: string
  /** Default: a free one. */
  port?: number
  /** False trades safety after a power cut for speed: tests only. */
  durable?: boolean
}

export type RunningPostgres = {
  url: string
  pid: number
  /** Fast shutdown, at once after `patienceMs`; does nothing to a server that somebody else had started. */
  stop(patienceMs?: number): Promise<void>
}

const user = 'freshet'
const database = 'freshet'

/**
 * Starts the Postgres that came with npm, or joins the one that already runs on this folder.
 *
 * It listens on loopback only, with a random password, and never outlives the process that started it.
 *
 * @throws Error in one sentence that names the log
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const place = placeIn(options.folder)
  const running = await joinRunning(place)
  if (running) return running
  const runAs = choosePostgresUser()
  const binaries = findPostgresBinaries()
  await prepare(place, binaries, runAs)
  const port = options.port ?? (await freePort())
  const child = launch(place, binaries, runAs, port, options.durable ?? true)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await ready(place, child)
  const pid = child.pid as number
  const unguard = guard(pid, 'INT', 10_000)
  void exited.then(unguard)
  return { url: urlOf(place, port), pid, stop: (patienceMs = 5_000) => stop(child, exited, patienceMs) }
}

type Place = { folder: string; data: string; password: string; log: string; pidFile: string }

function placeIn(folder: string): Place {
  const inside = (name: string) => path.join(folder, name)
  return {
    folder,
    data: inside('data'),
    password: inside('password'),
    log: inside('postgres.log'),
    pidFile: inside('data/postmaster.pid'),
  }
}

function urlOf(place: Place, port: number): string {
  const password = readFileSync(place.password, 'utf8').trim()
  return `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`
}

/** Makes the cluster, in a second folder first, so that half of one is never taken for a whole. */
async function prepare(place: Place, binaries: string, runAs: PostgresUser) {
  if (existsSync(path.join(place.data, 'PG_VERSION'))) return handOver(place.folder, runAs)
  mkdirSync(place.folder, { recursive: true, mode: 0o700 })
  const draft = `${place.data}.new`
  rmSync(draft, { recursive: true, force: true })
  writeFileSync(place.password, randomBytes(24).toString('base64url'), { mode: 0o600 })
  await handOver(place.folder, runAs)
  const options = ['-D', draft, '-U', user, '-A', 'scram-sha-256', '--pwfile', place.password]
  const command = [
    ...runAs.prefix,
    path.join(binaries, 'initdb'),
    ...options,
    '-E',
    'UTF8',
    '--no-locale',
    '-N',
  ]
  try {
    await promisify(execFile)(command[0] as string, command.slice(1), { ...runAs.ids, cwd: place.folder })
    renameSync(draft, place.data)
  } catch (error) {
    const reason = ((error as { stderr?: string }).stderr || String(error)).trim().split('\n').at(-1)
    throw new Error(`Postgres could not make its data folder ${place.data}: ${reason}${hint(runAs)}`)
  }
}

function hint({ ids }: PostgresUser): string {
  if (ids.uid === undefined) return ''
  return ` (as root it runs as user ${ids.uid}, who must be able to enter this folder and the one of Freshet)`
}

const relaxed = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

function launch(place: Place, binaries: string, runAs: PostgresUser, port: number, durable: boolean) {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'timezone=UTC',
    'log_timezone=UTC',
  ]
  if (!durable) settings.push(...relaxed, 'max_connections=300')
  const options = ['-D', place.data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const command = [...runAs.prefix, path.join(binaries, 'postgres'), ...options]
  const log = openSync(place.log, isLarge(place.log) ? 'w' : 'a', 0o600)
  // Detached, so that Ctrl-C in the terminal does not stop it before those who still write to it.
  const child = spawn(command[0] as string, command.slice(1), {
    ...runAs.ids,
    cwd: place.folder,
    detached: true,
    stdio: ['ignore', log, log],
  })
  child.unref()
  return child
}

function isLarge(file: string): boolean {
  return existsSync(file) && statSync(file).size > 5_000_000
}

/** A file left by a crash says `ready` too, with the old port: only one with our child's pid counts. */
async function ready(place: Place, child: ChildProcess) {
  let failed = false
  child.once('exit', () => (failed = true)).once('error', () => (failed = true))
  for (;;) {
    const file = readPidFile(place)
    if (file?.ready && file.pid === child.pid) return
    if (failed) throw new Error(`Postgres did not start: ${lastFatal(place)} (its log is ${place.log})`)
    await delay(10)
  }
}

function lastFatal(place: Place): string {
  const lines = readFileSync(place.log, 'utf8').trim().split('\n')
  return lines.findLast((line) => line.includes('FATAL')) ?? lines.at(-1) ?? 'no reason given'
}

function readPidFile(place: Place) {
  try {
    const lines = readFileSync(place.pidFile, 'utf8').split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
  } catch {
    return undefined
  }
}

/** The server on this folder, once it is up; a file that a crash left behind is removed. */
async function joinRunning(place: Place): Promise<RunningPostgres | undefined> {
  for (;;) {
    const file = readPidFile(place)
    if (!file) return undefined
    if (!isPostgres(file.pid, place)) {
      // Postgres refuses to start when another program has the pid of the file by now.
      rmSync(place.pidFile, { force: true })
      return undefined
    }
    const url = urlOf(place, file.port)
    if (file.ready && (await answers(url))) return { url, pid: file.pid, stop: async () => {} }
    await delay(20)
  }
}

function isPostgres(pid: number, place: Place): boolean {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return true
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(place.data)
  } catch {
    return false
  }
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: connectionString.replace(/[^/]+$/, 'postgres') })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function stop(child: ChildProcess, exited: Promise<void>, patienceMs: number) {
  child.kill('SIGINT')
  const patience = setTimeout(() => child.kill('SIGQUIT'), patienceMs)
  await exited
  clearTimeout(patience)
}
