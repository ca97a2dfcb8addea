import { flushLanes, type Note } from '#lib/store/lanes.ts'
import type { Lane } from './lane.ts'
import { tellTrouble } from './trouble.ts'

type Waiter = { resolve: () => void; reject: (error: unknown) => void }

/** What is written of a lane, of purges or of prefetches. */
type Written = Pick<Lane, 'key' | 'state' | 'move' | 'written'>

const shortestPauseMs = 100
const retryMs = 500

/**
 * Writes what lanes have reached: at once when nothing was written lately, and then at most every
 * 100 ms, all lanes of this worker in one statement.
 */
export class Flusher {
  #dirty = new Set<Written>()
  #closing = new Set<Written>()
  #notes: Note[] = []
  #running = false
  #lastAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #now: () => number
  #before: () => Promise<void>
  #written: () => void
  /** Who waits for the next flush, and for the one that runs. */
  #forNext: Waiter[] = []
  #forThis: Waiter[] = []
  #lost: (lane: Written) => void

  /**
   * @param hooks `before` is waited for before each flush, `written` is called after each flush, `lost` for a lane whose fence has moved on
   */
  constructor(
    now: () => number,
    hooks: { before: () => Promise<void>; written: () => void; lost: (lane: Written) => void },
  ) {
    this.#now = now
    this.#before = hooks.before
    this.#written = hooks.written
    this.#lost = hooks.lost
  }

  /** Asks for a lane to be written, with notes that belong to it. */
  add(lane: Written, notes: readonly Note[] = []): void {
    this.#dirty.add(lane)
    this.#notes.push(...notes)
    this.#schedule()
  }

  /** Ends a side lane: its last notes, its row and its main lane's place are written together. */
  endSide(side: Written, main: Written): void {
    this.#closing.add(side)
    this.add(main)
  }

  #schedule(): void {
    if (this.#running || this.#timer) return
    const wait = Math.max(0, this.#lastAt + shortestPauseMs - this.#now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.flush()
    }, wait)
  }

  /** Writes what is due; what could not be written stays due. */
  async flush(): Promise<void> {
    if (this.#running || this.#dirty.size === 0) return
    this.#running = true
    // Taken before the wait: what is reached meanwhile has to be waited for too, and comes with the next flush.
    // One statement cannot both move a row and delete it.
    const lanes = [...this.#dirty].filter((lane) => !this.#closing.has(lane))
    const closing = [...this.#closing]
    const notes = this.#notes
    this.#dirty.clear()
    this.#closing.clear()
    this.#notes = []
    const moves = lanes.map((lane) => lane.move())
    this.#forThis = this.#forNext.splice(0)
    await this.#before().catch((error) => tellTrouble('progress', error))
    this.#lastAt = this.#now()
    try {
      const ours = await flushLanes(
        moves,
        notes,
        closing.map((lane) => lane.state),
      )
      for (const [index, lane] of lanes.entries()) {
        const move = moves[index]
        if (move && ours.has(lane.key)) lane.written(move)
        else this.#lost(lane)
      }
      this.#written()
      for (const { resolve } of this.#forThis) resolve()
    } catch (error) {
      tellTrouble('flush', error)
      for (const { reject } of this.#forThis) reject(error)
      for (const lane of lanes) this.#dirty.add(lane)
      for (const lane of closing) this.#closing.add(lane)
      this.#notes.unshift(...notes)
      this.#lastAt = this.#now() + retryMs - shortestPauseMs
    } finally {
      this.#running = false
      if (this.#dirty.size > 0) this.#schedule()
    }
  }

  /** Resolves when all that was asked for until now is written. @throws what the database said */
  async drain(): Promise<void> {
    if (this.#dirty.size === 0 && !this.#running) return
    const waiters = this.#dirty.size > 0 ? this.#forNext : this.#forThis
    await new Promise<void>((resolve, reject) => waiters.push({ resolve, reject }))
  }

  /** Stops; what is due is written once more where that is possible. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.flush()
  }
}
