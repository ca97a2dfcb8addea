import type { Writable } from 'node:stream'
import type { Backlog, Burden, Loan } from './backlog.ts'
import type { Body } from './body.ts'
import { type DiskFile, partBytes, type Reader } from './disk-file.ts'

/** Bytes in memory above which a fetch is held back. */
const maxPendingBytes = 1024 * 1024

/** Who hears of a spool. */
export type SpoolEvents = {
  /** More may be written, after the spool was full. */
  onRoom: () => void
  /** Nothing more is kept: this is the whole body, or it is of no use. */
  onClosed: (whole: Body | undefined) => void
}

/** Where a spool counts what it has in memory: on its way into the cache, or for slow readers alone. */
export type SpoolMemory = { filling: number; readonly backlog: Backlog }

type Place = { at: number; drop: () => void; loan?: Loan }

/**
 * A body on its way into the cache: in memory or, a large one, into a file. Clients read what is there,
 * each at its own pace, and the fetch is held back while writing lags.
 *
 * When the body has to be given up, what still comes stays in memory until the slowest client has it,
 * and the fetch is held back for that client, as for every body that is not stored.
 */
export class Spool implements Burden {
  readonly #memory: SpoolMemory
  readonly #events: SpoolEvents
  #keeps: 'in memory' | 'on disk' | 'nothing' = 'in memory'
  #file: DiskFile | undefined
  #out: Writable | undefined
  #whole: Buffer | undefined
  readonly #places = new Map<Reader, Place>()
  /** What is in memory: all of it, what is not written yet or, once it is given up, what not all have read. */
  #pending: { from: number; chunk: Buffer }[] = []
  #pendingFrom = 0
  #pendingTo = 0
  #state: 'growing' | 'ended' | 'broken' = 'growing'
  #isFull = false
  #news = Promise.withResolvers<void>()

  constructor(memory: SpoolMemory, events: SpoolEvents) {
    this.#memory = memory
    this.#events = events
  }

