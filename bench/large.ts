import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { db } from '#lib/store/client.ts'
import { judge } from './stand/numbers.ts'
import type { Child } from './stand/processes.ts'
import { addCache, addDomain, ended, prefetch, startEdge, startWorker, withStand } from './stand/stand.ts'

// One file of 1 GiB into a shield and an edge that keep large bodies on disk: how much more memory each
// process has held than before, and how often the progress that a page shows has moved.

const bytes = 2 ** 30
const host = 'large.test'
const targets = { grownMiB: 128, steps: 5 }

await withStand(async (stand) => {
  const origin = await startOrigin()
  const children: Record<string, Child> = {}
  try {
    const disk = (name: string) => ({ disk: path.join(stand.folder, name), 'disk-bytes': String(8 * bytes) })
    const shield = await startEdge({ origin: `${host}=${origin.url}`, ...disk('shield') })
    const edge = await startEdge({ shield: shield.site, ...disk('edge') })
    Object.assign(children, { shield, edge, worker: await startWorker() })
    const ids = [
      await addCache(stand, 'shield', 'edge', shield.control, 'shield'),
      await addCache(stand, 'edge', 'edge', edge.control),
    ]
    await addDomain(stand, host, ids, { originBytesPerSecond: 100 * bytes })
    // A small file first, which has everything loaded that has to be.
    await ended(await prefetch(stand, [`https://${host}/small.bin`]))
    const before = Object.entries(children).map(([name, { pid }]) => ({ name, pid, mib: peakMiB(pid) }))
    const startMs = Date.now()
    const answer = await prefetch(stand, [`https://${host}/large.bin`])
    const steps = new Set<string>()
    const watching = watch(answer.taskIds[0] as string, steps)
    const seconds = ((await ended(answer)) - startMs) / 1000
    await watching
    console.log(`1 GiB into two caches in ${seconds.toFixed(1)} s, ${steps.size} steps of progress`)
    for (const { name, pid, mib } of before)
      judge(`${name}, grown by at most, MiB`, peakMiB(pid) - mib, { atMost: targets.grownMiB })
    judge('steps of progress', steps.size, { atLeast: targets.steps })
  } finally {
    await Promise.all(Object.values(children).map((child) => child.stop()))
    origin.stop()
  }
})

/** The most memory that a process has held so far. */
function peakMiB(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

async function watch(taskId: string, steps: Set<string>): Promise<void> {
  for (;;) {
    const [row] = await db().$queryRaw<{ state: string; bytes: string }[]>`
      select t.state, coalesce((select sum(p.bytes) from prefetch_progress p where p.task_id = t.id), 0)::text as bytes
      from task t where t.id = ${BigInt(taskId)}`
    steps.add(row?.bytes ?? '')
    if (row?.state === 'complete' || row?.state === 'failed') return
    await delay(100)
  }
}

async function startOrigin() {
  const chunk = Buffer.alloc(65_536, 'x')
  const server = createServer((question, answer) => {
    let left = question.url === '/large.bin' ? bytes : chunk.length
    answer.writeHead(200, { 'cache-control': 'max-age=3600', 'content-length': left })
    const send = () => {
      while (left > 0) {
        left -= chunk.length
        if (!answer.write(chunk)) return answer.once('drain', send)
      }
      return answer.end()
    }
    send()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, stop: () => server.close().closeAllConnections() }
}
