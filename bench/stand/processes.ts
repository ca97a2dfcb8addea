import { type ChildProcess, spawn } from 'node:child_process'
import { guard } from '#lib/fleet/sentinel.ts'

/** A child process that said that it is ready, and what it said. */
export type Child = { said: string; pid: number; stop(): Promise<void> }

/** Starts a Node program of this repository; resolves with the first line that contains `ready`. */
export async function startNode(args: string[]): Promise<Child> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const unguard = child.pid ? guard(child.pid, 'TERM', 2_000) : () => {}
  // A program that cannot be started has an error and no exit.
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve()).once('error', () => resolve())
  })
  void exited.then(unguard)
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  return { said: await firstReady(child, exited), pid: child.pid as number, stop }
}

function firstReady(child: ChildProcess, exited: Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (data) => {
      said += data
      const line = said.split('\n').find((one) => one.includes('ready'))
      if (line) resolve(line)
    })
    void exited.then(() => reject(new Error(`ended before it was ready: ${child.spawnargs.join(' ')}`)))
  })
}