  /** Whether the fetch is to be held back until `onRoom`. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** From here on the body goes to a file. */
  moveTo(file: DiskFile, out: Writable): void {
    this.#keeps = 'on disk'
    this.#file = file
    this.#out = out
    for (const _ of this.#places) file.open()
    // Each write tells its own error.
    out.on('error', () => {})
    for (const { chunk } of this.#pending) this.#writeOut(out, chunk)
  }

  /** Takes a part of the body. */
  write(chunk: Buffer): void {
    this.#pending.push({ from: this.#pendingTo, chunk })
    this.#pendingTo += chunk.length
    if (this.#keeps === 'nothing') this.#forget()
    else this.#memory.filling += chunk.length
    if (this.#keeps === 'on disk') this.#writeOut(this.#out as Writable, chunk)
    else this.#tell()
    this.#isFull = this.#isCrowded()
  }

  /** The body is complete. */
  end(): void {
    this.#state = 'ended'
    if (this.#keeps === 'in memory') this.#becomeWhole()
    this.#closeIfWritten()
    this.#tell()
  }

  /** The body broke off. */
  break(): void {
    this.#state = 'broken'
    this.giveUp()
    this.#pending = []
    this.#pendingFrom = this.#pendingTo
    this.#memory.backlog.set(this, 0)
    this.#tell()
  }

  /** Keeps no more, since there is no room or the body is too large. */
  giveUp(): void {
    if (this.#keeps === 'nothing') return
    this.#memory.filling -= this.#pendingTo - this.#pendingFrom
    this.#close(undefined)
    this.#isFull = this.#isCrowded()
    this.#forget()
    this.#tell()
  }

  /** Gives up on the slowest readers. */
  drop(): void {
    const slowest = this.#slowest()
    for (const [reader, { at, drop }] of this.#places) {
      if (at > slowest) continue
      reader.close()
      drop()
    }
  }

  /** Reads from some place on, also what is still to come; `drop` gives up on who reads. */
  reader(from: number, drop: () => void): Reader {
    this.#file?.open()
    const reader: Reader = {
      next: async () => {
        const place = this.#places.get(reader)
        if (!place) throw new Error('the reader was given up')
        const part = await this.#part(place.at)
        reader.copies = part.isCopy
        place.at += part.bytes.length
        place.loan?.step()
        if (this.#keeps === 'nothing') this.#forget()
        return part.bytes
      },
      close: () => {
        const place = this.#places.get(reader)
        if (!this.#places.delete(reader)) return
        place?.loan?.end(place)
        this.#file?.close()
        if (this.#keeps === 'nothing') this.#forget()
      },
    }
    this.#places.set(reader, { at: from, drop })
    return reader
  }

  async #part(at: number): Promise<{ bytes: Buffer; isCopy?: boolean }> {
    for (;;) {
      if (this.#state === 'broken') throw new Error('the body broke off')
      if (this.#whole) return { bytes: this.#whole.subarray(at, at + partBytes) }
      if (this.#file && at < this.#file.length)
        return { bytes: await this.#file.part(at, this.#file.length), isCopy: true }
      if (this.#keeps !== 'on disk' && at < this.#pendingTo) return { bytes: this.#fromMemory(at) }
      if (this.#state === 'ended' && at === this.#pendingTo) return { bytes: Buffer.alloc(0) }
      await this.#news.promise
    }
  }

  #fromMemory(at: number): Buffer {
    let [low, high] = [0, this.#pending.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#pending[middle]?.from ?? 0) <= at) low = middle
      else high = middle - 1
    }
    const found = this.#pending[low]
    if (!found || at < found.from) throw new Error(`nothing at ${at}`)
    return found.chunk.subarray(at - found.from)
  }

  /** One piece takes the place of the parts, also for those who are still reading. */
  #becomeWhole(): void {
    const whole = Buffer.concat(this.#pending.map(({ chunk }) => chunk))
    this.#memory.filling -= whole.length
    this.#pending = []
    this.#pendingFrom = this.#pendingTo
    this.#whole = whole
    this.#close(whole)
    for (const place of this.#places.values()) place.loan = this.#memory.backlog.lend(whole, place)
  }

  #writeOut(out: Writable, chunk: Buffer): void {
    out.write(chunk, (error) => (error ? this.giveUp() : this.#written()))
  }

  #written(): void {
    if (this.#keeps !== 'on disk') return
    const written = this.#shift()
    this.#memory.filling -= written
    this.#file?.grow(written)
    // The fetch may end here, and then its body is stored before any client has all of it.
    this.#ease()
    this.#closeIfWritten()
    this.#tell()
  }

  #closeIfWritten(): void {
    const isWritten = this.#keeps === 'on disk' && this.#state === 'ended' && this.#pending.length === 0
    if (isWritten) this.#close(this.#file)
  }

  #close(whole: Body | undefined): void {
    this.#keeps = 'nothing'
    this.#out?.destroy()
    this.#events.onClosed(whole)
    this.#file?.release()
  }

  /** Drops what all readers have, once memory is the only place for it. */
  #forget(): void {
    const slowest = this.#slowest()
    while (this.#pending[0] && this.#pending[0].from + this.#pending[0].chunk.length <= slowest) this.#shift()
    this.#memory.backlog.set(this, this.#pendingTo - this.#pendingFrom)
    this.#ease()
  }

  #slowest(): number {
    let slowest = Number.POSITIVE_INFINITY
    for (const { at } of this.#places.values()) slowest = Math.min(slowest, at)
    return slowest
  }

  #shift(): number {
    const length = this.#pending.shift()?.chunk.length ?? 0
    this.#pendingFrom += length
    return length
  }

  #isCrowded(): boolean {
    return this.#keeps !== 'in memory' && this.#pendingTo - this.#pendingFrom > maxPendingBytes
  }

  #ease(): void {
    if (!this.#isFull || this.#isCrowded()) return
    this.#isFull = false
    this.#events.onRoom()
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }
}
