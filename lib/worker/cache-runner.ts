import type { Cause, Driver, DriverKind, Outcome } from '#lib/drivers/driver.ts'
import type { LogEntry } from '#lib/log/log.ts'
import { type OpenableCache, writeCacheHealth } from '#lib/store/caches.ts'
import { type Note, openSideLane } from '#lib/store/lanes.ts'
import { type ConfirmedAt, echoAt, needsEcho } from './echo.ts'
import type { Flusher } from './flush.ts'
import { Lane, type Pass } from './lane.ts'
import { Signal } from './signal.ts'
import type { Tail } from './tail.ts'

/** The longest that one batch may take. */
export const batchDeadlineMs = 3000
const retryMs = 2000
const shortWaitMs = 150
const pausedRetryMs = 30_000
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

type Hold = { until: number; cause: string; detail: string }

/** Works the lanes of one cache: one call in flight per pass, and per side lane and pass. */
export class CacheRunner {
  #cache: OpenableCache
  #driver: Driver
  #kind: DriverKind
  readonly #lanes = new Map<string, Lane>()
  /** The last side lane of a domain that closed, for the times it knows. */
  readonly #closed = new Map<string, Lane>()
  readonly #around: Surroundings
  readonly #signal = new Signal()
  readonly #loops = new Set<Promise<void>>()
  #hold: Hold | null = null
  #health = ''
  #lastAnswerAt: number
  #stopped = false

