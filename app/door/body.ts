import { IncomingMessage, type ServerResponse } from 'node:http'
import { maxBodyBytes, maxStrangerBytes } from '#lib/core/body-limits.ts'
import { addressHeader } from './address.ts'
import { Places } from './places.ts'
import { Refusal } from './refusal.ts'

const megabyte = 2 ** 20
const kilobyte = 2 ** 10

export type IsSignedIn = (request: IncomingMessage) => Promise<boolean>

/** What a body that is longer than so many bytes must pass. */
type Gate = { above: number; pass: (bytes: number) => unknown; passed?: boolean }

/** Takes bodies in, so that the app never waits for a client. */
export class Bodies {
  readonly #isSignedIn: IsSignedIn
  readonly #maxBytes: number
  /** Large bodies in memory; the others stay in their sockets, unread. */
  readonly #here = new Places(8, { each: 4 })
  /** Large bodies that the app works on. Half of its time is for everybody else. */
  readonly #atWork = new Places(1, { rest: 1 })

  constructor(isSignedIn: IsSignedIn, maxBytes = maxBodyBytes) {
    this.#isSignedIn = isSignedIn
    this.#maxBytes = maxBytes
  }

  /**
   * Waits for the whole body, and for a large one until the app has time for it.
   *
   * @returns the same request with its body at hand
   * @throws Refusal 413 or 401, as soon as it is known; Error when the client leaves
   */
  async take(request: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
    const announced: Gate[] = [
      { above: this.#maxBytes, pass: (bytes) => refuseLong(bytes, this.#maxBytes) },
      {
        above: maxStrangerBytes,
        pass: async (bytes) => (await this.#isSignedIn(request)) || refuseStranger(bytes),
      },
    ]
    await pass(announced, Number(request.headers['content-length'] ?? 0))
    const who = String(request.headers[addressHeader] ?? '')
    // A place is for what has come: who only says that much will come would keep it from the others.
    const gates: Gate[] = [...announced, { above: megabyte, pass: () => this.#here.take(response, who) }]
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length
      await pass(gates, bytes)
      chunks.push(chunk)
    }
    if (bytes > megabyte) await this.#atWork.take(response, who)
    return withBody(request, chunks)
  }
}

async function pass(gates: Gate[], bytes: number): Promise<void> {
  for (const gate of gates) {
    if (gate.passed || bytes <= gate.above) continue
    await gate.pass(bytes)
    gate.passed = true
  }
}

function refuseLong(bytes: number, maxBytes: number): never {
  throw new Refusal(
    413,
    `This request is ${(bytes / megabyte).toFixed(1)} MB long or longer, and one takes ` +
      `${maxBytes / megabyte} MB at most. Split the list and submit the parts.`,
  )
}

function refuseStranger(bytes: number): never {
  throw new Refusal(
    401,
    `This request is ${Math.ceil(bytes / kilobyte)} KB long or longer, and one without a session takes ` +
      `${maxStrangerBytes / kilobyte} KB at most. Sign in and submit it again.`,
  )
}

/** Node has no way to put back what was read, so the app gets a request that was never sent. */
function withBody(request: IncomingMessage, chunks: readonly Buffer[]): IncomingMessage {
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = request
  const whole = Object.assign(new IncomingMessage(request.socket), {
    ...{ method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor },
    complete: true,
  })
  for (const chunk of chunks) whole.push(chunk)
  whole.push(null)
  return whole
}
