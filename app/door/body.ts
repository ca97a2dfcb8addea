import { IncomingMessage, type ServerResponse } from 'node:http'
import { maxBodyBytes, maxStrangerBytes } from '#lib/core/body-limits.ts'
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
  /** Large bodies in memory; the others stay in their sockets, unread. */
  readonly #here = new Places(8, 0)
  /** Large bodies that the app works on. Half of its time is for everybody else. */
  readonly #atWork = new Places(1, 1)

  constructor(isSignedIn: IsSignedIn) {
    this.#isSignedIn = isSignedIn
  }

  /**
   * Waits for the whole body, and for a large one until the app has time for it.
   *
   * @returns the same request with its body at hand
   * @throws Refusal 413 or 401, as soon as it is known; Error when the client leaves
   */
  async take(request: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
    const gates: Gate[] = [
      { above: maxBodyBytes, pass: refuseLong },
      {
        above: maxStrangerBytes,
        pass: async (bytes) => (await this.#isSignedIn(request)) || refuseStranger(bytes),
      },
      { above: megabyte, pass: () => this.#here.take(response) },
    ]
    await pass(gates, Number(request.headers['content-length'] ?? 0))
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length
      await pass(gates, bytes)
      chunks.push(chunk)
    }
    if (bytes > megabyte) await this.#atWork.take(response)
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

function refuseLong(bytes: number): never {
  throw new Refusal(
    413,
    `This request is ${(bytes / megabyte).toFixed(1)} MB long or longer, and one takes ` +
      `${maxBodyBytes / megabyte} MB at most. Split the list and submit the parts.`,
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
