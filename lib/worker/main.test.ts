import { type ChildProcess, spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '#lib/edge/clock.ts'
import { type Edge, startEdge } from '#lib/edge/server.ts'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { closeStore } from '#lib/store/client.ts'
import { readCursors } from '#lib/store/lanes.ts'
import { newestSeq } from '#lib/store/log-state.ts'
import { Stand } from './test-stand.ts'

const databaseUrl = await testDatabase()
const stand = new Stand()
const secret = 'only-for-these-tests'
const host = 'killed.test'
const submissions = 20
const linesPerSubmission = 500
const soon = { timeout: 15_000, interval: 50 }

const workers: ChildProcess[] = []
let shield: Edge
let pop: Edge
/** Called when the POP has taken a batch and has not answered yet. */
let popTook = () => {}

beforeAll(async () => {
  await stand.setUp()
  const ports = { port: 0, controlPort: 0 }
  shield = await startEdge({ name: 'shield', secret, ...ports, origins: { [host]: 'http://127.0.0.1:9' } })
  const wallMs = () => {
    popTook()
    return systemClock.wallMs()
  }
  const clock = { ...systemClock, wallMs }
  pop = await startEdge({ name: 'pop', secret, ...ports, origins: {}, shield: shield.site, clock })
  await stand.domain(host, [await register('shield', shield), await register('edge', pop)])
})
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL')
  await pop.close()
  await shield.close()
  await closeStore()
})

describe('a worker process that is killed in the middle', () => {
  it('leaves everything to the next one: nothing is lost, nothing is counted twice', async () => {
    const killed = new Promise<void>((resolve) => {
      let batches = 0
      popTook = () => {
        batches += 1
        if (batches === 3) workers[0]?.once('exit', () => resolve()).kill('SIGKILL')
      }
    })
    await startWorker()
    const tasks = await Promise.all(Array.from({ length: submissions }, (_, index) => submit(index)))
    await killed
    const { lanes } = await readCursors()
    expect(Math.min(...lanes.filter(isBulk).map((lane) => lane.confirmed))).toBeLessThan(await newestSeq())

    await startWorker()
    for (const task of tasks) {
      await vi.waitFor(async () => expect((await stand.task(task)).state).toBe('complete'), soon)
      const { commands, caches } = await stand.task(task)
      expect(caches.map(({ applied, confirmed }) => [applied, confirmed])).toEqual([
        [commands, commands],
        [commands, commands],
      ])
    }
    const seqs = Array.from({ length: await newestSeq() }, (_, index) => index + 1)
    expect(seqs).toHaveLength(submissions * Math.ceil(linesPerSubmission / 200))
    expect(seqs.filter((seq) => timesTaken(shield, seq) < 1)).toEqual([])
    expect(seqs.filter((seq) => timesTaken(pop, seq) < 2)).toEqual([])
  })
})

async function register(tier: 'edge' | 'shield', edge: Edge): Promise<number> {
  const { id } = await stand.realCache({ name: tier, kind: 'edge', tier, address: edge.control, secret })
  return id
}

/** Starts a worker as `npm run worker` does; resolves when it has begun. */
async function startWorker(): Promise<void> {
  const worker = spawn(process.execPath, ['lib/worker/main.ts'], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  workers.push(worker)
  let said = ''
  worker.stdout.on('data', (data) => {
    said += data
  })
  await vi.waitFor(() => expect(said).toContain('worker ready'), soon)
}

function submit(submission: number): Promise<string> {
  const urls = Array.from(
    { length: linesPerSubmission },
    (_, line) => `https://${host}/${submission}/${line}`,
  )
  return stand.purge(...urls)
}

const isBulk = ({ class: laneClass }: { class: number }) => laneClass === 1

function timesTaken(edge: Edge, seq: number): number {
  return edge.purges.filter((purge) => purge.seqs.includes(seq)).length
}
