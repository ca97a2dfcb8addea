import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import type { Command } from '#lib/core/command.ts'
import { normaliseTarget } from '#lib/core/spelling.ts'
import type { Driver, DriverKind, Fetch, OnBytes } from './driver.ts'

/** An origin for tests: it answers what it was told last, and logs what it was asked. */
export type ContractOrigin = {
  set(path: string, page: ContractPage): void
  requests: readonly { host: string; path: string; status?: number }[]
}

export type ContractPage = {
  body: string
  headers?: Record<string, string>
  status?: number
  validators?: 'etag' | 'last-modified' | 'none'
  modified?: Date
  truncatedAt?: Promise<unknown>
  delayBeforeHeadersMs?: number
  delayInBodyMs?: number
}

export type ContractAnswer = {
  status: number
  body: string
  headers: Record<string, string | string[] | undefined>
}

/** A real cache with an origin behind it, and `get` as its visitors get. */
export type ContractCache = {
  kind: DriverKind
  address: string
  secret: string
  get(host: string, path: string, headers?: Record<string, string>): Promise<ContractAnswer>
  origin: ContractOrigin
  stop(): Promise<void>
}

/** The domains that the cache must serve from its origin. */
export const contractDomains = ['one.contract.test', 'two.contract.test'] as const
const [one] = contractDomains

/** How long the caller of a driver lets a batch take. */
export const deadlineMs = 3_000

type Purge = Partial<Command> & { targets: string[] }

/** The cache of one contract, its driver, and the few things that all tests do with them. */
export class Stand {
  readonly #setUp: () => Promise<ContractCache>
  cache!: ContractCache
  driver!: Driver

  constructor(setUp: () => Promise<ContractCache>) {
    this.#setUp = setUp
  }

  async start() {
    this.cache = await this.#setUp()
    this.driver = this.cache.kind.open(this.cache)
  }

  async stop() {
    await this.driver?.close()
    await this.cache?.stop()
  }

  /** A cache may ask in another spelling than its visitor. */
  publish(path: string, body: string, page?: Omit<ContractPage, 'body'>) {
    for (const spelled of new Set([path, normaliseTarget(path)]))
      this.cache.origin.set(spelled, { ...page, body })
  }

  async visit(path: string, host: string = one, headers?: Record<string, string>): Promise<string> {
    return (await this.cache.get(host, path, headers)).body
  }

  /** Publishes and fetches, so that the cache holds it from now on. */
  async store(paths: string[], body: string, host: string = one) {
    for (const path of paths) {
      this.publish(path, body)
      expect(await this.visit(path, host)).toBe(body)
    }
  }

  /** Which of these paths the cache still answers by itself. */
  async kept(paths: string[], host: string = one): Promise<string[]> {
    const kept: string[] = []
    for (const path of paths) {
      const before = this.asked(path, host).length
      await this.visit(path, host)
      if (this.asked(path, host).length === before) kept.push(path)
    }
    return kept
  }

  /** The statuses that the origin answered for a path in any spelling, in order. */
  asked(path: string, host: string = one): (number | undefined)[] {
    const target = normaliseTarget(path)
    return this.cache.origin.requests
      .filter((each) => each.host === host && normaliseTarget(each.path) === target)
      .map((each) => each.status)
  }

  deliver(...purges: Purge[]) {
    return this.driver.deliver(purges.map(commandOf), AbortSignal.timeout(deadlineMs))
  }

  async purge(...purges: Purge[]) {
    expect(await this.deliver(...purges)).toEqual(purges.map(() => ({ kind: 'done' })))
  }

  fetch(target: string, headers: Fetch['headers'] = [], onBytes: OnBytes = () => {}) {
    const fetch = { domain: one, target, headers, maxBytes: 1_000_000 }
    return this.driver.fetch(fetch, onBytes, AbortSignal.timeout(deadlineMs))
  }
}

/** A command that purges these targets of the first domain, hard, unless it says otherwise. */
export function commandOf(purge: Purge, index = 0): Command {
  return { seq: index + 1, domain: one, kind: 'url', mode: 'hard', ...purge }
}

/** Asks a site as a visitor does; the path goes out as it stands, which fetch would not allow. */
export async function askSite(site: string, options: Parameters<typeof request>[1]): Promise<ContractAnswer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(site, options, resolve).on('error', reject).end()
  })
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) }
}
