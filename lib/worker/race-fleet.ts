import { setTimeout as delay } from 'node:timers/promises'
import { vi } from 'vitest'
import type { Command } from '#lib/core/command.ts'
import { askSite } from '#lib/drivers/contract-stand.ts'
import type { Driver, DriverKind } from '#lib/drivers/driver.ts'
import { drivers } from '#lib/drivers/registry.ts'
import { startEdge } from '#lib/edge/server.ts'
import { startVarnish } from '#lib/fleet/real-caches.ts'
import type { TestOrigin } from '#lib/fleet/test-origin.ts'
import type { Stand } from './test-stand.ts'

export type RaceOptions = {
  /** What visitors ask, and what it fetches through; without a shield it asks the origin. */
  pop: 'edge' | 'varnish'
  shield?: 'edge' | 'varnish'
  /** False leaves the echo out: what a cache has taken once is not sent again. */
  echo?: boolean
}

type Running = { address: string; site: string; stop(): Promise<void> }

const secret = 'only-for-these-tests'
const submissions = 10
const urlsPerSubmission = 20

/**
 * Time that a shield lets pass between the purge of the POP before it and its own, at most. Where nothing
 * is sent twice it waits until its visitors have come, because one that is early enough must be found.
 */
const shieldLateMs = { echo: 300, noEcho: 8_000 }

// Fetches that end before an echo one second later, and fetches that outlast it.
const slowPages: { delayBeforeHeadersMs?: number; delayInBodyMs?: number }[] = [
  { delayBeforeHeadersMs: 300 },
  { delayInBodyMs: 300 },
  { delayBeforeHeadersMs: 1_500 },
  { delayInBodyMs: 1_500 },
]

let races = 0

/** A POP, the shield it fetches through, and a worker that purges both. */
export class RaceFleet {
  readonly #stand: Stand
  readonly #origin: TestOrigin
  readonly #options: RaceOptions
  readonly #name = `race-${++races}`
  readonly #takenByPop = new Set<number>()
  readonly #visits: Promise<unknown>[] = []
  #shield: Running | undefined
  #pop: Running | undefined

  constructor(stand: Stand, origin: TestOrigin, options: RaceOptions) {
    this.#stand = stand
    this.#origin = origin
    this.#options = options
  }

  /**
   * Runs 200 rounds at once, because their delays are real. Half of them begin a fetch from the
   * origin, and the purge comes somewhere within it; half leave an old copy in the shield for a
   * visitor who comes between the purge of the POP and that of its shield.
   *
   * @returns the URLs that a visitor got old after their task was complete
   */
  async run(): Promise<string[]> {
    await this.#start()
    const worker = await this.#stand.worker(this.#kinds())
    const old = await Promise.all(this.#hosts.map((host, index) => this.#submit(host, index)))
    await worker.stop()
    await this.#pop?.stop()
    await this.#shield?.stop()
    return old.flat()
  }

  get #hosts(): string[] {
    return Array.from({ length: submissions }, (_, index) => `${index}.${this.#name}.test`)
  }

