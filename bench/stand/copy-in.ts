import type { Submittable } from 'pg'

type Wire = { query(text: string): void; sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }

/** A query for a client of `pg` that answers COPY … FROM STDIN with rows in Postgres' text form. */
export class CopyIn implements Submittable {
  readonly #statement: string
  readonly #rows: Buffer
  readonly #ended = Promise.withResolvers<void>()

  constructor(statement: string, rows: Buffer) {
    this.#statement = statement
    this.#rows = rows
  }

  get ended(): Promise<void> {
    return this.#ended.promise
  }

  submit(connection: unknown): void {
    const wire = connection as Wire
    wire.query(this.#statement)
  }

  handleCopyInResponse(connection: Wire): void {
    connection.sendCopyFromChunk(this.#rows)
    connection.endCopyFrom()
  }

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.#ended.reject(error)
  }

  handleReadyForQuery(): void {
    this.#ended.resolve()
  }
}
