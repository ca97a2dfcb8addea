import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type Edge, type EdgeOptions, startEdge } from './server.ts'

export type Told = { status: number; headers: IncomingHttpHeaders; body: string }
export type Asked = { method: string; url: string; headers: IncomingHttpHeaders }
type Answers = (question: IncomingMessage, answer: ServerResponse) => void

/** The secret of every edge in these tests. */
export const secret = 'only-for-tests'
/** The host that they serve. */
export const host = 'a.test'

/** An edge in front of an origin that answers as a test tells it. */
export class TestStand {
  /** How the origin answers; each test sets its own. */
  answers: Answers = (_, answer) => answer.writeHead(404).end()
  /** What the origin was asked, in order. */
  asked: Asked[] = []
  edge!: Edge
  originUrl = ''
  readonly #server = createServer((question, answer) => {
    const { method = '', url = '', headers } = question
    this.asked.push({ method, url, headers })
    this.answers(question, answer)
  })
  readonly #more: Edge[] = []

  async start(options: Partial<EdgeOptions> = {}): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.originUrl = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    this.edge = await this.add(options)
  }

  /** One more edge in front of the same origin. */
  async add(options: Partial<EdgeOptions> = {}): Promise<Edge> {
    const origins = { [host]: this.originUrl, 'b.test': this.originUrl }
    const fixed = { name: 'test', secret, version: '1.2.3', port: 0, controlPort: 0, origins }
    const edge = await startEdge({ ...fixed, ...options })
    this.#more.push(edge)
    return edge
  }

  async stop(): Promise<void> {
    for (const edge of this.#more) await edge.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** The origin answers with a fresh body for each fetch: `1`, `2`, … of those it made. */
  serve(headers: Record<string, string> = { 'cache-control': 'max-age=60' }, status = 200): void {
    let made = 0
    this.answers = (question, answer) => {
      const body = String(++made)
      const length = question.method === 'HEAD' ? {} : { 'content-length': body.length }
      answer.writeHead(status, { ...length, ...headers }).end(body)
    }
  }

  get(path: string, headers: Record<string, string> = {}, options: RequestOptions = {}): Promise<Told> {
    return ask(this.edge.site, { path, headers: { host, ...headers }, ...options })
  }

  /** Purges over the control port, as a driver does. */
  purge(command: object): Promise<Told> {
    const full = { seq: 1, domain: host, kind: 'url', mode: 'hard', targets: [], ...command }
    return control(this.edge, JSON.stringify(full))
  }
}

/** Sends a body to the purge endpoint of an edge. */
export function control(edge: Edge, body: string, headers: Record<string, string> = {}): Promise<Told> {
  const authorization = `Bearer ${secret}`
  return ask(
    edge.control,
    { method: 'POST', path: '/v1/purge', headers: { authorization, ...headers } },
    body,
  )
}

/** One request on a connection of its own. */
export async function ask(address: string, options: RequestOptions, body?: string): Promise<Told> {
  const answer = await open(address, options, body)
  const { statusCode: status = 0, headers } = answer
  return { status, headers, body: (await buffer(answer)).toString('latin1') }
}

/** One request, up to the head of its answer. */
export function open(address: string, options: RequestOptions, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(address, { agent: new Agent(), ...options }, resolve)
    sent.on('error', reject).end(body)
  })
}

/** Writes bytes as they are and gives back all that is answered until the connection ends. */
export function raw(address: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve) => {
    let answered = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'))
    socket.on('data', (data) => {
      answered += data.toString('latin1')
    })
    socket.on('error', () => {}).on('close', () => resolve(answered))
  })
}

/** Something to be waited for that a test lets happen. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
