/** Something in memory for visitors who have not taken it yet, and for nothing else. */
export type Burden = {
  /** Gives up on those visitors. */
  drop(): void
}

/**
 * What slow visitors keep in memory besides what is stored: bodies that were evicted while they are read,
 * parts of those that are not stored, parts from the disk. There may be so much of it; past that, whoever
 * has taken nothing for longest is given up. Who reads at all comes behind all who only hold on.
 */
export class Backlog {
  readonly maxBytes: number
  bytes = 0
  /** In the order of their last step. */
  readonly #burdens = new Map<Burden, number>()
  readonly #keepers = new WeakMap<Buffer, number>()
  readonly #loans = new Map<Buffer, Loan>()

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Something came to hold so many bytes, or got a step further; with 0 bytes it is over. */
  set(burden: Burden, bytes: number): void {
    this.#forget(burden)
    if (bytes === 0) return
    this.#burdens.set(burden, bytes)
    this.bytes += bytes
    for (const slowest of this.#burdens.keys()) {
      if (this.bytes <= this.maxBytes) return
      this.#forget(slowest)
      slowest.drop()
    }
  }

  /** A response with this body is stored, and pays for it. */
  keep(body: Buffer): void {
    this.#keepers.set(body, this.#keepersOf(body) + 1)
    this.#loans.get(body)?.step()
  }

  /** A response with this body is no longer stored. */
  release(body: Buffer): void {
    this.#keepers.set(body, this.#keepersOf(body) - 1)
    this.#loans.get(body)?.step()
  }

  /** Somebody reads a body piece by piece. */
  lend(body: Buffer, reader: Burden): Loan {
    const loan = this.#loans.get(body) ?? new Loan(this, body)
    this.#loans.set(body, loan)
    loan.readers.add(reader)
    loan.step()
    return loan
  }

  /** What a loan costs: nothing while its body is stored. */
  settle(loan: Loan): void {
    const { body, readers } = loan
    if (readers.size === 0) this.#loans.delete(body)
    this.set(loan, readers.size === 0 || this.#keepersOf(body) > 0 ? 0 : body.length)
  }

  #keepersOf(body: Buffer): number {
    return this.#keepers.get(body) ?? 0
  }

  #forget(burden: Burden): void {
    this.bytes -= this.#burdens.get(burden) ?? 0
    this.#burdens.delete(burden)
  }
}

/** One body and who reads it: it stays in memory until the last of them is done. */
class Loan implements Burden {
  readonly body: Buffer
  readonly readers = new Set<Burden>()
  readonly #backlog: Backlog

  constructor(backlog: Backlog, body: Buffer) {
    this.#backlog = backlog
    this.body = body
  }

  /** One of the readers took a part. */
  step(): void {
    this.#backlog.settle(this)
  }

  end(reader: Burden): void {
    if (this.readers.delete(reader)) this.#backlog.settle(this)
  }

  drop(): void {
    const dropped = [...this.readers]
    this.readers.clear()
    this.#backlog.settle(this)
    for (const reader of dropped) reader.drop()
  }
}

export type { Loan }
