import type { ServerResponse } from 'node:http'
import type { Backlog, Loan } from './backlog.ts'
import type { DiskFile, Reader } from './disk-file.ts'
import type { Fields } from './fields.ts'

/** The body of a stored response: in memory or, a large one, on disk. */
export type Body = Buffer | DiskFile

/** What is written at once; each write that a visitor takes shows that it still reads. */
const sliceBytes = 128 * 1024

/**
 * Sends an answer with a stored body or a part of it.
 *
 * @returns false if the body is lost; then nothing was sent
 */
export function sendBody(
  response: ServerResponse,
  { status, fields, body, part }: Answer,
  backlog: Backlog,
): boolean {
  const { first, last } = part ?? { first: 0, last: body.length - 1 }
  if (Buffer.isBuffer(body)) {
    response.writeHead(status, fields)
    if (response.req.method === 'HEAD') response.end()
    else sendSlices(response, body, { first, last }, backlog)
    return true
  }
  const reader = open(body, first, last)
  if (!reader) return false
  response.writeHead(status, fields)
  if (response.req.method === 'HEAD') {
    reader.close()
    response.end()
  } else void pour(reader, response, backlog)
  return true
}

type Answer = { status: number; fields: Fields; body: Body; part?: Part | undefined }
type Part = { first: number; last: number }

/** Writes what a visitor takes. Its body stays in memory meanwhile, also when it is evicted. */
function sendSlices(response: ServerResponse, body: Buffer, { first, last }: Part, backlog: Backlog): void {
  const reader = { drop: () => response.destroy() }
  let loan: Loan | undefined
  let at = first
  const borrow = () => {
    if (loan) return loan.step()
    const lent = backlog.lend(body, reader)
    loan = lent
    response.once('close', () => lent.end(reader))
  }
  const go = () => {
    if (last - at >= sliceBytes) {
      response.once('drain', go)
      response.write(body.subarray(at, at + sliceBytes))
      at += sliceBytes
      borrow()
      return
    }
    response.end(at === 0 && last === body.length - 1 ? body : body.subarray(at, last + 1))
    // Most bodies are small, and then the system has taken all of it.
    if (response.writableLength > 0) borrow()
  }
  go()
}

function open(file: DiskFile, first: number, last: number): Reader | undefined {
  try {
    return file.reader(first, last + 1)
  } catch {
    return undefined
  }
}

/** Sends what a reader gives at the pace of its client, and closes both; never throws. */
export async function pour(reader: Reader, response: ServerResponse, backlog: Backlog): Promise<void> {
  const burden = { drop: () => response.destroy() }
  try {
    for (;;) {
      if (response.writableNeedDrain) await next(response, 'drain')
      if (response.destroyed) return
      const part = await reader.next()
      if (part.length === 0) break
      response.write(part)
      if (reader.copies) backlog.set(burden, response.writableLength)
    }
    response.end()
    // What is not sent yet is part of what the reader has.
    if (!response.closed) await next(response, 'close')
  } catch {
    response.destroy()
  } finally {
    backlog.set(burden, 0)
    reader.close()
  }
}

/** Waits for something to happen to an answer, or until its client is gone. */
function next(response: ServerResponse, event: 'drain' | 'close'): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const settle = () => {
    response.off(event, settle).off('close', settle)
    resolve()
  }
  response.on(event, settle).on('close', settle)
  return promise
}
