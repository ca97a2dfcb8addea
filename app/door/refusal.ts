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

/** Answers in place of the app, and ends the connection. */
export function refuse(socket: Duplex, { status, message }: Refusal): void {
  if (!socket.writable) return
  const body = `${message}\n`
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // Who still sends would lose the answer to a reset (RFC 9112, section 9.6). What is sent stays unread:
  // reading it to throw it away made everybody else wait ten times as long.
  setTimeout(() => socket.destroy(), lingerMs).unref()
}