  constructor(cache: OpenableCache, lanes: readonly Lane[], around: Surroundings) {
    this.#cache = cache
    this.#around = around
    this.#kind = kindOf(cache, around)
    this.#driver = this.#kind.open(cache)
    this.#lastAnswerAt = around.now()
    this.#startLoop(
      'apply',
      () => this.#mainLanes(),
      () => !this.#stopped,
    )
    this.#startLoop(
      'echo',
      () => this.#mainLanes(),
      () => !this.#stopped,
    )
    for (const lane of lanes) this.addLane(lane)
  }

  get cache(): OpenableCache {
    return this.#cache
  }

  get lanes(): Iterable<Lane> {
    return this.#lanes.values()
  }

  /** Whether this worker works the lanes of a class here. */
  holds(laneClass: number): boolean {
    return this.#lanes.has(`${this.#cache.id}/${laneClass}/0`)
  }

  /**
   * When a pass got by a command here, monotonic ms; undefined while it has not. Where a side lane
   * did it, its time counts, also after it closed: its main lane read past the command earlier.
   */
  passedAt(pass: Pass, laneClass: number, domainId: number, seq: number): number | undefined {
    const side = this.#lanes.get(`${this.#cache.id}/${laneClass}/${domainId}`)
    if (side) return side.passedAt(pass, seq)
    const closed = this.#closed.get(`${laneClass}/${domainId}`)
    if (closed && closed[pass === 'apply' ? 'applied' : 'confirmed'].seq >= seq)
      return closed.passedAt(pass, seq)
    return this.#lanes.get(`${this.#cache.id}/${laneClass}/0`)?.passedAt(pass, seq)
  }

  /** Works one more lane. */
  addLane(lane: Lane): void {
    this.#lanes.set(lane.key, lane)
    if (lane.isSide) {
      const main = this.#lanes.get(`${this.#cache.id}/${lane.state.class}/0`)
      main?.sides.add(lane.state.domainId)
      main?.applied.reconsider()
      main?.confirmed.reconsider()
      const alive = () => !this.#stopped && this.#lanes.get(lane.key) === lane
      this.#startLoop('apply', () => [lane], alive)
      this.#startLoop('echo', () => [lane], alive)
    } else {
      for (const other of this.#lanes.values()) {
        if (other.isSide && other.state.class === lane.state.class) lane.sides.add(other.state.domainId)
      }
    }
    this.wake()
  }

  /** Gives a lane up that another worker holds now. */
  dropLane(lane: Lane): void {
    if (this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key)
  }

  /** Opens the cache anew after its settings changed or somebody asked to try now. */
  reopen(cache: OpenableCache): void {
    const old = this.#driver
    this.#cache = cache
    this.#kind = kindOf(cache, this.#around)
    this.#driver = this.#kind.open(cache)
    this.#hold = null
    this.#health = ''
    for (const lane of this.#lanes.values()) lane.notBefore = 0
    this.wake()
    old.close().catch(() => {})
  }

  /** Looks for work. */
  wake(): void {
    this.#signal.wake()
  }

  /** Asks the cache how it is when nothing was heard of it for a while. */
  async checkHealth(quietMs: number): Promise<void> {
    if (this.#hold || this.#around.now() - this.#lastAnswerAt < quietMs) return
    const result = await this.probe()
    if (!result.ok) this.#holdFor(result.cause ?? 'unexpected', result.detail)
  }

  /** Tests the cache for real; one that works and was not heard of yet is up from now on. */
  async probe(): ReturnType<Driver['probe']> {
    const answer = await this.#driver.probe(AbortSignal.timeout(batchDeadlineMs))
    const result = { ...answer, detail: oneLine(answer.detail) }
    if (result.ok && !this.#hold) this.#answered()
    return result
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.wake()
    await Promise.all(this.#loops)
    await this.#driver.close()
  }

  #mainLanes(): Lane[] {
    return [...this.#lanes.values()].filter((lane) => !lane.isSide)
  }

  #startLoop(pass: Pass, lanes: () => Lane[], alive: () => boolean): void {
    const loop = this.#run(pass, lanes, alive).finally(() => this.#loops.delete(loop))
    this.#loops.add(loop)
  }

  async #run(pass: Pass, lanes: () => Lane[], alive: () => boolean): Promise<void> {
    while (alive()) {
      const { version } = this.#signal
      const held = (this.#hold?.until ?? 0) - this.#around.now()
      if (held > 0) {
        await this.#signal.wait(version, held)
        continue
      }
      try {
        const turn = await this.#next(pass, lanes())
        if (turn.batch) await this.#deliver(pass, turn.lane, turn.batch)
        else await this.#signal.wait(version, turn.waitMs)
      } catch {
        // The database is away: lanes keep their place, and the next look tries again.
        await this.#signal.wait(this.#signal.version, 1000)
      }
    }
  }

  /** The next batch of a pass: urgent first, but bulk gets one batch in five. */
  async #next(
    pass: Pass,
    lanes: readonly Lane[],
  ): Promise<{ lane: Lane; batch: LogEntry[] } | { batch: null; waitMs: number }> {
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

  async #batchToApply(lane: Lane): Promise<LogEntry[] | number> {
    await lane.applied.fill(this.#around.tail)
    const batch = lane.applied.take(this.#kind.maxTargetsPerBatch, () => true)
    this.#moved(lane)
    return batch.length > 0 ? batch : Number.POSITIVE_INFINITY
  }

  async #batchToEcho(lane: Lane): Promise<LogEntry[] | number> {
    await lane.confirmed.fill(this.#around.tail, lane.applied.seq)
    const sure = lane.confirmed.pending().filter((entry) => !needsEcho(this.#cache, entry))
    lane.confirmed.finish(sure)
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
    const batch = lane.confirmed.take(this.#kind.maxTargetsPerBatch, (entry) => (due.get(entry) ?? 0) <= 0)
    return batch.length > 0 ? batch : Math.min(Number.POSITIVE_INFINITY, ...due.values())
  }

  async #deliver(pass: Pass, lane: Lane, batch: readonly LogEntry[]): Promise<void> {
    const driver = this.#driver
    const commands = batch.map((entry) => entry.command)
    const answers = await driver.deliver(commands, AbortSignal.timeout(batchDeadlineMs))
    // Opened anew meanwhile, perhaps at another address: what the old one did proves nothing.
    if (driver !== this.#driver || this.#lanes.get(lane.key) !== lane) return
    const finished: LogEntry[] = []
    const notes: Note[] = []
    const held = new Map<number, Outcome & { kind: 'again' }>()
    let hold: (Outcome & { kind: 'again' }) | undefined
    for (const [index, entry] of batch.entries()) {
      const outcome = readable(answers[index])
      if (outcome?.kind === 'done') finished.push(entry)
      else if (outcome?.kind === 'failed') {
        finished.push(entry)
        notes.push(noteOf(lane, entry, outcome))
      } else if (outcome?.scope === 'domain') held.set(entry.domainId, outcome)
      else hold = outcome ?? { kind: 'again', scope: 'cache', cause: 'unexpected', detail: 'no outcome' }
    }
    const cursor = pass === 'apply' ? lane.applied : lane.confirmed
    cursor.finish(finished)
    if (finished.length > 0) this.#around.flusher.add(lane, notes)
    this.#moved(lane)
    if (hold && (await this.#takesOthers(hold.cause))) {
      for (const entry of batch) if (!finished.includes(entry)) held.set(entry.domainId, hold)
      hold = undefined
    }
    if (hold) this.#holdFor(hold.cause, hold.detail)
    else if (finished.length > 0) this.#answered()
    for (const [domainId, outcome] of held) await this.#holdDomain(lane, domainId, outcome)
    if (held.size === 0 && lane.isSide && !hold) lane.cause = lane.detail = null
    this.wake()
  }

  /** Lets the other domains of a lane pass while one has to wait. */
  async #holdDomain(lane: Lane, domainId: number, outcome: Outcome & { kind: 'again' }): Promise<void> {
    if (lane.isSide) {
      lane.cause = outcome.cause
      lane.detail = outcome.detail
      lane.notBefore = this.#around.now() + retryMs
      this.#around.flusher.add(lane)
      return
    }
    const [state] = await openSideLane(lane.state, domainId, outcome.cause, outcome.detail)
    if (!state) {
      // The one before is still being closed.
      lane.notBefore = this.#around.now() + shortWaitMs
      return
    }
    const side = new Lane(state, this.#around.now())
    side.cause = outcome.cause
    side.detail = outcome.detail
    side.notBefore = this.#around.now() + retryMs
    this.addLane(side)
  }

  /** Whether a cache that answered a command in an odd way takes a probe: then only these wait. */
  async #takesOthers(cause: Cause): Promise<boolean> {
    // One that hangs, drops or refuses us does so for all; asking it again would only take longer.
    if (cause !== 'unexpected' && cause !== 'count') return false
    return (await this.probe()).ok
  }

  /** Takes note of how far a lane is; nothing is written for commands that only passed it by. */
  #moved(lane: Lane): void {
    if (lane.note(this.#around.now())) this.#around.confirmed(this.#cache.id)
    if (lane.owesMove) this.#around.flusher.add(lane)
    if (lane.isSide) this.#closeIfCaughtUp(lane)
  }

  #closeIfCaughtUp(side: Lane): void {
    const main = this.#lanes.get(`${this.#cache.id}/${side.state.class}/0`)
    if (!main || side.cause || this.#lanes.get(side.key) !== side) return
    if (!side.hasCaughtUpWith(main)) return
    this.#lanes.delete(side.key)
    main.owes = Math.max(main.owes, side.applied.seq)
    main.sides.delete(side.state.domainId)
    this.#closed.set(`${side.state.class}/${side.state.domainId}`, side)
    this.#around.flusher.endSide(side, main)
    this.wake()
  }

  #holdFor(cause: string, detail: string): void {
    const paused = cause === 'credentials'
    this.#hold = { until: this.#around.now() + (paused ? pausedRetryMs : retryMs), cause, detail }
    this.#tellHealth(paused ? 'paused' : 'waiting', cause, detail)
  }

  #answered(): void {
    this.#hold = null
    this.#lastAnswerAt = this.#around.now()
    this.#tellHealth('up', null, null)
  }

  #tellHealth(status: OpenableCache['status'], cause: string | null, detail: string | null): void {
    const health = JSON.stringify([status, cause, detail])
    if (health === this.#health) return
    this.#health = health
    const since = status === this.#cache.status ? this.#cache.since : new Date()
    this.#cache = { ...this.#cache, status, since }
    writeCacheHealth(this.#cache.id, { status, cause, detail, since }).catch(() => {
      this.#health = ''
    })
  }
}

function kindOf(cache: OpenableCache, around: Surroundings): DriverKind {
  const kind = around.driverKinds[cache.kind]
  if (!kind) throw new Error(`no driver for caches of kind ${cache.kind}`)
  return kind
}

function noteOf(lane: Lane, entry: LogEntry, outcome: Outcome & { kind: 'failed' }): Note {
  const { cacheId, class: laneClass, domainId } = lane.state
  return {
    cacheId,
    class: laneClass,
    domainId,
    seq: entry.seq,
    accountId: entry.accountId,
    taskId: entry.taskId,
    cause: outcome.cause,
    detail: outcome.detail,
    targets: outcome.targets.length === entry.command.targets.length ? [] : outcome.targets,
  }
}

/** A cache's own words as one line that Postgres and JSON can hold. */
function oneLine(text: string): string {
  return text
    .slice(0, 300)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
}

function readable(outcome: Outcome | undefined): Outcome | undefined {
  return outcome && outcome.kind !== 'done' ? { ...outcome, detail: oneLine(outcome.detail) } : outcome
}
