import { randomUUID } from 'node:crypto'
import { laneClasses } from '#lib/core/command.ts'
import type { DriverKind } from '#lib/drivers/driver.ts'
import type { Log, PurgeEntry } from '#lib/log/log.ts'
import { makePartitions } from '#lib/store/accept.ts'
import { dropOldCalls, dropOldNonces } from '#lib/store/api-calls.ts'
import { sealAudit } from '#lib/store/audit-chain.ts'
import { readOpenableCaches, readRemovedCaches } from '#lib/store/caches.ts'
import { db } from '#lib/store/client.ts'
import { beat, claimLanes, holdLease, type LaneState, leave, readCursors } from '#lib/store/lanes.ts'
import { newestSeq } from '#lib/store/log-state.ts'
import { type Channel, listen } from '#lib/store/notifications.ts'
import { dropOldCounts } from '#lib/store/overview.ts'
import { dropOldQuestions } from '#lib/store/probes.ts'
import { keepRecords } from '#lib/store/retention.ts'
import { dropOldSubmissionKeys } from '#lib/store/submission-keys.ts'
import { CacheRunner, type Surroundings } from './cache-runner.ts'
import { Flusher } from './flush.ts'
import { Milestones } from './milestones.ts'
import { Prefetcher } from './prefetcher.ts'
import { Questions } from './questions.ts'
import { Settler } from './settler.ts'
import { Tail } from './tail.ts'
import { tellTrouble } from './trouble.ts'

const beatMs = 2000
const lookMs = 1000
const idleFlushMs = 60_000
const housekeepingMs = 3_600_000
/** How long a cache may be quiet until it is asked how it is; longer where that were more than 100 a second. */
const quietMs = 1000
const quietMsPerCache = 10

/** A worker: it claims lanes, reads the log once for all of them, delivers and settles. */
export class Worker {
  readonly id = randomUUID()
  readonly #log: Log
  readonly #driverKinds: Record<string, DriverKind>
  readonly #now: () => number
  readonly #runners = new Map<number, CacheRunner>()
  readonly #foreign = new Map<string, Milestones>()
  readonly #unplaced: LaneState[] = []
  #removed: ReadonlySet<number> = new Set()
  /** Shields that some command waits for, or did. */
  readonly #awaited = new Set<number>()
  readonly #questions = new Questions((cacheId) => this.#runners.get(cacheId))
  readonly #flusher: Flusher
  readonly #settler: Settler
  readonly #timers: NodeJS.Timeout[] = []
  #tail: Tail | undefined
  #prefetcher: Prefetcher | undefined
  /** The database's clock against ours, ms. */
  #clockAheadMs = 0
  #stopListening: (() => Promise<void>) | undefined
  #steps = new Map<string, { running: boolean; again: boolean }>()
  #stopped = false

