import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { guard } from '#lib/fleet/sentinel.ts'

const root = path.resolve(import.meta.dirname, '..')

/**
 * Starts the product for a run, as a stranger would, on a port and a state folder of its own.
 *
 * Specs find its address in FRESHET_E2E_URL (which is also the base URL), the set-up link in
 * FRESHET_E2E_SETUP and its state folder in FRESHET_E2E_STATE.
 */
export default async function startProduct(): Promise<() => Promise<void>> {
  const state = path.join(root, '.freshet', `e2e-${process.pid}`)
  const child = launch(state, await freePort())
  const unguard = guard(child.pid as number, 'TERM', 5_000)
  const setup = await readSetupLink(child)
  Object.assign(process.env, {
    FRESHET_E2E_URL: new URL(setup).origin,
    FRESHET_E2E_SETUP: setup,
    FRESHET_E2E_STATE: state,
  })
  return async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await exited
    unguard()
    rmSync(state, { recursive: true, force: true })
  }
}

/** A developer's own settings, from the shell or from .env, must not reach the tests. */
const unset = {
  DATABASE_URL: '',
  HOST: '',
  FRESHET_PUBLIC_URL: '',
  FRESHET_TRUSTED_PROXIES: '',
  FRESHET_SECRET_KEY: '',
  FRESHET_SECURE_COOKIES: '',
  FRESHET_DEMO: '',
}

function launch(state: string, port: number): ChildProcess {
  const env = { ...process.env, ...unset, FRESHET_STATE: state, PORT: String(port) }
  const args = [path.join(root, 'bin/freshet.mjs'), 'start']
  return spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The launcher prints the link in the line that says it is ready; without it, what it printed says why. */
function readSetupLink(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const listen = (chunk: Buffer) => {
      output += chunk
      const link = /set it up at (\S+)\s/.exec(output)?.[1]
      if (link) resolve(link)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', () => reject(new Error(`The product did not start:\n${output}`)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
