import { createWriteStream, existsSync, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs'
import path from 'node:path'
import type { Command } from '#lib/core/command.ts'

/** One purge request as this edge took it. */
export type PurgeLine = { atMs: number; seqs: number[]; targets: number }

const ringSize = 1000
const rotateAtBytes = 16 * 1024 * 1024

/** What was purged and when, for those who measure: the last lines in memory, all of them in a file. */
export class PurgeLog {
  readonly #ring: PurgeLine[] = []
  readonly #file: WriteStream | undefined

  /** @param file  where lines are appended; a large one of an earlier run becomes `file.1` */
  constructor(file?: string) {
    if (file === undefined) return
    mkdirSync(path.dirname(file), { recursive: true })
    if (existsSync(file) && statSync(file).size > rotateAtBytes) renameSync(file, `${file}.1`)
    this.#file = createWriteStream(file, { flags: 'a' })
    // A full disk must not stop purges; the ring still tells.
    this.#file.on('error', () => {})
  }

  /** The latest requests, oldest first. */
  get lines(): readonly PurgeLine[] {
    return this.#ring
  }

  /** Notes a request: `EPOCH-MS SEQ,SEQ… TARGETS` in the file. */
  write(atMs: number, commands: readonly Command[]): void {
    const seqs = commands.map(({ seq }) => seq)
    const targets = commands.reduce((sum, command) => sum + command.targets.length, 0)
    this.#ring.push({ atMs, seqs, targets })
    if (this.#ring.length > ringSize) this.#ring.shift()
    this.#file?.write(`${atMs.toFixed(3)} ${seqs.join(',')} ${targets}\n`)
  }

  async close(): Promise<void> {
    const file = this.#file
    if (file && !file.errored) await new Promise<void>((done) => file.end(() => done()))
  }
}
