import { flushLanes, type Note } from '#lib/store/lanes.ts'
import type { Lane } from './lane.ts'

const shortestPauseMs = 100
const retryMs = 500

/**
 * Writes what lanes have reached: at once when nothing was written lately, and then at most every
 * 100 ms, all lanes of this worker in one statement.
 */
export class Flusher {
  #dirty = new Set<Lane>()
  #closing = new Set<Lane>()
  #notes: Note[] = []
  #running = false
  #lastAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #now: () => number
  #written: () => void
  #lost: (lane: Lane) => void

  /**
   * @param hooks `written` is called after each flush, `lost` for a lane whose fence has moved on
   */
  constructor(now: () => number, hooks: { written: () => void; lost: (lane: Lane) => void }) {
    this.#now = now
    this.#written = hooks.written
    this.#lost = hooks.lost
  }

  /** Asks for a lane to be written, with notes that belong to it. */
  add(lane: Lane, notes: readonly Note[] = []): void {
    this.#dirty.add(lane)
    this.#notes.push(...notes)
    this.#schedule()
  }

  /** Ends a side lane: its last notes, its row and its main lane's place are written together. */
  endSide(side: Lane, main: Lane): void {
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
    // One statement cannot both move a row and delete it.
    const lanes = [...this.#dirty].filter((lane) => !this.#closing.has(lane))
    const closing = [...this.#closing]
    const notes = this.#notes
    this.#dirty.clear()
    this.#closing.clear()
    this.#notes = []
    this.#lastAt = this.#now()
    const moves = lanes.map((lane) => lane.move())
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
    } catch {
      for (const lane of lanes) this.#dirty.add(lane)
      for (const lane of closing) this.#closing.add(lane)
      this.#notes.unshift(...notes)
      this.#lastAt = this.#now() + retryMs - shortestPauseMs
    } finally {
      this.#running = false
      if (this.#dirty.size > 0) this.#schedule()
    }
  }

  /** Stops; what is due is written once more where that is possible. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.flush()
  }
}
