import { close, createWriteStream, type NoParamCallback, openSync, read, write, writev } from 'node:fs'
import type { Writable } from 'node:stream'
import { promisify } from 'node:util'
import type { Disk } from './disk.ts'

const readInto = promisify(read)
/** What is read at once. A response asks for no more while it has as much, so a slow client holds one part. */
export const partBytes = 64 * 1024

/** Gives a body part by part; an empty part is its end. */
export type Reader = {
  next(): Promise<Buffer>
  close(): void
  /** Whether its parts are in memory for who reads them alone. */
  copies?: boolean | undefined
}

/**
 * One body on disk. It stays as long as somebody keeps it: its fetch, and every stored response that
 * has it. It is open as long as somebody writes or reads it.
 */
export class DiskFile {
  readonly path: string
  /** Bytes that are written. */
  length = 0
  readonly #disk: Disk
  #fd: number | undefined
  #users = 1
  #keepers = 1

  /** @param fd  for its writer; the first to keep it is its fetch */
  constructor(disk: Disk, path: string, fd: number) {
    this.#disk = disk
    this.path = path
    this.#fd = fd
  }

  /** Where its body goes. What was written counts when `grow` says so. */
  writer(): Writable {
    const release = (_: number, done: NoParamCallback) => {
      this.close()
      done(null)
    }
    return createWriteStream(this.path, { fd: this.#fd as number, fs: { write, writev, close: release } })
  }

  grow(bytes: number): void {
    this.length += bytes
    this.#disk.bytes += bytes
  }

  /** @returns false if it is removed already */
  keep(): boolean {
    if (this.#keepers === 0) return false
    this.#keepers += 1
    return true
  }

  release(): void {
    this.#keepers -= 1
    if (this.#keepers === 0) this.#disk.remove(this)
  }

  /** Opens it for one more; @throws Error if it is not there */
  open(): void {
    this.#fd ??= openSync(this.path, 'r')
    this.#users += 1
  }

  close(): void {
    this.#users -= 1
    if (this.#users > 0) return
    close(this.#fd as number, () => {})
    this.#fd = undefined
  }

  /** Reads a part of what lies between two places; @throws Error if it cannot be read */
  async part(from: number, to: number): Promise<Buffer> {
    const wanted = Math.min(partBytes, to - from)
    if (wanted === 0) return Buffer.alloc(0)
    const room = Buffer.allocUnsafeSlow(wanted)
    const { bytesRead } = await readInto(this.#fd as number, room, 0, wanted, from)
    if (bytesRead === 0) throw new Error('the file is shorter than it was')
    return room.subarray(0, bytesRead)
  }

  /** Reads from one place up to another; @throws Error if it is not there */
  reader(from: number, to: number): Reader {
    this.open()
    let at = from
    const next = async () => {
      const part = await this.part(at, to)
      at += part.length
      return part
    }
    return { next, close: () => this.close(), copies: true }
  }
}
