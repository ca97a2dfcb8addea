import { z } from 'zod'
import type { Command } from '#lib/core/command.ts'
import type { Caller } from '#lib/core/policy.ts'
import type { TaskSnapshot } from '#lib/core/task.ts'
import type { DriverKind, Outcome } from '#lib/drivers/driver.ts'
import { postgresLog } from '#lib/log/postgres-log.ts'
import { describeRefreshTaskById } from '#lib/operations/describe-refresh-tasks.ts'
import { refreshObjectCaches } from '#lib/operations/refresh-object-caches.ts'
import { saveCache } from '#lib/operations/save-cache.ts'
import { saveDomain } from '#lib/operations/save-domain.ts'
import { insertFirstAccount } from '#lib/store/accounts.ts'
import { db, transaction } from '#lib/store/client.ts'
import { Worker } from './worker.ts'

/** A cache whose answers the test decides, and which remembers what it was told. */
export class StandIn {
  /** Commands in the order of arrival, echoes included. */
  readonly heard: Command[] = []
  answer: (command: Command) => Outcome | Promise<Outcome> = () => ({ kind: 'done' })
  probeOk = true

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
  caller: Caller = { accountId: 0, userId: 0, name: 'editor', role: 'owner', source: 'console', address: '' }

  #kind(kind: string): DriverKind {
    return {
      kind,
      maxTargetsPerBatch: 1000,
      address: z.string(),
      open: ({ address }) => ({
        deliver: async (commands) => {
          const cache = this.at(address)
          const outcomes: Outcome[] = []
          for (const command of commands) {
            cache.heard.push(command)
            outcomes.push(await cache.answer(command))
          }
          return outcomes
        },
        probe: async () => ({ ok: this.at(address).probeOk, proved: [], detail: '', ms: 0 }),
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
    const made = await transaction((tx) =>
      insertFirstAccount(tx, { account: 'Test', owner: 'editor', passwordHash: '' }),
    )
    if (!made) throw new Error('the database is not fresh')
    this.caller = { ...this.caller, ...made }
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

  domain(name: string, cacheIds: number[]): Promise<{ id: number }> {
    return saveDomain(this.caller, { name, cacheIds })
  }

  /** Purges URLs and gives the task of the first one's domain. */
  async purge(...urls: string[]): Promise<string> {
    const given = { text: urls.join('\n'), kind: 'url', mode: 'hard', key: crypto.randomUUID() } as const
    const { taskIds } = await refreshObjectCaches(this.caller, given)
    return taskIds[0] ?? ''
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

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()))
  }
}

/** Makes every worker look dead, as the database's clock would after six seconds without a beat. */
export async function letBeatsExpire(): Promise<void> {
  await db().$executeRaw`update worker set beat_at = beat_at - interval '1 minute'`
}
