import { vi } from 'vitest'
import { z } from 'zod'
import type { Caller } from '#lib/core/caller.ts'
import type { Command } from '#lib/core/command.ts'
import type { TaskSnapshot } from '#lib/core/task.ts'
import type { DriverKind, Failure, Fetch, Fetched, Outcome, ProbeResult } from '#lib/drivers/driver.ts'
import { testOwner } from '#lib/fleet/test-database.ts'
import { postgresLog } from '#lib/log/postgres-log.ts'
import { describeRefreshTaskById, describeRefreshTasks } from '#lib/operations/describe-refresh-tasks.ts'
import { preloadObjectCaches } from '#lib/operations/preload-object-caches.ts'
import { refreshObjectCaches } from '#lib/operations/refresh-object-caches.ts'
import { saveLimits } from '#lib/operations/request-quota.ts'
import { saveCache } from '#lib/operations/save-cache.ts'
import { saveDomain } from '#lib/operations/save-domain.ts'
import { db } from '#lib/store/client.ts'
import { Worker } from './worker.ts'

/** A cache whose answers the test decides, and which remembers what it was told. */
export class StandIn {
  /** Commands in the order of arrival, echoes included. */
  readonly heard: Command[] = []
  answer: (command: Command) => Outcome | Promise<Outcome> = () => ({ kind: 'done' })
  /** What it answers to whole batches, where that matters. */
  answerBatch: (commands: readonly Command[]) => Outcome | undefined = () => undefined
  /** What it was asked to fetch, in order. */
  readonly fetched: Fetch[] = []
  fetch: (fetch: Fetch) => Fetched | Promise<Fetched> = () => ({ is: 'kept', hit: false, bytes: 1 })
  probeOk = true
  /** Why it is not there when nothing is asked of it. */
  away: Failure | undefined

  /** How often each target was told. */
  times(target: string): number {
    return this.heard.filter((command) => command.targets.includes(target)).length
  }
}

/** Stand-in caches by their address, as kinds of driver. */
export class Stand {
  readonly caches = new Map<string, StandIn>()
  readonly kinds: Record<string, DriverKind> = { edge: this.#kind('edge'), varnish: this.#kind('varnish') }
  readonly workers: Worker[] = []
  caller!: Caller

  #kind(kind: string): DriverKind {
    return {
      kind,
      maxTargetsPerBatch: 1000,
      address: z.string(),
      open: ({ address }) => ({
        deliver: async (commands) => {
          const cache = this.at(address)
          const refused = cache.answerBatch(commands)
          if (refused) return commands.map(() => refused)
          const outcomes: Outcome[] = []
          for (const command of commands) {
            cache.heard.push(command)
            outcomes.push(await cache.answer(command))
          }
          return outcomes
        },
        ping: async () => this.at(address).away,
        probe: async (): Promise<ProbeResult> => ({
          ok: this.at(address).probeOk,
          proved: [],
          detail: '',
          ms: 0,
        }),
        fetch: async (fetch) => {
          const cache = this.at(address)
          cache.fetched.push(fetch)
          return cache.fetch(fetch)
        },
        holdings: async () => null,
        close: async () => {},
      }),
    }
  }

  at(address: string): StandIn {
    const cache = this.caches.get(address) ?? new StandIn()
    this.caches.set(address, cache)
    return cache
  }

  async setUp(): Promise<void> {
    this.caller = await testOwner()
    // What these tests submit together is more than a day's quota.
    const plenty = { url: 1_000_000, directory: 1_000_000, regex: 1_000_000, prefetch: 1_000_000 }
    await saveLimits(this.caller, { perDay: plenty, perSubmission: plenty, perMinute: { url: 1_000_000 } })
  }

  /** Adds a cache and gives its stand-in. */
  async cache(
    name: string,
    options: { tier?: 'edge' | 'shield'; kind?: 'edge' | 'varnish' } = {},
  ): Promise<{ id: number; standIn: StandIn }> {
    const address = `http://${name}:80`
    const { id } = await saveCache(this.caller, {
      name,
      kind: 'edge',
      tier: 'edge',
      address,
      secret: 'sixteen-characters',
      ...options,
    })
    return { id, standIn: this.at(address) }
  }

  /** Adds a cache that really runs. */
  realCache(cache: Parameters<typeof saveCache>[1]): Promise<{ id: number }> {
    return saveCache(this.caller, cache)
  }

  domain(
    name: string,
    cacheIds: number[],
    more: Partial<Parameters<typeof saveDomain>[1]> = {},
  ): Promise<{ id: number }> {
    return saveDomain(this.caller, { name, cacheIds, ...more })
  }

  /** Purges URLs and gives the task of the first one's domain. */
  async purge(...urls: string[]): Promise<string> {
    return this.submit({ text: urls.join('\n') })
  }

  /** Submits a purge of any kind, and gives its first task. */
  async submit(given: Partial<Parameters<typeof refreshObjectCaches>[1]>): Promise<string> {
    const whole = { text: '', method: 'url', mode: 'hard', key: crypto.randomUUID(), ...given } as const
    const { taskIds } = await refreshObjectCaches(this.caller, whole)
    return taskIds[0] ?? ''
  }

  /** Prefetches URLs and gives the task of the first one's domain. */
  async prefetch(...urls: string[]): Promise<string> {
    const given = { text: urls.join('\n'), key: crypto.randomUUID() }
    const { taskIds } = await preloadObjectCaches(this.caller, given)
    return taskIds[0] ?? ''
  }

  tasksOf(submissionId: string): Promise<TaskSnapshot[]> {
    return describeRefreshTasks(this.caller, { submissionId })
  }

  task(id: string): Promise<TaskSnapshot> {
    return describeRefreshTaskById(this.caller, { id })
  }

  async worker(kinds = this.kinds): Promise<Worker> {
    const worker = new Worker(postgresLog, kinds)
    this.workers.push(worker)
    await worker.start()
    return worker
  }

  /** A worker that takes all that the earlier ones hold: they look dead for as long as that takes. */
  async takeOver(): Promise<Worker> {
    await letBeatsExpire()
    const next = await this.worker()
    await vi.waitFor(
      async () => {
        // They beat on, and one that beats just then keeps what it has.
        await letBeatsExpire(next.id)
        const left = await db().$queryRaw<object[]>`select 1 from lane where holder <> ${next.id}::uuid`
        if (left.length > 0) throw new Error('the earlier worker still holds lanes')
      },
      { timeout: 10_000, interval: 20 },
    )
    return next
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()))
  }
}

const nobody = '00000000-0000-0000-0000-000000000000'

/** Makes every worker but one look dead, as the database's clock would after six seconds without a beat. */
export async function letBeatsExpire(except = nobody): Promise<void> {
  await db().$executeRaw`
    update worker set beat_at = clock_timestamp() - interval '1 minute' where id <> ${except}::uuid`
}
