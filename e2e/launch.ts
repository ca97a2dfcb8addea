import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')

/** A start of the product, with everything that it has said so far. */
export type Launch = { child: ChildProcess; output(): string; ended: Promise<number | null> }

/** A developer's own settings, from the shell or from .env, must not reach the tests. */
const unset = {
  DATABASE_URL: '',
  HOST: '',
  FRESHET_API_PORT: '',
  FRESHET_PUBLIC_URL: '',
  FRESHET_TRUSTED_PROXIES: '',
  FRESHET_SECRET_KEY: '',
  FRESHET_SECURE_COOKIES: '',
  FRESHET_DEMO: '',
}

/** A folder for the state of one start, which git ignores. */
export function stateFolder(name: string): string {
  return path.join(root, '.freshet', `e2e-${process.pid}-${name}`)
}

/** Runs `freshet start` as a stranger's shell would, with these variables. */
export function launch(variables: Record<string, string>, ...options: string[]): Launch {
  return runFreshet(variables, 'start', ...options)
}

/** Runs a command of `freshet` as a shell would. */
export function runFreshet(variables: Record<string, string>, ...args: string[]): Launch {
  const child = spawn(process.execPath, [path.join(root, 'bin/freshet.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, ...unset, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, output: () => output, ended }
}

/** The set-up link, which the launcher prints in the line that says it is ready. */
export function readSetupLink({ child, output, ended }: Launch): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const link = /set it up at (\S+)\s/.exec(output())?.[1]
      if (link) resolve(link)
    }
    child.stdout?.on('data', look)
    void ended.then(() => reject(new Error(`The product did not start:\n${output()}`)))
  })
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
