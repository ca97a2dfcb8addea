import type { Driver, DriverKind, Fetched } from '#lib/drivers/driver.ts'
import type { PrefetchEntry } from '#lib/log/log.ts'
import type { OpenableCache } from '#lib/store/caches.ts'
import { type LaneState, openSideLanes } from '#lib/store/lanes.ts'
import { findPrefetchDomain, type PrefetchDomain, readPrefetchDomains } from '#lib/store/prefetches.ts'
import { oneLine } from './delivery.ts'
import { type Fetching, type Shortfall, Work } from './fetching.ts'
import type { Flusher } from './flush.ts'
import { judgeFetch, passageOf, type Step } from './judge-fetch.ts'
import { type Lane, prefetchLane } from './lane.ts'
import { LaneSet } from './lane-set.ts'
import { OriginBudget } from './origin-budget.ts'
import { PrefetchGate } from './prefetch-gate.ts'
import { PrefetchReport } from './prefetch-report.ts'
import { PurgeIndex } from './purge-index.ts'
import { Signal } from './signal.ts'
import type { Tail } from './tail.ts'
import { tellTrouble } from './trouble.ts'

const awayRetryMs = 2_000
const shortWaitMs = 150
const longestTimerMs = 60_000
/** The most fetches of one lane that wait for their turn or run. */
const mostUnderWay = 32
const deadlineMs = 24 * 3_600_000
const prefetchClass = 2

export type PrefetchSurroundings = {
  now: () => number
  /** The database's clock, ms since 1970. */
  serverNow: () => number
  tail: Tail
  flusher: Flusher
  driverKinds: Record<string, DriverKind>
  /** Whether a purge lane of a cache, with its side lane of a domain, has confirmed everything up to `seq`. */
  isConfirmed: (cacheId: number, laneClass: number, domainId: number, seq: number) => boolean
  confirmed: (cacheId: number) => void
}

type Open = { cache: OpenableCache; driver: Driver; lanes: LaneSet<PrefetchEntry> }

/**
 * Fetches what prefetches name, into all caches. Every domain has a lane of its own at each cache, so none
 * waits for another; what an origin may be asked is shared by all of them. A command begins at a cache when
 * the purges before it are confirmed there and on its shields, and when the shields have fetched it.
 */
export class Prefetcher {
  readonly #around: PrefetchSurroundings
  readonly #caches = new Map<number, Open>()
  /** By place in the log and by cache. */
  readonly #works = new Map<number, Map<number, Work>>()
  readonly #domains = new Map<number, PrefetchDomain>()
  readonly #budgets = new Map<string, OriginBudget>()
  readonly #purges = new PurgeIndex()
  readonly #gate: PrefetchGate
  readonly #report = new PrefetchReport()
  readonly #signal = new Signal()
  readonly #abort = new AbortController()
  readonly #loop: Promise<void>
  /** Fetches that wait for their turn or run, by lane. */
  readonly #underWay = new Map<string, number>()
  readonly #pumping = new Set<OriginBudget>()

