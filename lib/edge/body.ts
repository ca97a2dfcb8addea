import type { ServerResponse } from 'node:http'
import type { DiskFile, Reader } from './disk-file.ts'
import type { Fields } from './fields.ts'

/** The body of a stored response: in memory or, a large one, on disk. */
export type Body = Buffer | DiskFile

/**
 * Sends an answer with a stored body or a part of it.
 *
 * @returns false if the body is lost; then nothing was sent
 */
export function sendBody(
  response: ServerResponse,
  status: number,
  fields: Fields,
  body: Body,
  part?: { first: number; last: number },
): boolean {
  if (Buffer.isBuffer(body)) {
    response.writeHead(status, fields)
    response.end(part ? body.subarray(part.first, part.last + 1) : body)
    return true
  }
  const reader = open(body, part)
  if (!reader) return false
  response.writeHead(status, fields)
  if (response.req.method === 'HEAD') {
    reader.close()
    response.end()
  } else void pour(reader, response)
  return true
}

function open(file: DiskFile, { first, last } = { first: 0, last: file.length - 1 }): Reader | undefined {
  try {
    return file.reader(first, last + 1)
  } catch {
    return undefined
  }
}

/** Sends what a reader gives at the pace of its client, and closes both; never throws. */
export async function pour(reader: Reader, response: ServerResponse): Promise<void> {
  try {
    for (;;) {
      if (response.writableNeedDrain) await drained(response)
      if (response.destroyed) return
      const part = await reader.next()
      if (part.length === 0) break
      response.write(part)
    }
    response.end()
  } catch {
    response.destroy()
  } finally {
    reader.close()
  }
}

/** Waits until a client can take more, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const settle = () => {
    response.off('drain', settle).off('close', settle)
    resolve()
  }
  response.on('drain', settle).on('close', settle)
  return promise
}
