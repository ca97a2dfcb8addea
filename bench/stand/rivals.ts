import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { BenchOrigin } from './origin.ts'

const script = path.join(import.meta.dirname, 'each-once.lua')

/**
 * Sends one method for each of `count` objects of a host to each of several caches at once.
 *
 * @returns seconds until the last cache had answered all
 */
export async function wrkEach(
  method: string,
  host: string,
  count: number,
  caches: readonly string[],
): Promise<number> {
  return Math.max(...(await Promise.all(caches.map((cache) => wrkOne(method, host, count, cache)))))
}

async function wrkOne(method: string, host: string, count: number, cache: string): Promise<number> {
  const args = ['-t1', '-c32', '-d60s', '-s', script, cache, '--', method, host, String(count)]
  const wrk = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const seconds = await new Promise<number>((resolve, reject) => {
    let said = ''
    wrk.stdout.on('data', (data) => {
      said += data
      const took = /took ([\d.]+) s, (\d+) odd/.exec(said)
      if (took?.[2] === '0') resolve(Number(took[1]))
      else if (took) reject(new Error(`${method} was answered with another status ${took[2]} times`))
    })
    wrk.once('error', reject).once('exit', () => reject(new Error(`wrk ended early: ${said}`)))
  })
  wrk.kill('SIGKILL')
  return seconds
}

/**
 * Purges `count` objects of a host on several caches with one curl, as an operator's script would.
 *
 * @returns seconds until it had ended
 */
export async function curlEach(
  folder: string,
  host: string,
  count: number,
  caches: readonly string[],
): Promise<number> {
  const file = path.join(folder, 'curl.txt')
  const urls = Array.from({ length: count }, (_, at) =>
    caches.map((cache) => `url = "${cache}/object/${at}"`).join('\n'),
  )
  writeFileSync(file, `fail\nrequest = PURGE\nheader = "Host: ${host}"\n${urls.join('\n')}\n`)
  const startMs = performance.now()
  const curl = spawn('curl', ['--parallel', '--parallel-max', '50', '-K', file], {
    stdio: 'ignore',
  })
  const [code] = await once(curl, 'exit')
  if (code !== 0) throw new Error(`curl ended with ${code}`)
  return (performance.now() - startMs) / 1000
}

/** Has every object stored by every cache: fetched from the origin, where it was not stored before, and kept. */
export async function storeAll(
  origin: BenchOrigin,
  host: string,
  count: number,
  caches: readonly string[],
): Promise<void> {
  for (const expected of [count * caches.length, 0]) {
    const before = origin.count()
    await wrkEach('GET', host, count, caches)
    const got = origin.count() - before
    if (got !== expected) throw new Error(`${got} objects were fetched from the origin, not ${expected}`)
  }
}
