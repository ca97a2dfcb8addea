import type { TaskState } from '#lib/core/task.ts'
import { holdLease, type LaneState, readCursors } from '#lib/store/lanes.ts'
import { readKeptDays } from '#lib/store/retention.ts'
import {
  noteReleased,
  type OpenTask,
  type ReleasedPart,
  readFailures,
  readOpenTasks,
  type SettledTask,
  writeSettled,
} from '#lib/store/settle.ts'
import type { Pass } from './lane.ts'
import { newTimes } from './new-times.ts'

type Times = (number | null)[]

/** When a lane of this worker passed a command, on its monotonic clock, ms; undefined for other lanes. */
export type PassedAt = (
  pass: Pass,
  part: { cacheId: number; class: number; domainId: number },
  seq: number,
) => number | undefined

type Tracked = OpenTask & {
  applied: Times
  confirmed: Times
  /** Both as they were written last. */
  written: { applied: Times; confirmed: Times } | null
  /** Caches that will not confirm any more, and why. */
  released: Map<number, ReleasedPart['cause']>
  writtenAt: number
  changed: boolean
}

const writeEveryMs = 1000
const msPerDay = 86_400_000

/** Turns cursors into the times and states of tasks; one worker of a deployment does it, under a lease. */
export class Settler {
  readonly #workerId: string
  readonly #now: () => number
  readonly #passedAt: PassedAt
  readonly #open = new Map<string, Tracked>()
  #seenSeq = 0
  /** For how many days each account keeps its records. */
  #keptDays = new Map<number, number>()
  #holds = false

  constructor(workerId: string, now: () => number, passedAt: PassedAt) {
    this.#workerId = workerId
    this.#now = now
    this.#passedAt = passedAt
  }

  /** Whether this worker has the lease. */
  get holds(): boolean {
    return this.#holds
  }

  /** Takes or keeps the lease; a settler that is new to it reads every open task. */
  async renew(): Promise<void> {
    const held = this.#holds
    this.#holds = await holdLease('settler', this.#workerId)
    if (this.#holds && !held) this.#forget()
    if (this.#holds) this.#keptDays = await readKeptDays()
  }

  /** Everything is read again at the next look. */
  #forget(): void {
    this.#open.clear()
    this.#seenSeq = 0
  }

  /** Looks at all cursors and writes what follows from them. */
  async settle(): Promise<void> {
    if (!this.#holds) return
    // Tasks first: every lane of theirs is then among the cursors, unless its cache was removed.
    await this.#readNew()
    if (this.#open.size === 0) return
    const { lanes, nowMs } = await readCursors()
    const cursors = new Map(lanes.map((lane) => [`${lane.cacheId}/${lane.class}/${lane.domainId}`, lane]))
    const due = [...this.#open.values()].filter((task) => this.#advance(task, cursors, nowMs))
    if (due.length === 0) return
    try {
      await this.#write(due)
    } catch (error) {
      // The database is away: all of it is due again.
      for (const task of due) Object.assign(task, { changed: true, writtenAt: Number.NEGATIVE_INFINITY })
      throw error
    }
  }

  async #write(due: readonly Tracked[]): Promise<void> {
    await noteReleased(
      due.flatMap(({ id, released }) =>
        [...released].map(([cacheId, cause]) => ({ taskId: id, cacheId, cause })),
      ),
    )
    const failures = await readFailures(due.map((task) => task.id))
    const settled = due.map((task) => settledTask(task, failures.get(task.id)))
    if (!(await writeSettled(settled, newTimes(due)))) return this.#forget()
    for (const [at, { id, state, applied, confirmed }] of settled.entries()) {
      if (state === 'running') (due[at] as Tracked).written = { applied, confirmed }
      else this.#open.delete(id)
    }
  }

  async #readNew(): Promise<void> {
    for (const task of await readOpenTasks(this.#seenSeq)) {
      const { appliedTimes: applied, confirmedTimes: confirmed } = task
      const empty = task.caches.map(() => null)
      this.#open.set(task.id, {
        ...task,
        applied: [...(applied ?? empty)],
        confirmed: [...(confirmed ?? empty)],
        written: applied && confirmed && { applied, confirmed },
        writtenAt: Number.NEGATIVE_INFINITY,
        changed: false,
        released: new Map(),
      })
      this.#seenSeq = Math.max(this.#seenSeq, task.firstSeq)
    }
  }

  /** Notes which caches have passed the task; true when that has to be written now. */
  #advance(task: Tracked, cursors: Map<string, LaneState>, nowMs: number): boolean {
    const elapsed = nowMs - task.acceptedAtMs
    const isOld = elapsed > (this.#keptDays.get(task.accountId) ?? Number.POSITIVE_INFINITY) * msPerDay
    for (const [at, cacheId] of task.caches.entries()) {
      if (task.confirmed[at] !== null || task.released.has(cacheId)) continue
      const lane =
        cursors.get(`${cacheId}/${task.class}/${task.domainId}`) ?? cursors.get(`${cacheId}/${task.class}/0`)
      if (!lane) {
        task.released.set(cacheId, 'removed')
        task.changed = true
        continue
      }
      if (task.applied[at] === null && lane.applied >= task.lastSeq) {
        task.applied[at] = this.#timeOf('apply', lane, task, elapsed)
        task.changed = true
      }
      if (lane.confirmed >= task.lastSeq) {
        task.confirmed[at] = Math.max(this.#timeOf('echo', lane, task, elapsed), task.applied[at] ?? 0)
        task.changed = true
      } else if (isOld) {
        // A record must not go while it says "in progress".
        task.released.set(cacheId, 'closed')
        task.changed = true
      }
    }
    const finished = hasEnded(task)
    if (!task.changed || (!finished && this.#now() - task.writtenAt < writeEveryMs)) return false
    task.changed = false
    task.writtenAt = this.#now()
    return true
  }

  /** From acceptance until the lane passed the task, ms: what was seen late is dated back. */
  #timeOf(pass: Pass, lane: LaneState, task: Tracked, elapsed: number): number {
    const part = { cacheId: lane.cacheId, class: task.class, domainId: task.domainId }
    const passedAt = this.#passedAt(pass, part, task.lastSeq)
    const age = passedAt === undefined ? 0 : this.#now() - passedAt
    return Math.max(0, Math.round(elapsed - age))
  }
}

/** Every cache has confirmed, or was removed and will never. */
function hasEnded({ caches, confirmed, released }: Tracked): boolean {
  return caches.every((cacheId, at) => confirmed[at] !== null || released.has(cacheId))
}

/** When the last cache got there; null where one never will. */
const latest = (times: Times) => (times.includes(null) ? null : Math.max(...times.map((time) => time ?? 0)))

function settledTask(task: Tracked, failed: { notes: number; caches: number } | undefined): SettledTask {
  let state: TaskState = 'running'
  if (hasEnded(task)) {
    if (!failed) state = 'complete'
    else state = failed.caches === task.caches.length ? 'failed' : 'partial'
  }
  const { id, applied, confirmed, written } = task
  return {
    id,
    state,
    hasFailed: failed !== undefined,
    // As they are now: they go on while this is written.
    applied: [...applied],
    confirmed: [...confirmed],
    written,
    appliedMs: latest(applied),
    confirmedMs: latest(confirmed),
  }
}
