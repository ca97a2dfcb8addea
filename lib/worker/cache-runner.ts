import type { CacheKind } from '#lib/core/capabilities.ts'
import type { Holdings } from '#lib/core/question.ts'
import type { Cause, Coverage, Driver, DriverKind, ProbeResult } from '#lib/drivers/driver.ts'
import type { PurgeEntry } from '#lib/log/log.ts'
import type { OpenableCache } from '#lib/store/caches.ts'
import { type LaneState, type Note, openSideLanes } from '#lib/store/lanes.ts'
import type { Piece } from './cursor.ts'
import { type Again, type Delivered, deliver, oneLine } from './delivery.ts'
import { type ConfirmedAt, echoAt, needsEcho } from './echo.ts'
import type { Flusher } from './flush.ts'
import { Health } from './health.ts'
import { type Lane, type Pass, purgeLane } from './lane.ts'
import { LaneSet } from './lane-set.ts'
import { Signal } from './signal.ts'
import { readSitemap, type SitemapAnswer, type SitemapQuestion } from './sitemap.ts'
import type { Tail } from './tail.ts'
import { tellTrouble } from './trouble.ts'

/** The longest that one batch may take. */
export const batchDeadlineMs = 3000
/** The longest that a cache may take to show that a batch that failed was not its fault. */
const alibiMs = 1500
const sitemapDeadlineMs = 10_000
const retryMs = 2000
const shortWaitMs = 150
/** Urgent batches after which bulk has its turn. */
const urgentStreak = 4

/** What all runners of a worker share. */
export type Surroundings = {
  now: () => number
  tail: Tail
  flusher: Flusher
  driverKinds: Record<string, DriverKind>
  confirmedAt: ConfirmedAt
  /** Called when a lane of this cache confirmed something: others may wait for it. */
  confirmed: (cacheId: number) => void
}

type Batch = Piece<PurgeEntry>[]

/** Works the purge lanes of one cache: one call in flight per pass, and per side lane and pass. */
export class CacheRunner {
  #cache: OpenableCache
  #driver: Driver
  #kind: DriverKind
  readonly #lanes: LaneSet<PurgeEntry>
  readonly #around: Surroundings
  readonly #signal = new Signal()
  readonly #loops = new Set<Promise<void>>()
  readonly #health: Health
  /** Deliveries that wait for their answer. */
  #calls = 0
  #stopped = false

  constructor(cache: OpenableCache, lanes: readonly LaneState[], around: Surroundings) {
    this.#cache = cache
    this.#lanes = new LaneSet(cache.id)
    this.#around = around
    this.#kind = kindOf(cache, around)
    this.#driver = this.#kind.open(cache)
    this.#health = new Health(cache, around.now)
    const alive = () => !this.#stopped
    for (const pass of ['apply', 'echo'] as const) this.#startLoop(pass, () => this.#mainLanes(), alive)
    for (const lane of lanes) this.addLane(lane)
  }

  get cache(): OpenableCache {
    return this.#cache
  }

  get lanes(): readonly Lane[] {
    return this.#lanes.all
  }

  /** Whether this worker works the lanes of a class here. */
  holds(laneClass: number): boolean {
    return this.#lanes.get(laneClass) !== undefined
  }

  /** When a pass got by a command here, monotonic ms; undefined while it has not. */
  passedAt(pass: Pass, laneClass: number, domainId: number, seq: number): number | undefined {
    return this.#lanes.passedAt(pass, laneClass, domainId, seq)
  }