  async #start(): Promise<void> {
    const { pop, shield } = this.#options
    const ids: number[] = []
    if (shield) {
      this.#shield = await startCache(shield, this.#hosts, this.#origin.url)
      ids.push(await this.#register('shield', shield, this.#shield))
    }
    this.#pop = await startCache(pop, this.#hosts, this.#shield?.site ?? this.#origin.url)
    ids.push(await this.#register('edge', pop, this.#pop))
    for (const host of this.#hosts) await this.#stand.domain(host, ids)
  }

  async #register(tier: 'edge' | 'shield', kind: 'edge' | 'varnish', { address }: Running): Promise<number> {
    const name = `${this.#name} ${tier}`
    return (await this.#stand.realCache({ name, kind, tier, address, secret })).id
  }

  /** The real drivers, but a shield is purged late, and nothing is sent twice if so wished. */
  #kinds(): Record<string, DriverKind> {
    return Object.fromEntries(
      Object.entries(drivers).map(([name, kind]) => [
        name,
        { ...kind, open: (cache) => this.#meddle(cache.address, kind.open(cache)) } satisfies DriverKind,
      ]),
    )
  }

  #meddle(address: string, driver: Driver): Driver {
    const taken = new Set<number>()
    const deliver: Driver['deliver'] = async (commands, signal) => {
      const fresh = commands.filter(({ seq }) => !taken.has(seq))
      if (address === this.#shield?.address) await this.#beLate(fresh)
      const sent = this.#options.echo === false ? fresh : commands
      const outcomes = await driver.deliver(sent, signal)
      for (const [index, { seq }] of sent.entries()) if (outcomes[index]?.kind === 'done') taken.add(seq)
      if (address === this.#pop?.address) for (const seq of taken) this.#takenByPop.add(seq)
      return commands.map((command) => outcomes[sent.indexOf(command)] ?? { kind: 'done' })
    }
    return { ...driver, deliver }
  }

  /** Lets visitors come to the POP that has taken commands, before its shield has. */
  async #beLate(commands: readonly Command[]): Promise<void> {
    while (!commands.every(({ seq }) => this.#takenByPop.has(seq))) await delay(2)
    const visits = commands.flatMap(({ domain, targets }) => targets.map((path) => this.#visit(domain, path)))
    const late = this.#options.echo === false ? shieldLateMs.noEcho : shieldLateMs.echo
    if (visits.length > 0) await Promise.race([Promise.all(visits), delay(late)])
  }

  /** Twenty rounds that one submission purges. */
  async #submit(host: string, index: number): Promise<string[]> {
    const paths = Array.from({ length: urlsPerSubmission }, (_, at) => `/${this.#name}/${index}/${at}`)
    const slow = slowPages[index % slowPages.length] ?? {}
    const stored = paths.filter((_, at) => at % 2 === 0)
    const running = paths.filter((_, at) => at % 2 === 1)
    for (const path of stored) this.#origin.set(path, { body: 'old' })
    for (const path of running) this.#origin.set(path, { ...slow, body: 'old' })
    await Promise.all(stored.map((path) => this.#visit(host, path)))
    for (const path of running) void this.#visit(host, path)
    await vi.waitFor(() => this.#requireAsked(paths), { timeout: 10_000, interval: 5 })
    const fetchMs = (slow.delayBeforeHeadersMs ?? 0) + (slow.delayInBodyMs ?? 0)
    await delay((((index * 7) % submissions) / submissions) * fetchMs)
    for (const path of paths) this.#origin.set(path, { body: 'new' })

    const task = await this.#stand.purge(...paths.map((path) => `https://${host}${path}`))
    await vi.waitFor(() => this.#requireComplete(task), { timeout: 15_000, interval: 50 })
    const old = await this.#oldAmong(host, paths)
    await Promise.all(this.#visits)
    return [...new Set([...old, ...(await this.#oldAmong(host, paths))])]
  }

  #requireAsked(paths: readonly string[]): void {
    const asked = new Set(this.#origin.requests.map((request) => request.path))
    if (!paths.every((path) => asked.has(path))) throw new Error('not all fetches run')
  }

  async #requireComplete(task: string): Promise<void> {
    const { state } = await this.#stand.task(task)
    if (state !== 'complete') throw new Error(`the task is ${state}`)
  }

  async #oldAmong(host: string, paths: readonly string[]): Promise<string[]> {
    const bodies = await Promise.all(paths.map((path) => this.#visit(host, path)))
    return paths.filter((_, at) => bodies[at] !== 'new')
  }

  #visit(host: string, path: string): Promise<string> {
    const headers = { host }
    const body = askSite(this.#pop?.site ?? '', { path, headers, agent: false }).then((answer) => answer.body)
    this.#visits.push(body)
    return body
  }
}

async function startCache(kind: 'edge' | 'varnish', hosts: string[], upstream: string): Promise<Running> {
  if (kind === 'varnish') return startVarnish({ origin: upstream, secret })
  const origins = Object.fromEntries(hosts.map((host) => [host, upstream]))
  const edge = await startEdge({ name: 'race', secret, port: 0, controlPort: 0, origins })
  return { address: edge.control, site: edge.site, stop: () => edge.close() }
}
