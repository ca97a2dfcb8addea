import { hash, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { algorithmV3, canonicalRequest, signV3 } from '#lib/core/signature.ts'
import { type Check, type Checked, text, withFields } from './answer.ts'
import type { Connection } from './profile.ts'

const isErrorBody = withFields({ Code: text, Message: text, RequestId: text })
type ErrorBody = Checked<typeof isErrorBody>

/** What was signed is told to who signs by hand; here only the secret can be another. */
const sentenceOf = ({ Code, Message, RequestId }: ErrorBody) =>
  `${Code === 'SignatureDoesNotMatch' ? 'The secret is not that of the key. Write it again: “freshet configure”.' : Message} (${Code}, request ${RequestId})`

/** The console understood and said no; nothing of this call was done. */
export class Refusal extends Error {
  exitCode = 3
  code: string
  requestId: string
  retryAfterMs: number

  constructor(body: ErrorBody, retryAfterMs: number) {
    super(sentenceOf(body))
    this.code = body.Code
    this.requestId = body.RequestId
    this.retryAfterMs = retryAfterMs
  }
}

/** Nobody answered, or not as a console does; whether the call was done is not known. */
export class NoAnswer extends Error {
  exitCode = 1
  code = 'NoAnswer'
  /** Whether it may be otherwise in a moment. */
  isPassing: boolean
  retryAfterMs: number

  constructor(sentence: string, isPassing = true, retryAfterMs = 0) {
    super(sentence)
    this.isPassing = isPassing
    this.retryAfterMs = retryAfterMs
  }
}

type Reply = { status: number; retryAfterMs: number; body: unknown }

/** The vendor's version of the API, and the one of what only Freshet has. */
export const versions = { vendor: '2018-01-15', own: '2026-11-26' } as const

/** One thing that the console is asked, and what its answer has to be. */
export type Call<Answer> = {
  action: string
  version: string
  parameters: Record<string, string | undefined>
  fits: Check<Answer>
}

/** How long one answer may take, and, where nobody says otherwise, how long a call is tried again. */
const answerMs = 30_000
const patienceMs = 30_000

/**
 * Asks the console one thing. What was not answered is asked again with the same parameters, so a submission
 * needs a ClientToken: with it the same submission twice is one.
 *
 * @throws Refusal, or NoAnswer at the latest when the time is up, by the clock of `performance`
 */
export async function call<Answer>(
  connection: Connection,
  asked: Call<Answer>,
  untilMs = performance.now() + patienceMs,
): Promise<Answer> {
  for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, 5_000)) {
    try {
      return await callOnce(connection, asked, untilMs)
    } catch (error) {
      if (!mayPass(error)) throw error
      const waitMs = Math.max(error.retryAfterMs, pauseMs * (0.5 + Math.random()))
      const leftMs = untilMs - performance.now()
      if (waitMs > leftMs) throw error
      if (pauseMs === 250)
        console.error(`${error.message} It is tried again for ${Math.ceil(leftMs / 1000)} s.`)
      await delay(waitMs)
    }
  }
}

/** Whether the same call may do better in a moment. */
export function mayPass(error: unknown): error is Refusal | NoAnswer {
  if (error instanceof NoAnswer) return error.isPassing
  return error instanceof Refusal && isThrottled(error.code)
}

const isThrottled = (code: string) => /^(Throttling|TooManyRequests)/.test(code)

/** As `call`, but does not try again. */
export async function callOnce<Answer>(
  connection: Connection,
  asked: Call<Answer>,
  untilMs = performance.now() + answerMs,
): Promise<Answer> {
  const reply = await post(connection, asked, untilMs).catch((error) => {
    throw new NoAnswer(`${connection.endpoint.origin} does not answer: ${reasonOf(error)}.`)
  })
  if (reply.status === 200 && asked.fits(reply.body)) return reply.body
  throw failureOf(connection, reply)
}

async function post({ endpoint, ...key }: Connection, asked: Call<unknown>, untilMs: number): Promise<Reply> {
  const given = Object.entries(asked.parameters).filter(([, value]) => value !== undefined)
  const body = new URLSearchParams(given as [string, string][]).toString()
  const headers = signedHeaders(endpoint, key, asked, body)
  const leftMs = Math.max(0, Math.ceil(untilMs - performance.now()))
  const signal = AbortSignal.timeout(Math.min(answerMs, leftMs))
  const response = await fetch(endpoint, { method: 'POST', headers, body, signal, redirect: 'manual' })
  const content = await response.text()
  return {
    status: response.status,
    retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0,
    body: jsonOf(content),
  }
}

/** A new date and nonce for every try: a signature is good once. */
function signedHeaders(
  endpoint: URL,
  key: Omit<Connection, 'endpoint'>,
  { action, version }: Call<unknown>,
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
function failureOf({ endpoint }: Connection, { status, body, retryAfterMs }: Reply): Refusal | NoAnswer {
  const isKnown = isErrorBody(body)
  if (isKnown && status >= 400 && (status < 500 || isThrottled(body.Code)))
    return new Refusal(body, retryAfterMs)
  const why = isKnown ? `: ${sentenceOf(body)}` : ', not as a console does'
  return new NoAnswer(`${endpoint.origin} answered with status ${status}${why}.`, status >= 500, retryAfterMs)
}

/** A terminal obeys these, also those that turn text around, and an origin or a cache may have chosen it. */
const withoutControls = (given: string) => given.replace(/[\p{Cc}\p{Cf}]/gu, ' ')

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content, (_, value) => (typeof value === 'string' ? withoutControls(value) : value))
  } catch {
    return undefined
  }
}

/** `fetch` says no more than that it failed; the reason lies below, once for each address that was tried. */
function reasonOf(error: Error): string {
  const { cause } = error
  const [first] = cause instanceof AggregateError ? cause.errors : [cause ?? error]
  return withoutControls((first as Error).message)
}
