import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpAnswer } from '#lib/rpc/render.ts'
import { type HttpCall, isRpcCall } from '#lib/rpc/request.ts'
import { addressHeader } from './address.ts'
import { Bodies } from './body.ts'
import { Refusal, refusalAsJson } from './refusal.ts'

type Api = {
  answer: (call: HttpCall) => Promise<HttpAnswer>
  /** Those that come for `/` beside the pages, or all that comes, on a port of their own. */
  takes: 'calls' | 'all'
}

/** A thousand URLs of 1,024 characters, each of which may take three bytes in a form. */
const maxCallBytes = 4 * 2 ** 20

/** Calls of the API: they never reach Next, which would change what was signed. */
export class ApiCalls {
  readonly #api: Api
  /** Whose call it is may stand in its body, so nobody is asked before it is read; of long ones few are at once. */
  readonly #bodies = new Bodies(async () => true, maxCallBytes)

  constructor(api: Api) {
    this.#api = api
  }

  areMeant({ method = '', url = '', headers }: IncomingMessage): boolean {
    return this.#api.takes === 'all' || isRpcCall({ method, url, headers: plain(headers) })
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request
    const headers = plain(request.headers)
    const call = {
      ...{ method, url, headers, requestId: randomUUID().toUpperCase() },
      address: headers[addressHeader] ?? '',
      isSecure: headers['x-forwarded-proto'] === 'https',
    }
    const answer = await this.#bodyOf(request, response).then(
      (body) => this.#api.answer({ ...call, body }),
      (error) => tooLong(error, call),
    )
    response.writeHead(answer.status, { ...answer.headers, 'x-acs-request-id': call.requestId })
    response.end(answer.body)
  }

  async #bodyOf(request: IncomingMessage, response: ServerResponse): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of await this.#bodies.take(request, response)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
}

function tooLong(error: unknown, { requestId, headers }: Omit<HttpCall, 'body'>): HttpAnswer {
  if (!(error instanceof Refusal)) throw error
  return {
    status: error.status,
    headers: { 'content-type': 'application/json;charset=utf-8', connection: 'close' },
    body: refusalAsJson(error, headers.host, requestId),
  }
}

/** The few headers that may stand several times are no part of a call. */
function plain(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]))
}