  constructor(around: PrefetchSurroundings) {
    this.#around = around
    this.#gate = new PrefetchGate({
      ...around,
      domains: this.#domains,
      works: this.#works,
      purges: this.#purges,
      isHere: (cacheId) => this.#caches.has(cacheId),
      hasPassed: (cacheId, { domainId, seq }) => this.passedAt(cacheId, domainId, seq) !== undefined,
    })
    this.#loop = this.#run()
  }

  get lanes(): Lane<PrefetchEntry>[] {
    return [...this.#caches.values()].flatMap(({ lanes }) => lanes.all)
  }

  /** When a lane passed a command, monotonic ms; undefined for lanes that are not here. */
  passedAt(cacheId: number, domainId: number, seq: number): number | undefined {
    return this.#caches.get(cacheId)?.lanes.passedAt('apply', prefetchClass, domainId, seq)
  }

  /** Follows which caches there are, takes lanes over, and reads the settings of domains anew. */
  async follow(caches: readonly OpenableCache[], claimed: readonly LaneState[]): Promise<void> {
    const inService = new Map(caches.map((cache) => [cache.id, cache]))
    for (const [id, open] of this.#caches) {
      const cache = inService.get(id)
      if (!cache) this.#drop(open)
      else if (cache.revision !== open.cache.revision) this.#reopen(open, cache)
    }
    for (const state of claimed) {
      const cache = inService.get(state.cacheId)
      if (cache) this.#openCache(cache).lanes.add(prefetchLane(state, this.#around.now()))
    }
    await this.#readDomains([...this.#domains.keys()])
    this.wake()
  }

  /** Gives a lane up that another worker holds now. */
  dropLane(lane: Pick<Lane, 'key' | 'state'>): void {
    this.#caches.get(lane.state.cacheId)?.lanes.drop(lane)
  }

  /** Writes how far commands that are over have come, which is to be there when their lanes pass them. */
  settle(): Promise<void> {
    return this.#report.settle()
  }

  /** Looks for work. */
  wake(): void {
    this.#signal.wake()
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    this.#report.close()
    this.wake()
    await this.#loop
    for (const { driver } of this.#caches.values()) await driver.close()
  }

  #openCache(cache: OpenableCache): Open {
    const known = this.#caches.get(cache.id)
    if (known) return known
    const open = { cache, driver: this.#openDriver(cache), lanes: new LaneSet<PrefetchEntry>(cache.id) }
    this.#caches.set(cache.id, open)
    return open
  }

  #openDriver(cache: OpenableCache): Driver {
    const kind = this.#around.driverKinds[cache.kind]
    if (!kind) throw new Error(`no driver for caches of kind ${cache.kind}`)
    return kind.open(cache)
  }

  #reopen(open: Open, cache: OpenableCache): void {
    open.driver.close().catch(() => {})
    open.cache = cache
    open.driver = this.#openDriver(cache)
    for (const lane of open.lanes.all) lane.notBefore = 0
  }

  #drop({ cache, driver }: Open): void {
    this.#caches.delete(cache.id)
    for (const works of this.#works.values()) works.delete(cache.id)
    driver.close().catch(() => {})
  }

  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const { version } = this.#signal
      try {
        await this.#signal.wait(version, await this.#round())
      } catch (error) {
        // Mostly the database is away: lanes keep their place, and the next look tries again.
        tellTrouble('prefetch', error)
        await this.#signal.wait(this.#signal.version, 1_000)
      }
    }
  }

  /** Looks at every lane once. @returns ms until it is worth to look again */
  async #round(): Promise<number> {
    let waitMs = await this.#openSides()
    await this.#purges.advance(this.#around.tail)
    for (const { lanes } of this.#caches.values()) {
      for (const lane of lanes.all) {
        if (lane.isSide) waitMs = Math.min(waitMs, await this.#advance(lane, lanes))
      }
    }
    this.#trimPurges()
    return waitMs
  }

  /** Purges from before all that a domain has left to fetch are not looked at again. */
  #trimPurges(): void {
    const oldest = new Map<number, number>()
    for (const { isSide, state, applied } of this.lanes) {
      const seq = Math.min(applied.seq, oldest.get(state.domainId) ?? applied.seq)
      if (isSide) oldest.set(state.domainId, seq)
    }
    for (const [domainId, seq] of oldest) this.#purges.trim(domainId, seq)
  }

  /** Gives every domain that has something to fetch a lane of its own. @returns ms until it is worth to look again */
  async #openSides(): Promise<number> {
    let waitMs = Number.POSITIVE_INFINITY
    for (const { lanes } of this.#caches.values()) {
      const main = lanes.get(prefetchClass)
      if (!main) continue
      await main.applied.fill(this.#around.tail)
      await main.confirmed.fill(this.#around.tail, main.applied.seq)
      main.note(this.#around.now())
      const domainIds = [...new Set(main.applied.pending().map((entry) => entry.domainId))]
      if (domainIds.length === 0) continue
      const states = await openSideLanes(
        main.state,
        domainIds.map((domainId) => ({ domainId, cause: null, detail: null })),
      )
      for (const state of states) lanes.add(prefetchLane(state, this.#around.now()))
      // The one before is still being closed.
      if (states.length < domainIds.length) waitMs = shortWaitMs
    }
    return waitMs
  }

  /** Works one lane on. @returns ms until it is worth to look at it again */
  async #advance(lane: Lane<PrefetchEntry>, lanes: LaneSet<PrefetchEntry>): Promise<number> {
    const { domainId } = lane.state
    await lane.applied.fill(this.#around.tail)
    await this.#follow(lane)
    await this.#confirm(lane)
    const dueMs = lane.notBefore - this.#around.now()
    if (dueMs > 0) return dueMs
    let waitMs = Number.POSITIVE_INFINITY
    for (const entry of lane.applied.pending()) {
      const work = this.#workOf(lane, entry)
      // What has to be over before it has to be over before those after it too.
      if (!work.isOpen && !(await this.#open(work))) break
      waitMs = Math.min(waitMs, this.#queue(work))
      if (work.isOver) await this.#finish(work)
    }
    if (lanes.closeIfCaughtUp(lane, this.#around.flusher)) this.#leave(domainId)
    return waitMs
  }

  async #follow({ state, applied }: Lane<PrefetchEntry>): Promise<void> {
    const [first] = applied.pending()
    this.#purges.follow(state.domainId, first?.seq ?? applied.seq)
    if (this.#domains.has(state.domainId)) return
    await this.#purges.advance(this.#around.tail)
    await this.#readDomains([state.domainId])
  }

  /** Nothing is left to fetch for a domain at a cache: what was known of it may be forgotten. */
  #leave(domainId: number): void {
    const isElsewhere = this.lanes.some((lane) => lane.state.domainId === domainId)
    if (isElsewhere) return
    this.#purges.forget(domainId)
    this.#domains.delete(domainId)
    for (const [key, budget] of this.#budgets) if (budget.isIdle) this.#budgets.delete(key)
    for (const [seq, works] of this.#works) {
      const own = [...works.values()].filter(({ entry }) => entry.domainId === domainId)
      for (const work of own) this.#report.forget(work)
      if (own.length > 0) this.#works.delete(seq)
    }
  }

  async #readDomains(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return
    for (const domain of await readPrefetchDomains(ids)) this.#domains.set(domain.id, domain)
    for (const [key, budget] of this.#budgets) budget.setLimits(this.#limitsOf(key))
  }

  #workOf(lane: Lane<PrefetchEntry>, entry: PrefetchEntry): Work {
    const works = this.#works.get(entry.seq) ?? new Map<number, Work>()
    this.#works.set(entry.seq, works)
    const { cacheId } = lane.state
    const known = works.get(cacheId)
    if (known?.lane === lane) return known
    const work = new Work(lane, entry)
    works.set(cacheId, work)
    this.#report.begin(work)
    return work
  }

  /** Lets a command begin once all that it waits for is there; what is known to be in vain ends at once. */
  async #open(work: Work): Promise<boolean> {
    const { entry, lane } = work
    if (this.#around.serverNow() - entry.acceptedAtMs > deadlineMs) {
      this.#endAll(work, () => ({ is: 'failed', cause: 'expired', detail: '' }))
    } else {
      const waitsFor = this.#gate.waitsFor(work)
      if (waitsFor === 'purge' && lane.cause !== 'purge') this.#tell(lane, 'purge', '')
      if (waitsFor) return false
      for (const shortfallOf of await this.#gate.knownShortfalls(work)) this.#endAll(work, shortfallOf)
    }
    work.isOpen = true
    this.#clear(lane)
    return true
  }

  #endAll(work: Work, shortfallOf: (fetching: Fetching) => Shortfall | undefined): void {
    for (const fetching of work.fetchings) {
      const shortfall = fetching.state === 'waiting' ? shortfallOf(fetching) : undefined
      if (!shortfall) continue
      work.end(fetching, shortfall)
      this.#report.line(work)
    }
  }

  /** Lets what may be fetched wait for its turn at the origin. @returns ms until more may */
  #queue(work: Work): number {
    const now = this.#around.now()
    let waitMs = Number.POSITIVE_INFINITY
    for (const fetching of work.fetchings) {
      // The end of one of them lets this look again.
      if ((this.#underWay.get(work.lane.key) ?? 0) >= mostUnderWay) break
      if (fetching.state !== 'waiting') continue
      if (fetching.notBefore > now) waitMs = Math.min(waitMs, fetching.notBefore - now)
      else if (!this.#gate.isBlocked(fetching)) this.#await(fetching)
    }
    return waitMs
  }

  #await(fetching: Fetching): void {
    const { entry, lane } = fetching.work
    const budget = this.#budgetOf(entry.domainId)
    fetching.state = 'queued'
    this.#underWay.set(lane.key, (this.#underWay.get(lane.key) ?? 0) + 1)
    budget.add({
      accountId: entry.accountId,
      order: entry.seq * 1_000 + fetching.place,
      reachesOrigin: this.#gate.shieldsBefore(fetching.work).length === 0,
      start: () => void this.#start(fetching, budget),
    })
    this.#pump(budget)
  }

  /** Starts what an origin may be asked now, and later by itself what it may be asked then. */
  #pump(budget: OriginBudget): void {
    const waitMs = budget.advance()
    if (waitMs === Number.POSITIVE_INFINITY || this.#pumping.has(budget)) return
    this.#pumping.add(budget)
    setTimeout(
      () => {
        this.#pumping.delete(budget)
        if (!this.#abort.signal.aborted) this.#pump(budget)
      },
      Math.min(waitMs, longestTimerMs),
    )
  }

  #budgetOf(domainId: number): OriginBudget {
    const { origin = '', name = '' } = this.#domains.get(domainId) ?? {}
    const key = origin || name
    const budget = this.#budgets.get(key) ?? new OriginBudget(this.#limitsOf(key), this.#around.now)
    this.#budgets.set(key, budget)
    return budget
  }

  /** Domains with one origin share what it may be asked: the least that any of them allows. */
  #limitsOf(key: string) {
    const all = [...this.#domains.values()].filter(({ origin, name }) => (origin || name) === key)
    const least = (of: (domain: PrefetchDomain) => number) =>
      Math.min(Number.MAX_SAFE_INTEGER, ...all.map(of))
    return {
      perSecond: least(({ settings }) => settings.originPerSecond),
      atOnce: least(({ settings }) => settings.originAtOnce),
      bytesPerSecond: least(({ settings }) => settings.originBytesPerSecond),
    }
  }

  async #start(fetching: Fetching, budget: OriginBudget): Promise<void> {
    const { lane } = fetching.work
    const open = this.#caches.get(lane.state.cacheId)
    fetching.state = 'waiting'
    // The cache went away while this waited for its turn.
    const isThere = open?.lanes.has(lane) && lane.notBefore <= this.#around.now()
    if (open && isThere) await this.#fetch(fetching, budget, open.driver)
    else budget.released()
    const underWay = (this.#underWay.get(lane.key) ?? 1) - 1
    if (underWay > 0) this.#underWay.set(lane.key, underWay)
    else this.#underWay.delete(lane.key)
    if (!this.#abort.signal.aborted) this.#pump(budget)
    this.wake()
  }

  async #fetch(fetching: Fetching, budget: OriginBudget, driver: Driver): Promise<void> {
    const { work, domain, target } = fetching
    const reachesOrigin = this.#gate.shieldsBefore(work).length === 0
    fetching.state = 'running'
    fetching.tries += 1
    fetching.knownSeq = this.#purges.scanned(work.entry.domainId)
    const startMs = this.#around.now()
    let firstByteMs: number | undefined
    const onBytes = (bytes: number, total: number | undefined) => {
      firstByteMs ??= this.#around.now() - startMs
      this.#report.bytes(work, fetching, target, bytes, total)
    }
    const request = { domain, target, ...this.#requestOf(fetching) }
    const fetched = await driver.fetch(request, onBytes, this.#abort.signal)
    this.#report.ended(work, fetching)
    if (reachesOrigin && fetched.is !== 'unreachable') budget.ended(passageOf(fetched, firstByteMs))
    else budget.released()
    const isCurrent = this.#caches.get(work.lane.state.cacheId)?.driver === driver
    if (this.#abort.signal.aborted || !isCurrent) fetching.state = 'waiting'
    else await this.#heed(fetching, fetched).catch((error) => this.#failed(fetching, error))
  }

  /** Mostly the database is away; what was fetched is fetched again, but not at once. */
  #failed(fetching: Fetching, error: unknown): void {
    tellTrouble('prefetch', error)
    Object.assign(fetching, { state: 'waiting', notBefore: this.#around.now() + awayRetryMs })
  }

  #requestOf({ work, variant, domain }: Fetching) {
    const { headers } = work.entry
    const settings = this.#domains.get(work.entry.domainId)?.settings
    const set = headers[variant] ?? []
    const isOwn = domain === work.entry.domain
    return {
      // Credentials are for the domain that allows them, not for where it leads to.
      headers: isOwn ? set : set.filter(([name]) => !/^(cookie|authorization)$/i.test(name)),
      maxBytes: settings?.maxPrefetchBytes ?? Number.MAX_SAFE_INTEGER,
    }
  }

  async #heed(fetching: Fetching, fetched: Fetched): Promise<void> {
    const { work } = fetching
    if (fetched.is !== 'unreachable') this.#clear(work.lane)
    const onward = await this.#whereTo(fetching, fetched)
    const step = judgeFetch(fetched, fetching.tries, fetching.hops, () => onward)
    if (step.is === 'away') return this.#leaveAlone(fetching, step)
    if (step.is === 'again') {
      fetching.state = 'waiting'
      fetching.notBefore = this.#around.now() + step.afterMs
    } else if (step.is === 'on') {
      Object.assign(fetching, { state: 'waiting', tries: 0, hops: fetching.hops + 1, ...onward })
    } else if (await this.#gate.wasPurged(fetching)) {
      // What was fetched may be from before that purge, and is gone with it.
      Object.assign(fetching, { state: 'waiting', tries: 0 })
    } else if (step.is === 'kept' && fetching.variant + 1 < work.entry.headers.length) {
      const { domain, targets } = work.entry
      const target = targets[fetching.place] ?? ''
      Object.assign(fetching, {
        state: 'waiting',
        variant: fetching.variant + 1,
        tries: 0,
        hops: 0,
        domain,
        target,
      })
    } else {
      work.end(fetching, step.is === 'kept' ? undefined : { ...step, detail: oneLine(step.detail) })
      this.#report.line(work)
    }
  }

  /** A redirect is followed within the account, where the domain says so and the same cache serves its end. */
  async #whereTo(
    { work, domain, target }: Fetching,
    fetched: Fetched,
  ): Promise<{ domain: string; target: string } | undefined> {
    const { entry, lane } = work
    if (fetched.is !== 'status' || fetched.location === undefined) return undefined
    if (!this.#domains.get(entry.domainId)?.settings.followRedirects) return undefined
    const base = `https://${domain}${target}`
    if (!URL.canParse(fetched.location, base)) return undefined
    const url = new URL(fetched.location, base)
    const found = await findPrefetchDomain(entry.accountId, url.hostname)
    if (!/^https?:$/.test(url.protocol) || !found?.caches.includes(lane.state.cacheId)) return undefined
    return { domain: found.name, target: url.pathname + url.search }
  }

  /** The cache cannot be reached: its lane waits, and nothing counts as tried. */
  #leaveAlone(fetching: Fetching, { cause, detail }: Step & { is: 'away' }): void {
    const { lane } = fetching.work
    Object.assign(fetching, { state: 'waiting', tries: fetching.tries - 1 })
    lane.notBefore = this.#around.now() + awayRetryMs
    this.#tell(lane, cause, oneLine(detail))
  }

  #tell(lane: Lane<PrefetchEntry>, cause: string, detail: string): void {
    lane.cause = cause
    lane.detail = detail
    this.#around.flusher.add(lane)
  }

  #clear(lane: Lane<PrefetchEntry>): void {
    if (lane.cause === null) return
    lane.cause = lane.detail = null
    this.#around.flusher.add(lane)
  }

  /** All of a command is fetched or given up: its lane passes it, in both passes at once. */
  async #finish(work: Work): Promise<void> {
    const { lane, entry } = work
    // Together: a lane that is written past a command takes its notes along.
    lane.applied.finishEntries([entry])
    this.#around.flusher.add(lane, work.notes())
    this.#report.commandEnded()
    await this.#confirm(lane)
    this.wake()
  }

  /** What is fetched is confirmed as well. */
  async #confirm(lane: Lane<PrefetchEntry>): Promise<void> {
    await lane.confirmed.fill(this.#around.tail, lane.applied.seq)
    lane.confirmed.finishEntries(lane.confirmed.pending())
    if (lane.note(this.#around.now())) this.#around.confirmed(lane.state.cacheId)
  }
}
