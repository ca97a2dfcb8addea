import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { introduce, requestHeader, trustIn } from './address.ts'
import { Bodies, type IsSignedIn } from './body.ts'
import { Refusal, refuse } from './refusal.ts'

type DoorOptions = {
  /** Answers whom the door lets in. */
  serve: (request: IncomingMessage, response: ServerResponse) => unknown
  isSignedIn: IsSignedIn
  trustedProxies: readonly string[]
  /** How long the head of a request may take to arrive, and all of it. */
  headMs?: number
  wholeMs?: number
}

const methods = new Set(['GET', 'HEAD', 'POST'])
const passHeader = 'x-freshet-pass'
/** A restored draft or an export link makes a long head. */
const maxHeadBytes = 256 * 2 ** 10
/** Next reads all parameters once for each of them: 8,000 of them in 16 KB took five seconds. */
const maxParameters = 200
const defaultHeadMs = 10_000
const defaultWholeMs = 60_000

/** A server that lets in what arrives in shape, in measure and in time, and says to the rest why not. */
export function openDoor(options: DoorOptions): Server {
  const { headMs = defaultHeadMs, wholeMs = defaultWholeMs } = options
  const door = new Door(options)
  const server = createServer({
    maxHeaderSize: maxHeadBytes,
    headersTimeout: headMs,
    requestTimeout: wholeMs,
    connectionsCheckingInterval: headMs / 10,
    shouldUpgradeCallback: () => false,
  })
  server.on('request', (request, response) => void door.open(request, response))
  server.on('clientError', (error, socket) => door.turnAway(error, socket))
  return server
}

class Door {
  readonly #serve: DoorOptions['serve']
  readonly #bodies: Bodies
  readonly #isTrusted: ReturnType<typeof trustIn>
  readonly #answers = new WeakMap<Duplex, ServerResponse>()
  /** Next asks itself for what an action leads to, through this door and with the headers of the action. */
  readonly #pass = randomUUID()

  constructor({ serve, isSignedIn, trustedProxies }: DoorOptions) {
    this.#serve = serve
    this.#bodies = new Bodies(isSignedIn)
    this.#isTrusted = trustIn(trustedProxies)
  }

  async open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    // A connection whose request was refused may bring more of them before it ends.
    if (!socket.writable) return
    this.#answers.set(socket, response)
    try {
      await this.#letIn(request, response)
    } catch (error) {
      if (error instanceof Refusal) return refuse(socket, error)
      if (!socket.destroyed) console.error(error)
      socket.destroy()
    }
  }

  /** What is no request, or did not become one in time. */
  turnAway(error: NodeJS.ErrnoException, socket: Duplex): void {
    const answer = this.#answers.get(socket)
    if (answer?.headersSent && !answer.writableFinished) socket.destroy()
    else refuse(socket, refusals[error.code ?? ''] ?? unreadable)
  }

  async #letIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket, headers, method = '', url = '' } = request
    if (!methods.has(method)) throw unknownMethod
    if (!url.startsWith('/') || !URL.canParse(`http://${headers.host ?? 'localhost'}${url}`)) throw unreadable
    if (url.split('&', maxParameters + 1).length > maxParameters) throw longAddress
    if (headers[passHeader] !== this.#pass) {
      introduce(headers, socket.remoteAddress ?? '', this.#isTrusted)
      headers[requestHeader] = randomUUID().toUpperCase()
    }
    headers[passHeader] = this.#pass
    if (!hasBody(request)) return void (await this.#serve(request, response))
    // An answer that waits for the one before it would keep the place of a body; browsers never do this.
    if (!response.socket) return void socket.destroy()
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

const longHead = new Refusal(
  431,
  `The head of this request is longer than ${maxHeadBytes / 2 ** 10} KB. Send a shorter address and fewer cookies.`,
)

const longAddress = new Refusal(
  414,
  `The address of this request has more than ${maxParameters} parameters. Send fewer, or in the body.`,
)

/** By Node's code for what is wrong. */
const refusals: Record<string, Refusal> = { ERR_HTTP_REQUEST_TIMEOUT: late, HPE_HEADER_OVERFLOW: longHead }