  /** Works one more lane. */
  addLane(state: LaneState): Lane {
    const lane = purgeLane(state, this.#around.now())
    this.#lanes.add(lane)
    if (lane.isSide) {
      const alive = () => !this.#stopped && this.#lanes.has(lane)
      for (const pass of ['apply', 'echo'] as const) this.#startLoop(pass, () => [lane], alive)
    }
    this.wake()
    return lane
  }

  /** Gives a lane up that another worker holds now. */
  dropLane(lane: Pick<Lane, 'key'>): void {
    this.#lanes.drop(lane)
  }

  /** Opens the cache anew after its settings changed or somebody asked to try now. */
  reopen(cache: OpenableCache): void {
    const old = this.#driver
    this.#cache = cache
    this.#kind = kindOf(cache, this.#around)
    this.#driver = this.#kind.open(cache)
    this.#health.reset(cache)
    for (const lane of this.#lanes.all) lane.notBefore = 0
    this.wake()
    old.close().catch(() => {})
  }

  /** Looks for work. */
  wake(): void {
    this.#signal.wake()
  }

  /**
   * Asks the cache how it is when nothing was heard of it for a while. While something is to be
   * delivered, that tells, and more truly: what holds a cache off may need more than a ping.
   */
  async checkHealth(quietMs: number): Promise<void> {
    if (this.#calls > 0 || !this.#isIdle || !this.#health.isQuiet(quietMs)) return
    const driver = this.#driver
    const failure = await driver.ping(AbortSignal.timeout(alibiMs))
    if (driver !== this.#driver || this.#calls > 0) return
    if (failure) this.#health.hold(failure.cause, oneLine(failure.detail))
    else this.#health.answered()
  }

  get #isIdle(): boolean {
    return this.#lanes.all.every(
      ({ applied, confirmed }) => applied.pending().length + confirmed.pending().length === 0,
    )
  }

  /** Tests the cache for real; one that works and was not heard of yet is up from now on. */
  async probe(deadlineMs = batchDeadlineMs): Promise<ProbeResult> {
    const answer = await this.#driver.probe(AbortSignal.timeout(deadlineMs))
    const result = { ...answer, detail: oneLine(answer.detail) }
    this.#health.probed(result)
    return result
  }

  /** What the cache holds of what a purge would cover; null where it cannot tell. */
  holdings(coverage: Coverage): Promise<Holdings | null> {
    return this.#driver.holdings(coverage, AbortSignal.timeout(batchDeadlineMs))
  }

  /** Reads a sitemap through the cache. */
  sitemap(question: SitemapQuestion): Promise<SitemapAnswer> {
    return readSitemap(question, (fetch) =>
      this.#driver.fetch(fetch, () => {}, AbortSignal.timeout(sitemapDeadlineMs)),
    )
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.wake()
    await Promise.all(this.#loops)
    await this.#driver.close()
  }

  #mainLanes(): Lane[] {
    return this.#lanes.all.filter((lane) => !lane.isSide)
  }

  #startLoop(pass: Pass, lanes: () => Lane[], alive: () => boolean): void {
    const loop = this.#run(pass, lanes, alive).finally(() => this.#loops.delete(loop))
    this.#loops.add(loop)
  }

  async #run(pass: Pass, lanes: () => Lane[], alive: () => boolean): Promise<void> {
    while (alive()) {
      const { version } = this.#signal
      if (this.#health.heldMs > 0) {
        await this.#signal.wait(version, this.#health.heldMs)
        continue
      }
      try {
        const turn = await this.#next(pass, lanes())
        if (turn.batch) await this.#deliver(pass, turn.lane, turn.batch)
        else await this.#signal.wait(version, turn.waitMs)
      } catch (error) {
        // Mostly the database is away: lanes keep their place, and the next look tries again.
        tellTrouble(`cache ${this.#cache.id}`, error)
        await this.#signal.wait(this.#signal.version, 1000)
      }
    }
  }

