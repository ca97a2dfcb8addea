import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'

const origin = process.env.FRESHET_E2E_URL ?? ''

/** All that a connection answers to these bytes, until it ends. */
export function raw(bytes: string): Promise<string> {
  const socket = connect({ port: Number(new URL(origin).port), host: 'localhost' })
  socket.write(bytes)
  return textOf(socket)
}

let answers: Promise<string[]> | undefined

/**
 * Connections that send half of a head or half of a body and then nothing, with what they are answered once
 * their time is over, a minute at most. Other stories go on meanwhile: all files share one process.
 */
export function slowClients(): Promise<string[]> {
  const half = 'POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf'
  answers ??= Promise.all(['GET / HTTP/1.1\r\n', ...Array.from({ length: 200 }, () => half)].map(raw))
  return answers
}
