import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpAnswer } from '#lib/rpc/render.ts'
import type { HttpCall } from '#lib/rpc/request.ts'
import { introduce, requestHeader, trustIn } from './address.ts'
import { ApiCalls } from './api-calls.ts'
import { Bodies, type IsSignedIn } from './body.ts'
import { Refusal, refuse } from './refusal.ts'

type DoorOptions = {
  /** Answers whom the door lets in. */
  serve: (request: IncomingMessage, response: ServerResponse) => unknown
  isSignedIn: IsSignedIn
  /** Answers calls of the API: what comes for `/` and is one, or all that comes. */
  api?: { answer: (call: HttpCall) => Promise<HttpAnswer>; takes: 'calls' | 'all' }
  /** The longest head, bytes. */
  maxHeadBytes?: number
  trustedProxies: readonly string[]
  /** How long the head of a request may take to arrive, and all of it. */
  headMs?: number
  wholeMs?: number
}

const methods = new Set(['GET', 'HEAD', 'POST'])
const passHeader = 'x-freshet-pass'
/** A restored draft, an export link or a call of the API makes a long head. */
const defaultHeadBytes = 256 * 2 ** 10
/** Next reads all parameters once for each of them: 8,000 of them in 16 KB took five seconds. */
const maxParameters = 200
const defaultHeadMs = 10_000
const defaultWholeMs = 60_000

/** A server that lets in what arrives in shape, in measure and in time, and says to the rest why not. */
export function openDoor(options: DoorOptions): Server {
  const { headMs = defaultHeadMs, wholeMs = defaultWholeMs, maxHeadBytes = defaultHeadBytes } = options
  const door = new Door(options, maxHeadBytes)
  const server = createServer({
    maxHeaderSize: maxHeadBytes,
    headersTimeout: headMs,
    requestTimeout: wholeMs,
    connectionsCheckingInterval: headMs / 10,
    shouldUpgradeCallback: () => false,
  })
  server.on('request', (request, response) => void door.open(request, response))
  // What a client expects besides 100-continue is nothing that we know, and no reason to say nothing.
  server.on('checkExpectation', (request, response) => void door.open(request, response))
  server.on('clientError', (error, socket) => door.turnAway(error, socket))
  return server
}

class Door {
  readonly #serve: DoorOptions['serve']
  readonly #bodies: Bodies
  readonly #isTrusted: ReturnType<typeof trustIn>
  readonly #calls: ApiCalls | undefined
  readonly #refusals: Record<string, Refusal>
  readonly #isForPrograms: boolean
  readonly #answers = new WeakMap<Duplex, ServerResponse>()
  /** Next asks itself for what an action leads to, through this door and with the headers of the action. */
  readonly #pass = randomUUID()

  constructor({ serve, isSignedIn, trustedProxies, api }: DoorOptions, maxHeadBytes: number) {
    this.#serve = serve
    this.#bodies = new Bodies(isSignedIn)
    this.#isTrusted = trustIn(trustedProxies)
    this.#calls = api && new ApiCalls(api)
    this.#isForPrograms = api?.takes === 'all'
    this.#refusals = { ERR_HTTP_REQUEST_TIMEOUT: late, HPE_HEADER_OVERFLOW: longHead(maxHeadBytes) }
  }

  async open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    // A connection whose request was refused may bring more of them before it ends.
    if (!socket.writable) return
    this.#answers.set(socket, response)
    try {
      await this.#letIn(request, response)
    } catch (error) {
      if (error instanceof Refusal) return refuse(socket, error, this.#isForPrograms)
      if (!socket.destroyed) console.error(error)
      socket.destroy()
    }
  }

  /** What is no request, or did not become one in time. */
  turnAway(error: NodeJS.ErrnoException, socket: Duplex): void {
    const answer = this.#answers.get(socket)
    if (answer?.headersSent && !answer.writableFinished) socket.destroy()
    else refuse(socket, this.#refusals[error.code ?? ''] ?? unreadable, this.#isForPrograms)
  }

  async #letIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket, headers, method = '', url = '' } = request
    // An answer that waits for the one before it would keep the place of a body; browsers never do this.
    if (hasBody(request) && !response.socket) return void socket.destroy()
    if (this.#calls?.areMeant(request)) {
      introduce(headers, socket.remoteAddress ?? '', this.#isTrusted)
      return this.#calls.answer(request, response)
    }
    if (!methods.has(method)) throw unknownMethod
    if (!url.startsWith('/') || !URL.canParse(`http://${headers.host ?? 'localhost'}${url}`)) throw unreadable
    if (url.split('&', maxParameters + 1).length > maxParameters) throw longAddress
    if (headers[passHeader] !== this.#pass) {
      introduce(headers, socket.remoteAddress ?? '', this.#isTrusted)
      headers[requestHeader] = randomUUID().toUpperCase()
    }
    headers[passHeader] = this.#pass
    if (!hasBody(request)) return void (await this.#serve(request, response))
    const whole = await this.#bodies.take(request, response)
    if (socket.writable) await this.#serve(whole, response)
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

const unreadable = new Refusal(400, 'This is no HTTP request that can be read. Correct it and send it again.')

const unknownMethod = new Refusal(501, `Freshet takes ${[...methods].join(', ')} only. Send one of these.`)

const late = new Refusal(
  408,
  `This request took too long: its head has ${defaultHeadMs / 1000} s to arrive and all of it ` +
    `${defaultWholeMs / 1000} s. Send it again, in parts or on a faster line.`,
)

const longHead = (bytes: number) =>
  new Refusal(
    431,
    `The head of this request is longer than ${bytes / 2 ** 10} KB. Send a shorter address and fewer cookies, or the parameters of a call in its body.`,
  )

const longAddress = new Refusal(
  414,
  `The address of this request has more than ${maxParameters} parameters. Send fewer, or in the body.`,
)
