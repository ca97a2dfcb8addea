import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Why a request goes no further than the door. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, sentence: string) {
    super(sentence)
    this.status = status
  }
}

const lingerMs = 1_000

/** The same for a program, which reads no sentence that stands alone. */
export function refusalAsJson(
  { status, message }: Refusal,
  host = '',
  requestId: string = randomUUID(),
): string {
  const Code = status === 413 ? 'RequestBodyTooLarge' : 'InvalidRequest'
  const said = { Code, Message: message, Recommend: 'docs/api.md#errors' }
  return JSON.stringify({ RequestId: requestId.toUpperCase(), HostId: host || 'unknown', ...said })
}

/** Answers in place of the app, and ends the connection. */
export function refuse(socket: Duplex, refusal: Refusal, isJson = false): void {
  if (!socket.writable) return
  const { status, message } = refusal
  const body = isJson ? refusalAsJson(refusal) : `${message}\n`
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${isJson ? 'application/json' : 'text/plain'}; charset=utf-8`,
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // Who still sends would lose the answer to a reset (RFC 9112, section 9.6). What is sent stays unread:
  // reading it to throw it away made everybody else wait ten times as long.
  setTimeout(() => socket.destroy(), lingerMs).unref()
}
