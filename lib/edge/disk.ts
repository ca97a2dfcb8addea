import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, unlink } from 'node:fs'
import path from 'node:path'
import { DiskFile } from './disk-file.ts'

// No name comes twice: of two processes in one folder none writes into a file of the other, though the
// later one removes what the earlier has.
const ours = /^freshet-[0-9a-f-]{36}\.body$/

/** A folder for large bodies. Like the memory it is cold after a restart. */
export class Disk {
  readonly maxBytes: number
  /** Bytes of all bodies in it; one that is removed does not count, though somebody may still read it. */
  bytes = 0
  readonly #folder: string

  /**
   * Opens a folder, and removes what an earlier run left there.
   *
   * @throws Error with one sentence if it cannot be written
   */
  constructor(folder: string, maxBytes: number) {
    this.maxBytes = maxBytes
    this.#folder = folder
    try {
      mkdirSync(folder, { recursive: true })
      closeSync(openSync(this.#newPath(), 'wx'))
      // The earlier process may remove them too, at the same moment.
      for (const name of readdirSync(folder))
        if (ours.test(name)) rmSync(path.join(folder, name), { force: true })
    } catch (error) {
      throw new Error(`The disk folder cannot be used: ${(error as Error).message}.`)
    }
  }

  /** Makes an empty file; @throws Error if the disk refuses */
  create(): DiskFile {
    const file = this.#newPath()
    return new DiskFile(this, file, openSync(file, 'wx+', 0o600))
  }

  remove({ path: file, length }: DiskFile): void {
    this.bytes -= length
    // Whoever reads it has it open. A file that stays is removed at the next start.
    unlink(file, () => {})
  }

  #newPath(): string {
    return path.join(this.#folder, `freshet-${randomUUID()}.body`)
  }
}
