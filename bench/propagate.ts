import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '#lib/edge/clock.ts'
import { db } from '#lib/store/client.ts'
import { judge, median, percentile, tell } from './stand/numbers.ts'
import type { Child } from './stand/processes.ts'
import { addCache, addDomain, purge, type Stand, startEdge, startWorker, withStand } from './stand/stand.ts'

// From the start of the submission of one URL until the last of eight edges has purged it, by the
// edges' own logs: with nothing else to do, and in turns beside 100 other submissions a minute. Worker
// and edges are processes of their own; this one does what the console does.

const turns = 6
const roundsPerTurn = 50
const edges = 8
const domain = 'propagate.test'
const othersPerMinute = 100
const targets = { p50Ms: 60, p99Ms: 250, loadedRatio: 1.5 }

type Submitted = { taskId: string; atMs: number; acceptedMs: number }

await withStand(async (stand) => {
  const logs = Array.from({ length: edges }, (_, index) => path.join(stand.folder, `edge-${index}.log`))
  const children: Child[] = []
  try {
    await startFleet(stand, logs, children)
    await measure(stand, logs)
  } finally {
    await Promise.all(children.map((child) => child.stop()))
  }
})

async function startFleet(stand: Stand, logs: readonly string[], children: Child[]): Promise<void> {
  const ids: number[] = []
  for (const [index, log] of logs.entries()) {
    const edge = await startEdge({ origin: `${domain}=http://127.0.0.1:9`, log })
    children.push(edge)
    ids.push(await addCache(stand, `edge ${index}`, 'edge', edge.control))
  }
  await addDomain(stand, domain, ids)
  children.push(await startWorker())
}

async function measure(stand: Stand, logs: readonly string[]): Promise<void> {
  await submitRounds(stand, 20)
  const quiet: Submitted[] = []
  const loaded: Submitted[] = []
  const perMinute: number[] = []
  for (let turn = 0; turn < turns; turn += 1) {
    quiet.push(...(await submitRounds(stand, roundsPerTurn)))
    const others = submitOthers(stand)
    loaded.push(...(await submitRounds(stand, roundsPerTurn)))
    perMinute.push(await others.stop())
    await allTaken(logs)
  }
  const takenAt = logs.map(readLog)
  const quietMs = await timesOf(quiet, takenAt)
  const loadedMs = await timesOf(loaded, takenAt)
  const acceptedMs = quiet.map((submitted) => submitted.acceptedMs)
  tell('quiet, until accepted', acceptedMs)
  tell('quiet, until applied', quietMs)
  tell(`beside ${Math.round(median(perMinute))} other submissions a minute`, loadedMs)
  judge('p50, ms', percentile(quietMs, 0.5), { atMost: targets.p50Ms })
  judge('p99, ms', percentile(quietMs, 0.99), { atMost: targets.p99Ms })
  for (const share of [0.5, 0.99]) {
    const ratio = percentile(loadedMs, share) / percentile(quietMs, share)
    judge(`p${share * 100} loaded / quiet`, ratio, { atMost: targets.loadedRatio })
  }
}

/** Submits one URL after the other, at moments that no timer of ours could be in step with. */
async function submitRounds(stand: Stand, count: number): Promise<Submitted[]> {
  const submitted: Submitted[] = []
  for (let round = 0; round < count; round += 1) {
    await delay(100 + Math.random() * 200)
    const atMs = systemClock.wallMs()
    const { taskIds } = await purge(stand, [`https://${domain}/page/${round}`])
    submitted.push({ taskId: taskIds[0] as string, atMs, acceptedMs: systemClock.wallMs() - atMs })
  }
  return submitted
}

/** Other people's purges, at random: mostly up to 100 URLs, every tenth 1,000. `stop` gives how many a minute. */
function submitOthers(stand: Stand) {
  const startMs = performance.now()
  let stopped = false
  let count = 0
  const loop = async () => {
    while (!stopped) {
      await delay(-Math.log(1 - Math.random()) * (60_000 / othersPerMinute))
      if (stopped) return
      count += 1
      const lines = count % 10 === 0 ? 1_000 : 1 + Math.floor(Math.random() * 100)
      await purge(
        stand,
        Array.from({ length: lines }, (_, line) => `https://${domain}/others/${count}/${line}`),
      )
    }
  }
  const running = loop()
  const stop = async () => {
    stopped = true
    await running
    return (count * 60_000) / (performance.now() - startMs)
  }
  return { stop }
}

/** Waits until every edge has logged the newest command. */
async function allTaken(logs: readonly string[]): Promise<void> {
  const [newest] = await db().$queryRaw<{ seq: number }[]>`select max(seq)::float8 as seq from log`
  while (!logs.every((log) => readLog(log).has(newest?.seq ?? 0))) await delay(100)
}

/** When each command was taken first, wall clock, ms. */
function readLog(file: string): Map<number, number> {
  const taken = new Map<number, number>()
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const [atMs, seqs = ''] = line.split(' ')
    for (const seq of seqs.split(',').map(Number)) if (!taken.has(seq)) taken.set(seq, Number(atMs))
  }
  return taken
}

/** From each submission until the last edge took its one command, ms. */
async function timesOf(
  submitted: readonly Submitted[],
  takenAt: readonly Map<number, number>[],
): Promise<number[]> {
  const rows = await db().$queryRaw<{ id: string; seq: number }[]>`
    select id::text, last_seq::float8 as seq from task`
  const seqOf = new Map(rows.map(({ id, seq }) => [id, seq]))
  return submitted.map(({ taskId, atMs }) => {
    const seq = seqOf.get(taskId) ?? 0
    const lastMs = Math.max(...takenAt.map((taken) => taken.get(seq) ?? Number.NaN))
    if (Number.isNaN(lastMs)) throw new Error(`task ${taskId} is in no log of some edge`)
    return lastMs - atMs
  })
}
