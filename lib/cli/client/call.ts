import { hash, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { algorithmV3, canonicalRequest, signV3 } from '#lib/core/signature.ts'
import type { Connection } from './profile.ts'

/** The console understood and said no; nothing of this call was done. */
export class Refusal extends Error {
  exitCode = 3
  code: string
  requestId: string

  constructor({ Code, Message, RequestId }: ErrorBody) {
    super(`${Message} (${Code}, request ${RequestId})`)
    this.code = Code
    this.requestId = RequestId
  }
}

/** Nobody answered, or not as a console does; whether the call was done is not known. */
export class NoAnswer extends Error {
  exitCode = 1
  code = 'NoAnswer'
  /** Whether it may be otherwise in a moment. */
  isPassing: boolean

  constructor(sentence: string, isPassing = true) {
    super(sentence)
    this.isPassing = isPassing
  }
}

type ErrorBody = { Code: string; Message: string; RequestId: string }
type Reply = { status: number; retryAfterMs: number; body: unknown }

/** The vendor's version of the API, and the one of what only Freshet has. */
export const versions = { vendor: '2018-01-15', own: '2026-11-26' } as const

export type Call = {
  action: string
  version: string
  parameters: Record<string, string | undefined>
}

/** How long one answer may take, and how long a call is tried again. */
const answerMs = 30_000
const usualPatienceMs = 30_000

/**
 * Asks the console one thing. What was not answered is asked again with the same parameters, so a submission
 * needs a ClientToken: with it the same submission twice is one.
 *
 * @throws Refusal, or NoAnswer once there is no patience left
 */
export async function call<Answer>(
  connection: Connection,
  asked: Call,
  patienceMs = usualPatienceMs,
): Promise<Answer> {
  const startedMs = performance.now()
  for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, 5_000)) {
    const { retryAfterMs, answer, failure } = await tryOnce<Answer>(connection, asked)
    if (!failure) return answer as Answer
    const waitMs = Math.max(retryAfterMs, pauseMs * (0.5 + Math.random()))
    if (!mayPass(failure) || performance.now() + waitMs > startedMs + patienceMs) throw failure
    if (pauseMs === 250) console.error(`${failure.message} It is tried again for ${patienceMs / 1000} s.`)
    await delay(waitMs)
  }
}

/** Whether the same call may do better in a moment. */
export function mayPass(error: unknown): error is Refusal | NoAnswer {
  if (error instanceof NoAnswer) return error.isPassing
  return error instanceof Refusal && isThrottled(error.code)
}

const isThrottled = (code: string) => /^(Throttling|TooManyRequests)/.test(code)

type Try<Answer> = { retryAfterMs: number; answer?: Answer; failure?: Refusal | NoAnswer }

async function tryOnce<Answer>(connection: Connection, asked: Call): Promise<Try<Answer>> {
  try {
    const { status, retryAfterMs, body } = await post(connection, asked)
    if (status === 200 && body !== undefined) return { retryAfterMs, answer: body as Answer }
    return { retryAfterMs, failure: failureOf(connection, status, body) }
  } catch (error) {
    const why = reasonOf(error as Error)
    return {
      retryAfterMs: 0,
      failure: new NoAnswer(`${connection.endpoint.origin} does not answer: ${why}.`),
    }
  }
}

async function post({ endpoint, ...key }: Connection, asked: Call): Promise<Reply> {
  const given = Object.entries(asked.parameters).filter(([, value]) => value !== undefined)
  const body = new URLSearchParams(given as [string, string][]).toString()
  const headers = signedHeaders(endpoint, key, asked, body)
  const signal = AbortSignal.timeout(answerMs)
  const response = await fetch(endpoint, { method: 'POST', headers, body, signal, redirect: 'manual' })
  const text = await response.text()
  return {
    status: response.status,
    retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0,
    body: jsonOf(text),
  }
}

/** A new date and nonce for every try: a signature is good once. */
function signedHeaders(
  endpoint: URL,
  key: Omit<Connection, 'endpoint'>,
  { action, version }: Call,
  body: string,
): Record<string, string> {
  const bodyHash = hash('sha256', body)
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    host: endpoint.host,
    'x-acs-action': action,
    'x-acs-content-sha256': bodyHash,
    'x-acs-date': new Date().toISOString().replace(/\.\d+/, ''),
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-version': version,
  }
  const names = Object.keys(headers)
  const canonical = canonicalRequest({ method: 'POST', query: [], headers, signedHeaders: names, bodyHash })
  const signature = signV3(canonical, key.accessKeySecret)
  const authorization = `${algorithmV3} Credential=${key.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`
  return { ...headers, authorization }
}

/** What fails inside the console may work a moment later; what it refuses will not. */
function failureOf({ endpoint }: Connection, status: number, body: unknown): Refusal | NoAnswer {
  const { Code, Message = '', RequestId = '' } = Object(body) as Partial<ErrorBody>
  if (Code && (status < 500 || isThrottled(Code))) return new Refusal({ Code, Message, RequestId })
  const known = Code ? `: ${Message} (${Code}, request ${RequestId})` : ', not as a console does'
  return new NoAnswer(`${endpoint.origin} answered with status ${status}${known}.`, status >= 500)
}

/** A terminal obeys control characters, and an origin or a cache may have chosen some of the text. */
function jsonOf(text: string): unknown {
  const clean = (_: string, value: unknown) =>
    typeof value === 'string' ? value.replace(/\p{Cc}/gu, ' ') : value
  try {
    return JSON.parse(text, clean)
  } catch {
    return undefined
  }
}

/** `fetch` says no more than that it failed; the reason lies below, once for each address that was tried. */
function reasonOf(error: Error): string {
  const { cause } = error
  const [first] = cause instanceof AggregateError ? cause.errors : [cause ?? error]
  return (first as Error).message
}
