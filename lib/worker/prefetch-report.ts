import { type PrefetchProgress, writePrefetchProgress } from '#lib/store/prefetches.ts'
import type { Work } from './fetching.ts'

const everyMs = 500

type Kept = {
  lines: number
  bytes: number
  running: Map<object, { target: string; bytes: number; total: number | null }>
}

/** Tells how far prefetches are, at most twice a second, in one statement for all of them. */
export class PrefetchReport {
  readonly #kept = new Map<string, Kept>()
  readonly #dirty = new Set<string>()
  /** What is written once more and then forgotten. */
  readonly #over = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #writing = Promise.resolve()
  #hasEnded = false
  #closed = false

  /** A command begins: the lines of its task before it are over on this cache. */
  begin({ entry, lane }: Work): void {
    const key = keyOf(entry.taskId, lane.state.cacheId)
    this.#over.delete(key)
    if (!this.#kept.has(key)) this.#kept.set(key, { lines: entry.firstOrdinal, bytes: 0, running: new Map() })
  }

  /** A line of a command is over, with what was read of it. */
  line({ entry, lane }: Work): void {
    const key = keyOf(entry.taskId, lane.state.cacheId)
    const kept = this.#kept.get(key)
    if (kept) kept.lines += 1
    this.#changed(key)
  }

  /** So many bytes of a request have come; `request` is whatever stands for it. */
  bytes(
    { entry, lane }: Work,
    request: object,
    target: string,
    bytes: number,
    total: number | undefined,
  ): void {
    const key = keyOf(entry.taskId, lane.state.cacheId)
    this.#kept.get(key)?.running.set(request, { target, bytes, total: total ?? null })
    this.#changed(key)
  }

  /** A request is over. */
  ended({ entry, lane }: Work, request: object): void {
    const key = keyOf(entry.taskId, lane.state.cacheId)
    const kept = this.#kept.get(key)
    const running = kept?.running.get(request)
    if (!kept || !running) return
    kept.bytes += running.bytes
    kept.running.delete(request)
    this.#changed(key)
  }

  /** A command is over: what was read for it is to be written before Records say so. */
  commandEnded(): void {
    this.#hasEnded = true
  }

  /** Writes what belongs to commands that are over. */
  async settle(): Promise<void> {
    if (!this.#hasEnded) return
    this.#hasEnded = false
    await this.#write()
  }

  /** A task has nothing more to do on a cache. */
  forget({ entry, lane }: Work): void {
    const key = keyOf(entry.taskId, lane.state.cacheId)
    this.#over.add(key)
    this.#changed(key)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #changed(key: string): void {
    this.#dirty.add(key)
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.#write(), everyMs)
  }

  /** Writes after what is being written, so that no older figure comes last. */
  #write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#writeDirty())
    return this.#writing
  }

  async #writeDirty(): Promise<void> {
    const keys = [...this.#dirty]
    this.#dirty.clear()
    try {
      await writePrefetchProgress(keys.flatMap((key) => this.#progressOf(key)))
      // What has changed meanwhile is written once more, with its last figures, before it is forgotten.
      for (const key of keys) if (!this.#dirty.has(key) && this.#over.delete(key)) this.#kept.delete(key)
    } catch {
      // The database is away; what comes next is written later.
      for (const key of keys) this.#changed(key)
    }
  }

  #progressOf(key: string): PrefetchProgress[] {
    const kept = this.#kept.get(key)
    if (!kept) return []
    const [taskId = '', cacheId = ''] = key.split('/')
    const running = [...kept.running.values()].slice(0, 10)
    const bytes = running.reduce((sum, each) => sum + each.bytes, kept.bytes)
    return [{ taskId, cacheId: Number(cacheId), lines: kept.lines, bytes, running }]
  }
}

const keyOf = (taskId: string, cacheId: number) => `${taskId}/${cacheId}`
