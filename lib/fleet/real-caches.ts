import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { guard } from './sentinel.ts'

export type VarnishOptions = {
  /** Where it fetches from, `http://127.0.0.1:PORT`. */
  origin: string
  /** The shared secret of our recipe; letters, digits and `-._~` only. */
  secret: string
  /** Default: a free one. */
  port?: number
  /** VCL in place of our recipe, for tests of what happens without it. */
  recipe?: string
  /** Run-time parameters, `name=value`. */
  parameters?: string[]
}

export type RunningCache = {
  /** Where the driver purges. */
  address: string
  /** Where visitors come. */
  site: string
  stop(): Promise<void>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

/** Our recipe as it ships, the file that an operator includes. */
export function readVarnishRecipe(): string {
  return readFileSync(new URL('../drivers/varnish.vcl', import.meta.url), 'utf8')
}

/**
 * Whether tests can run a real Varnish with varnish-modules here.
 *
 * @throws Error instead of saying no where CI=true: there, nothing may be left out
 */
export function varnishAvailable(): boolean {
  const found = compilesVcl('import blob; import std; import str; import var; import xkey;')
  if (!found && process.env.CI === 'true') {
    throw new Error('CI=true, and varnishd with varnish-modules is missing: apt-get install both')
  }
  return found
}

function compilesVcl(imports: string): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'freshet-varnish-'))
  const file = path.join(folder, 'main.vcl')
  writeFileSync(file, `vcl 4.1;\n${imports}\nbackend default none;\n`)
  const { status } = spawnSync('varnishd', ['-C', '-j', 'none', '-n', folder, '-f', file])
  rmSync(folder, { recursive: true, force: true })
  return status === 0
}

/**
 * Starts a real Varnish with our recipe on loopback, and never outlives the process that started it.
 *
 * @throws Error with what varnishd said
 */
export async function startVarnish(options: VarnishOptions): Promise<RunningCache> {
  const folder = mkdtempSync(path.join(tmpdir(), 'freshet-varnish-'))
  const port = options.port ?? (await freePort())
  const child = launch(folder, port, options)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const unguard = guard(child.pid as number, 'TERM', 5_000)
  void exited.then(() => {
    unguard()
    rmSync(folder, { recursive: true, force: true })
  })
  const address = `http://127.0.0.1:${port}`
  await ready(address, child, path.join(folder, 'log'))
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  const kill = async () => {
    // The whole group: the cache is a child of the manager, and would outlive it for a moment.
    process.kill(-(child.pid as number), 'SIGKILL')
    await exited
    while (await answers(address)) await delay(1)
  }
  return { address, site: address, stop, kill }
}

function launch(folder: string, port: number, options: VarnishOptions): ChildProcess {
  writeFileSync(path.join(folder, 'main.vcl'), mainVcl(options), { mode: 0o600 })
  const log = openSync(path.join(folder, 'log'), 'w')
  const child = spawn('varnishd', argumentsFor(folder, port, options.parameters), {
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  return child
}

function argumentsFor(folder: string, port: number, parameters: string[] = []): string[] {
  return [
    ...['-F', '-n', path.join(folder, 'work'), '-f', path.join(folder, 'main.vcl')],
    ...['-a', `127.0.0.1:${port}`, '-T', 'none', '-s', 'malloc,64m'],
    // Root and an ordinary user alike, and the compiler may read a private folder.
    ...['-j', 'none'],
    // Unoptimised, because most of the time to start is the compiler's.
    ...['-p', 'cc_command=exec cc -O0 -fpic -shared -Wl,-x -o %o %s'],
    ...['thread_pools=1', 'vsl_space=1m', ...parameters].flatMap((parameter) => ['-p', parameter]),
  ]
}

function mainVcl({ origin, secret, recipe }: VarnishOptions): string {
  const { hostname, port } = new URL(origin)
  if (!/^[\w.~-]*$/.test(secret)) throw new Error('the secret of a Varnish for tests has an odd character')
  return `vcl 4.1;
${recipe ?? readVarnishRecipe()}
backend default { .host = "${hostname}"; .port = "${port}"; }
acl freshet_callers { "127.0.0.1"; }
sub freshet_secret { var.set("freshet-secret", "${secret}"); }
`
}

/** Ready is the first answer: the port is bound before the process that serves it is up. */
async function ready(address: string, child: ChildProcess, log: string) {
  let failure: string | undefined
  child.once('error', (error) => (failure = error.message))
  child.once('exit', () => (failure = readFileSync(log, 'utf8').trim()))
  while (!(await answers(address))) {
    if (failure !== undefined) throw new Error(`varnishd did not start: ${failure}`)
    await delay(10)
  }
}

/** Asks without the secret, so that the answer is a refusal and no origin is troubled. */
function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request(address, { method: 'PURGE', agent: false }, (answer) => {
      answer.resume().on('close', () => resolve(true))
    })
    asking.on('error', () => resolve(false)).end()
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