  /** The next batch of a pass: urgent first, but bulk gets one batch in five. */
  async #next(
    pass: Pass,
    lanes: readonly Lane[],
  ): Promise<{ lane: Lane; batch: Batch } | { batch: null; waitMs: number }> {
    const byClass = [...lanes].sort((a, b) => a.state.class - b.state.class)
    const [first] = byClass
    if (byClass.length > 1 && first && first.streak[pass] >= urgentStreak)
      byClass.push(...byClass.splice(0, 1))
    let waitMs = Number.POSITIVE_INFINITY
    for (const lane of byClass) {
      const due = lane.notBefore - this.#around.now()
      if (due > 0) {
        waitMs = Math.min(waitMs, due)
        continue
      }
      const batch = pass === 'apply' ? await this.#batchToApply(lane) : await this.#batchToEcho(lane)
      if (Array.isArray(batch)) {
        if (first) first.streak[pass] = lane === first ? first.streak[pass] + 1 : 0
        return { lane, batch }
      }
      waitMs = Math.min(waitMs, batch)
    }
    return { batch: null, waitMs }
  }

  async #batchToApply(lane: Lane): Promise<Batch | number> {
    await lane.applied.fill(this.#around.tail)
    const now = this.#around.now()
    const most = lane.batchSize('apply', this.#kind.maxTargetsPerBatch)
    const batch = lane.applied.take(most, now, () => true)
    this.#moved(lane)
    return batch.length > 0 ? batch : lane.applied.nextDue(now) - now
  }

  async #batchToEcho(lane: Lane): Promise<Batch | number> {
    await lane.confirmed.fill(this.#around.tail, lane.applied.seq)
    const sure = lane.confirmed.pending().filter((entry) => !needsEcho(this.#cache, entry))
    lane.confirmed.finishEntries(sure)
    this.#moved(lane)
    if (sure.length > 0) {
      this.#around.flusher.add(lane)
      return this.#batchToEcho(lane)
    }
    const now = this.#around.now()
    const due = new Map(
      lane.confirmed
        .pending()
        .map((entry) => [entry, echoAt(this.#cache, lane, entry, this.#around.confirmedAt) - now]),
    )
    const most = lane.batchSize('echo', this.#kind.maxTargetsPerBatch)
    const batch = lane.confirmed.take(most, now, (entry) => (due.get(entry) ?? 0) <= 0)
    if (batch.length > 0) return batch
    const waits = [...due.values()].filter((ms) => ms > 0)
    return Math.min(Number.POSITIVE_INFINITY, ...waits, lane.confirmed.nextDue(now) - now)
  }

  async #deliver(pass: Pass, lane: Lane, batch: Batch): Promise<void> {
    const driver = this.#driver
    const signal = AbortSignal.timeout(batchDeadlineMs)
    this.#calls += 1
    const delivered = await deliver(driver, pass, this.#cache.kind as CacheKind, batch, signal)
    this.#calls -= 1
    // Opened anew meanwhile, perhaps at another address: what the old one did proves nothing.
    if (driver !== this.#driver || !this.#lanes.has(lane)) return
    this.#finish(pass, lane, delivered)
    const { again } = delivered
    const ofCache = again.find(({ outcome }) => outcome.scope === 'cache')?.outcome
    if (ofCache && !(await this.#takesOthers(ofCache.cause))) this.#health.hold(ofCache.cause, ofCache.detail)
    else if (again.length > 0) await this.#setAside(pass, lane, again)
    else {
      lane.grow(pass)
      if (!lane.hasPostponed) lane.cause = lane.detail = null
    }
    this.wake()
  }

  #finish(pass: Pass, lane: Lane, { finished, failed }: Delivered): void {
    const cursor = pass === 'apply' ? lane.applied : lane.confirmed
    cursor.finish(finished)
    if (finished.length > 0) {
      this.#around.flusher.add(
        lane,
        failed.map(({ entry, outcome }) => noteOf(lane, entry, outcome)),
      )
      this.#health.answered()
    }
    this.#moved(lane)
  }

  /**
   * Whether a cache that did not take a batch takes a probe: then it is the batch that has to wait. One
   * that refuses connections or our secret does so for all.
   */
  async #takesOthers(cause: Cause): Promise<boolean> {
    if (cause === 'unreachable' || cause === 'credentials') return false
    return (await this.probe(alibiMs)).ok
  }

  /** Lets the others pass what did not go through: other domains, and in a side lane other targets. */
  async #setAside(pass: Pass, lane: Lane, again: Delivered['again']): Promise<void> {
    if (lane.isSide) return this.#bisect(pass, lane, again)
    const late = again.filter(({ outcome }) => outcome.cause === 'timeout')
    if (late.length > 0) lane.halve(pass, sizeOf(late))
    const byDomain = new Map(again.map(({ piece, outcome }) => [piece.entry.domainId, outcome]))
    const reasons = [...byDomain].map(([domainId, { cause, detail }]) => ({ domainId, cause, detail }))
    const opened = await openSideLanes(lane.state, reasons)
    for (const state of opened) {
      const outcome = byDomain.get(state.domainId) as Again
      const side = this.addLane(state)
      side.cause = outcome.cause
      side.detail = outcome.detail
      side.notBefore = this.#around.now() + (outcome.scope === 'domain' ? retryMs : 0)
    }
    // One of an earlier time is still being closed.
    if (opened.length < byDomain.size) lane.notBefore = this.#around.now() + shortWaitMs
  }

  /** Sends half as much next time, until what does not go through stands alone and waits by itself. */
  #bisect(pass: Pass, lane: Lane, again: Delivered['again']): void {
    const [{ outcome }] = again as [Delivered['again'][number]]
    lane.cause = outcome.cause
    lane.detail = outcome.detail
    const targets = sizeOf(again)
    const now = this.#around.now()
    if (outcome.scope === 'domain') lane.notBefore = now + retryMs
    else if (targets > 1) lane.halve(pass, targets)
    else {
      const cursor = pass === 'apply' ? lane.applied : lane.confirmed
      for (const { piece } of again) cursor.postpone(piece, now + retryMs)
      lane.grow(pass)
    }
    this.#around.flusher.add(lane)
  }

  /** Takes note of how far a lane is; nothing is written for commands that only passed it by. */
  #moved(lane: Lane): void {
    if (lane.note(this.#around.now())) this.#around.confirmed(this.#cache.id)
    if (lane.owesMove) this.#around.flusher.add(lane)
    if (lane.isSide && this.#lanes.closeIfCaughtUp(lane, this.#around.flusher)) this.wake()
  }
}

function sizeOf(again: Delivered['again']): number {
  return again.reduce((sum, { piece }) => sum + piece.places.length, 0)
}

function kindOf(cache: OpenableCache, around: Surroundings): DriverKind {
  const kind = around.driverKinds[cache.kind]
  if (!kind) throw new Error(`no driver for caches of kind ${cache.kind}`)
  return kind
}

function noteOf(
  lane: Lane,
  entry: PurgeEntry,
  outcome: { cause: Cause; detail: string; targets: number[] },
): Note {
  const { cacheId, class: laneClass, domainId } = lane.state
  const { accountId, taskId, seq, command } = entry
  const targets = outcome.targets.length === command.targets.length ? [] : outcome.targets
  const { cause, detail } = outcome
  return {
    cacheId,
    class: laneClass,
    domainId,
    seq,
    accountId,
    taskId,
    state: 'failed',
    cause,
    detail,
    targets,
  }
}
