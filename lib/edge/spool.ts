import type { Writable } from 'node:stream'
import type { DiskFile, Reader } from './disk-file.ts'

/** Bytes in memory above which a fetch is held back. */
const maxPendingBytes = 1024 * 1024

/** Who hears of a spool. */
export type SpoolEvents = {
  /** More may be written, after `write` said no. */
  onRoom: () => void
  /** The file is over: all of the body is in it, or it is of no use. */
  onClosed: (whole: boolean) => void
}

/**
 * A body on its way into a file. Clients read what is written, each at its own pace, and the fetch is
 * held back while writing lags.
 *
 * When the file has to be given up, what still comes stays in memory until the slowest client has it,
 * and the fetch is held back for that client, as for every body that is not stored.
 */
export class Spool {
  readonly file: DiskFile
  readonly #out: Writable
  readonly #memory: { filling: number }
  readonly #events: SpoolEvents
  /** Where in the body each reader is. */
  readonly #places = new Map<Reader, number>()
  /** What is in memory: not written yet or, without the file, not read by all. */
  readonly #pending: Buffer[] = []
  #pendingFrom = 0
  #pendingTo = 0
  #writing = true
  #state: 'growing' | 'ended' | 'broken' = 'growing'
  #held = false
  #news = Promise.withResolvers<void>()

  /** @param memory  where bytes count while they are in memory */
  constructor(file: DiskFile, out: Writable, memory: { filling: number }, events: SpoolEvents) {
    this.file = file
    this.#memory = memory
    this.#events = events
    this.#out = out
    // Each write tells its own error.
    out.on('error', () => {})
  }

  /** Takes a part of the body; false asks to hold the fetch back until `onRoom`. */
  write(chunk: Buffer): boolean {
    this.#pending.push(chunk)
    this.#pendingTo += chunk.length
    this.#memory.filling += chunk.length
    if (this.#writing) this.#out.write(chunk, (error) => (error ? this.giveUp() : this.#written()))
    else this.#tell()
    this.#held = this.#pendingTo - this.#pendingFrom > maxPendingBytes
    return !this.#held
  }

  /** The body is complete. */
  end(): void {
    this.#state = 'ended'
    this.#closeIfWhole()
    this.#tell()
  }

  /** The body broke off. */
  break(): void {
    this.#state = 'broken'
    this.giveUp()
    while (this.#pending.length > 0) this.#drop()
    this.#tell()
  }

  /** Writes no more, since the disk is full or the body too large. */
  giveUp(): void {
    if (!this.#writing) return
    this.#close(false)
    this.#forget()
    this.#tell()
  }

  /** Reads from some place on, also what is still to come. */
  reader(from: number): Reader {
    this.file.open()
    const reader: Reader = {
      next: async () => {
        const part = await this.#part(this.#places.get(reader) as number)
        this.#move(reader, part.length)
        return part
      },
      close: () => {
        this.#places.delete(reader)
        this.file.close()
        if (!this.#writing) this.#forget()
      },
    }
    this.#places.set(reader, from)
    return reader
  }

  async #part(at: number): Promise<Buffer> {
    for (;;) {
      if (this.#state === 'broken') throw new Error('the body broke off')
      if (at < this.file.length) return this.file.part(at, this.file.length)
      if (!this.#writing && at < this.#pendingTo) return this.#fromMemory(at)
      if (this.#state === 'ended' && at === this.#pendingTo) return Buffer.alloc(0)
      await this.#news.promise
    }
  }

  #fromMemory(at: number): Buffer {
    let from = this.#pendingFrom
    for (const chunk of this.#pending) {
      if (at < from + chunk.length) return chunk.subarray(at - from)
      from += chunk.length
    }
    throw new Error(`nothing at ${at}`)
  }

  #move(reader: Reader, bytes: number): void {
    const at = this.#places.get(reader)
    if (at === undefined) return
    this.#places.set(reader, at + bytes)
    if (!this.#writing) this.#forget()
  }

  #written(): void {
    if (!this.#writing) return
    this.file.grow(this.#drop())
    // The fetch may end here, and then its body is stored before any client has all of it.
    this.#ease()
    this.#closeIfWhole()
    this.#tell()
  }

  #closeIfWhole(): void {
    if (this.#writing && this.#state === 'ended' && this.#pending.length === 0) this.#close(true)
  }

  #close(whole: boolean): void {
    this.#writing = false
    this.#out.destroy()
    this.#events.onClosed(whole)
    this.file.release()
  }

  /** Drops what all readers have, once memory is the only place for it. */
  #forget(): void {
    const slowest = Math.min(...this.#places.values())
    while (this.#pending[0] && this.#pendingFrom + this.#pending[0].length <= slowest) this.#drop()
    this.#ease()
  }

  #drop(): number {
    const { length } = this.#pending.shift() as Buffer
    this.#pendingFrom += length
    this.#memory.filling -= length
    return length
  }

  #ease(): void {
    if (!this.#held || this.#pendingTo - this.#pendingFrom > maxPendingBytes) return
    this.#held = false
    this.#events.onRoom()
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }
}
