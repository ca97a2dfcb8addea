import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Ends a process when this one is gone, however it went: a killed launcher must leave nothing behind.
 *
 * The watcher is a shell whose stdin is a pipe from here. The kernel closes that pipe even after
 * `kill -9`, which no handler in this process could survive.
 *
 * @param target  a pid, or a negative one for a process group
 * @param signal  what asks it to stop
 * @param patienceMs  how long it may take before KILL follows
 * @returns       a function that ends the watch, to be called once the process has exited
 */
export function guard(target: number, signal: 'TERM' | 'INT', patienceMs: number): () => void {
  const looks = String(Math.ceil(patienceMs / 100))
  const watcher = spawn('/bin/sh', ['-c', watch, String(target), signal, looks], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.on('error', () => {})
  release(watcher)
  return () => void watcher.kill('SIGKILL')
}

const watch = `
while read -r _; do :; done
kill -s "$1" -- "$0" 2>/dev/null
n=0
while [ $n -lt "$2" ] && kill -s 0 -- "$0" 2>/dev/null; do sleep 0.1; n=$((n + 1)); done
kill -s KILL -- "$0" 2>/dev/null
`

/** Keeps neither the watcher nor its pipe from letting this process end. */
function release(watcher: ChildProcess) {
  watcher.unref()
  const pipe = watcher.stdin as (ChildProcess['stdin'] & { unref?: () => void }) | null
  pipe?.on('error', () => {})
  pipe?.unref?.()
}