  constructor(
    log: Log,
    driverKinds: Record<string, DriverKind>,
    now: () => number = () => performance.now(),
  ) {
    this.#log = log
    this.#driverKinds = driverKinds
    this.#now = now
    this.#settler = new Settler(this.id, now, (pass, { cacheId, class: laneClass, domainId }, seq) => {
      if (laneClass === laneClasses.prefetch) return this.#prefetcher?.passedAt(cacheId, domainId, seq)
      return this.#runners.get(cacheId)?.passedAt(pass, laneClass, domainId, seq)
    })
    this.#flusher = new Flusher(now, {
      before: async () => this.#prefetcher?.settle(),
      written: () => this.#step('settle', () => this.#settler.settle()),
      lost: (lane) => {
        this.#runners.get(lane.state.cacheId)?.dropLane(lane)
        this.#prefetcher?.dropLane(lane)
      },
    })
  }

  /** Starts; resolves when the first lanes are claimed and work has begun. */
  async start(): Promise<void> {
    this.#tail = new Tail(this.#log, await newestSeq())
    this.#prefetcher = new Prefetcher({
      ...this.#surroundings(),
      serverNow: () => this.#now() + this.#clockAheadMs,
      isConfirmed: (cacheId, laneClass, domainId, seq) =>
        this.#laneConfirmedAt(cacheId, laneClass, domainId, seq) !== undefined,
    })
    await this.#beat()
    this.#stopListening = listen(['freshet_log', 'freshet_lanes', 'freshet_work'], (channel) =>
      this.#heard(channel),
    )
    this.#every(beatMs, 'beat', () => this.#beat())
    this.#every(lookMs, 'advance', () => this.#advance())
    this.#every(lookMs, 'settle', () => this.#settler.settle())
    this.#every(lookMs, 'seal', async () => {
      if (this.#settler.holds) await sealAudit()
    })
    this.#every(lookMs, 'foreign', () => this.#readForeign())
    this.#every(lookMs, 'questions', () => this.#questions.answer())
    this.#every(idleFlushMs, 'idle', async () => this.#flushIdle())
    this.#every(lookMs, 'health', () => this.#checkHealth())
    this.#every(housekeepingMs, 'housekeeping', housekeeping)
    this.#step('housekeeping', housekeeping)
    this.#step('advance', () => this.#advance())
  }

  /** Stops: what is in flight ends, what was reached is written, the lanes are free for others. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) clearInterval(timer)
    await this.#stopListening?.()
    await Promise.all([
      this.#prefetcher?.stop(),
      ...[...this.#runners.values()].map((runner) => runner.stop()),
    ])
    await this.#flusher.close()
    await leave(this.id).catch(() => {})
  }

  #heard(channel: Channel): void {
    if (channel === 'freshet_log') this.#step('advance', () => this.#advance())
    if (channel === 'freshet_lanes') this.#step('foreign', () => this.#readForeign())
    if (channel === 'freshet_work') {
      this.#step('beat', () => this.#beat())
      this.#step('questions', () => this.#questions.answer())
    }
  }

  /** Runs one kind of step at a time; asked meanwhile, it runs once more after. */
  #step(name: string, work: () => Promise<void>): void {
    const step = this.#steps.get(name) ?? { running: false, again: false }
    this.#steps.set(name, step)
    if (this.#stopped) return
    if (step.running) {
      step.again = true
      return
    }
    step.running = true
    work()
      // Mostly the database is away: the next look tries again.
      .catch((error) => tellTrouble(name, error))
      .finally(() => {
        step.running = false
        if (step.again) {
          step.again = false
          this.#step(name, work)
        }
      })
  }

  #every(ms: number, name: string, work: () => Promise<void>): void {
    this.#timers.push(setInterval(() => this.#step(name, work), ms))
  }

  async #advance(): Promise<void> {
    if (await this.#tail?.advance()) this.#wakeAll()
  }

  #wakeAll(): void {
    for (const runner of this.#runners.values()) runner.wake()
    this.#prefetcher?.wake()
  }

  /** Says that this worker lives, takes lanes that nobody works, and follows changes of caches. */
  async #beat(): Promise<void> {
    const nowMs = await beat(this.id)
    this.#clockAheadMs = nowMs - this.#now()
    // Kept until somebody works them: a living worker's lanes are nobody else's.
    const mayPrefetch = await holdLease('prefetch', this.id)
    this.#unplaced.push(...(await claimLanes(this.id, mayPrefetch)))
    const caches = await readOpenableCaches()
    this.#removed = await readRemovedCaches()
    const [prefetches, purges] = split(this.#unplaced.splice(0))
    const byCache = Map.groupBy(purges, (lane) => lane.cacheId)
    for (const cache of caches) {
      const lanes = byCache.get(cache.id) ?? []
      const runner = this.#runners.get(cache.id)
      if (runner) {
        if (runner.cache.revision !== cache.revision) runner.reopen(cache)
        for (const lane of lanes) runner.addLane(lane)
      } else if (lanes.length > 0) {
        this.#runners.set(cache.id, new CacheRunner(cache, lanes, this.#surroundings()))
      }
    }
    this.#dropRemoved(new Set(caches.map((cache) => cache.id)))
    await this.#prefetcher?.follow(caches, prefetches)
    await this.#settler.renew()
  }

  #dropRemoved(inService: ReadonlySet<number>): void {
    for (const [id, runner] of this.#runners) {
      if (inService.has(id)) continue
      this.#runners.delete(id)
      // Not waited for: a call that hangs must not hold up the beat.
      runner.stop().catch(() => {})
    }
  }

  #surroundings(): Surroundings {
    if (!this.#tail) throw new Error('the worker has not started')
    return {
      now: this.#now,
      tail: this.#tail,
      flusher: this.#flusher,
      driverKinds: this.#driverKinds,
      confirmedAt: (cacheId, entry) => this.#confirmedAt(cacheId, entry),
      confirmed: (cacheId) => {
        if (this.#awaited.has(cacheId)) this.#wakeAll()
      },
    }
  }

  /**
   * When a shield confirmed everything of a domain up to a command. A purge of everything, such as
   * that of a cache that joins, waits for both classes, because it stands for earlier commands.
   */
  #confirmedAt(cacheId: number, entry: PurgeEntry): number | undefined {
    const classes = entry.command.kind === 'everything' ? [0, 1] : [entry.class]
    const times = classes.map((laneClass) =>
      this.#laneConfirmedAt(cacheId, laneClass, entry.domainId, entry.seq),
    )
    return times.includes(undefined) ? undefined : Math.max(...times.map((time) => time ?? 0))
  }

  #laneConfirmedAt(cacheId: number, laneClass: number, domainId: number, seq: number): number | undefined {
    this.#awaited.add(cacheId)
    const own = this.#runners.get(cacheId)
    if (own) return own.passedAt('echo', laneClass, domainId, seq)
    const foreign =
      this.#foreign.get(`${cacheId}/${laneClass}/${domainId}`) ??
      this.#foreign.get(`${cacheId}/${laneClass}/0`)
    if (foreign) return foreign.passedAt(seq)
    // Nothing can come from a shield that was removed; of any other we have not heard yet.
    return this.#removed.has(cacheId) ? 0 : undefined
  }

  /** Learns how far lanes of other workers are; learned late is late enough. */
  async #readForeign(): Promise<void> {
    const { lanes } = await readCursors()
    let news = false
    const seen = new Set<string>()
    for (const lane of lanes) {
      const isOurs = lane.class === laneClasses.prefetch || this.#runners.get(lane.cacheId)?.holds(lane.class)
      if (isOurs) continue
      seen.add(keyOf(lane))
      const milestones = this.#foreign.get(keyOf(lane)) ?? new Milestones()
      this.#foreign.set(keyOf(lane), milestones)
      news = milestones.reach(lane.confirmed, this.#now()) || news
    }
    for (const key of this.#foreign.keys()) if (!seen.has(key)) this.#foreign.delete(key)
    if (news) this.#wakeAll()
  }

  /** Idle lanes move to the tail, so that a lane is never older than the log for lack of work. */
  #flushIdle(): void {
    const workers = [...this.#runners.values(), ...(this.#prefetcher ? [this.#prefetcher] : [])]
    for (const { lanes } of workers) for (const lane of lanes) if (lane.hasMoved) this.#flusher.add(lane)
  }

  async #checkHealth(): Promise<void> {
    const quiet = Math.max(quietMs, quietMsPerCache * this.#runners.size)
    await Promise.all([...this.#runners.values()].map((runner) => runner.checkHealth(quiet)))
  }
}

/** Lanes of prefetches, and those of purges. */
function split(lanes: readonly LaneState[]): [LaneState[], LaneState[]] {
  const isPrefetch = (lane: LaneState) => lane.class === laneClasses.prefetch
  return [lanes.filter(isPrefetch), lanes.filter((lane) => !isPrefetch(lane))]
}

/** Calls of the API that are kept of each key. */
const keptCalls = 100

const keyOf = (lane: LaneState) => `${lane.cacheId}/${lane.class}/${lane.domainId}`

async function housekeeping(): Promise<void> {
  await makePartitions()
  await dropOldSubmissionKeys(db())
  await dropOldNonces()
  await dropOldCalls(keptCalls)
  await dropOldQuestions()
  await keepRecords()
  await dropOldCounts()
}
