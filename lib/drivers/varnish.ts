import { randomUUID } from 'node:crypto'
import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
} from 'node:http'
import { z } from 'zod'
import type { Command } from '#lib/core/command.ts'
import type { CacheAddress, Cause, Driver, DriverKind, Outcome, ProbeResult } from './driver.ts'
import { type KeyRequest, packKeys } from './varnish-keys.ts'

/** The version of varnish.vcl that this driver speaks; no other answer counts. */
const recipe = 'varnish/1'

const connections = 4

/** Varnish 7 with our varnish.vcl, purged over the port that serves its visitors. */
export const varnish: DriverKind = {
  kind: 'varnish',
  maxTargetsPerBatch: 10_000,
  address: z.string().refine(isAddress, 'not http://host:port'),
  open,
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.protocol === 'http:' && url.pathname === '/' && url.search + url.hash + url.username === ''
}

type OpenCache = CacheAddress & { agent: Agent }
type Failure = { cause: Cause; detail: string }

function open(cache: CacheAddress): Driver {
  // Varnish closes an idle connection after 5 s (timeout_idle); closing first avoids most collisions.
  const opened = { ...cache, agent: new Agent({ keepAlive: true, maxSockets: connections, timeout: 4_000 }) }
  return {
    deliver: (commands, signal) => deliver(opened, commands, signal),
    probe: (signal) => probe(opened, signal),
    close: async () => opened.agent.destroy(),
  }
}

async function deliver(
  cache: OpenCache,
  commands: readonly Command[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const { requests, refused } = packKeys(commands)
  const failures = new Map<number, Failure>()
  const waiting = requests.values()
  const work = async () => {
    for (const one of waiting) {
      const failure = await purge(cache, one, signal)
      if (failure) for (const index of one.commands) failures.set(index, failure)
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
  return commands.map((_, index) => outcomeOf(failures.get(index), refused.get(index)))
}

function outcomeOf(failure: Failure | undefined, targets: number[] | undefined): Outcome {
  if (failure) return { kind: 'again', scope: 'cache', ...failure }
  if (!targets) return { kind: 'done' }
  return { kind: 'failed', cause: 'rejected', detail: 'our recipe for Varnish has no name for it', targets }
}

async function purge(cache: OpenCache, what: KeyRequest, signal: AbortSignal): Promise<Failure | undefined> {
  const lines = what.lines.map((keys, index) => [`Freshet-Keys-${index + 1}`, keys])
  const headers = {
    Host: what.domain,
    'Freshet-Domain': what.domain,
    'Freshet-Mode': what.mode,
    ...Object.fromEntries(lines),
  }
  const answer = await exchange(cache, signal, { method: 'PURGE', path: '/', headers })
  return 'cause' in answer ? answer : judge(answer, what.keys)
}

/** Only an answer that our recipe alone can give, and that counts every key, is a purge. */
function judge(answer: Answer, keys: number): Failure | undefined {
  const { status, headers } = answer
  if (status === 401 || status === 403) return { cause: 'credentials', detail: describe(answer) }
  if (status !== 200 || headers['freshet-recipe'] !== recipe) {
    return { cause: 'unexpected', detail: describe(answer) }
  }
  const taken = headers['freshet-taken'] ?? 'none'
  return taken === String(keys) ? undefined : { cause: 'count', detail: `took ${taken} of ${keys} keys` }
}

function describe({ status, reason, headers }: Answer): string {
  const parts = [`${status} ${reason}`, headers['content-type']]
  const version = headers['freshet-recipe']
  if (status === 200 && version !== recipe) parts.push(`recipe ${version ?? 'missing'}, ${recipe} is needed`)
  return parts.filter(Boolean).join(', ').slice(0, 300)
}

const probeDomain = 'freshet-probe.invalid'

/** Purges an object that the recipe makes up, so that no origin and no visitor is troubled. */
async function probe(cache: OpenCache, signal: AbortSignal): Promise<ProbeResult> {
  const startMs = performance.now()
  const proved: string[] = []
  const failure = await prove(cache, signal, proved)
  const ms = Math.round(performance.now() - startMs)
  return failure ? { ok: false, proved, ...failure, ms } : { ok: true, proved, detail: recipe, ms }
}

async function prove(cache: OpenCache, signal: AbortSignal, proved: string[]): Promise<Failure | undefined> {
  if (!isHeaderValue(cache.secret)) return unusable
  const target = `/${randomUUID()}`
  const refused = await purge(cache, probeRequest([target]), signal)
  if (refused?.cause === 'credentials' || refused?.cause === 'unexpected') proved.push('reachable')
  if (refused) return refused
  proved.push('reachable', 'authorised', 'recipe')
  const looks = [await look(cache, target, signal), await look(cache, target, signal)]
  const crowded = await purge(cache, probeRequest(fillRequest(target)), signal)
  if (crowded) return crowded.cause === 'timeout' ? crowded : { ...crowded, detail: crowded.detail + sizes }
  proved.push('full-size')
  looks.push(await look(cache, target, signal))
  const failure = compareLooks(looks)
  if (!failure) proved.push('purged')
  return failure
}

const sizes = '; a full request needs http_req_hdr_len=8k, http_req_size=32k and workspace_client=96k'

/** The object is made up anew for each fetch: two looks alike show that it was kept, a third that it went. */
function compareLooks(looks: (string | Failure)[]): Failure | undefined {
  for (const one of looks) if (typeof one !== 'string') return one
  const [first, second, third] = looks
  if (first !== second) return { cause: 'unexpected', detail: 'a probe object was not kept; several caches?' }
  if (second === third) return { cause: 'unexpected', detail: 'a probe object outlived its purge' }
  return undefined
}

function probeRequest(targets: string[]): KeyRequest {
  const command = { seq: 1, domain: probeDomain, kind: 'url', mode: 'hard', targets } as const
  return packKeys([command]).requests[0] as KeyRequest
}

/** As much as a request of ours ever carries, for a Varnish may be set to take less. */
function fillRequest(target: string): string[] {
  return Array.from({ length: 480 }, (_, index) => (index === 0 ? target : `${target}?${index}`))
}

async function look(cache: OpenCache, target: string, signal: AbortSignal): Promise<string | Failure> {
  const headers = { Host: probeDomain, 'Freshet-Probe': '1' }
  const answer = await exchange(cache, signal, { method: 'GET', path: target, headers })
  if ('cause' in answer) return answer
  return answer.status === 200 ? answer.body : { cause: 'unexpected', detail: describe(answer) }
}

type Answer = { status: number; reason: string; headers: IncomingHttpHeaders; body: string }

/** One exchange, and one more on a fresh connection where the first was dropped. */
async function exchange(
  cache: OpenCache,
  signal: AbortSignal,
  what: RequestOptions,
): Promise<Answer | Failure> {
  const first = await ask(cache, { ...what, agent: cache.agent, signal })
  if (!('cause' in first) || first.cause !== 'dropped') return first
  return ask(cache, { ...what, agent: false, signal })
}

async function ask(cache: OpenCache, options: RequestOptions): Promise<Answer | Failure> {
  if (!isHeaderValue(cache.secret)) return unusable
  const { promise, resolve } = Promise.withResolvers<Answer | Failure>()
  const fail = (error: NodeJS.ErrnoException) => resolve(explain(error, options.signal as AbortSignal))
  const headers = { ...options.headers, 'Freshet-Secret': cache.secret }
  const asking = request(cache.address, { ...options, headers }, (answer) => read(answer).then(resolve, fail))
  asking.on('error', fail).end()
  return promise
}

const unusable: Failure = {
  cause: 'credentials',
  detail: 'the secret has a character that no header can carry',
}

function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}

const maxBodyLength = 65_536

async function read(answer: IncomingMessage): Promise<Answer> {
  let body = ''
  for await (const chunk of answer.setEncoding('latin1')) {
    if (body.length < maxBodyLength) body += chunk
  }
  const { statusCode = 0, statusMessage = '', headers } = answer
  return { status: statusCode, reason: statusMessage, headers, body }
}

const noConnection =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EADDRNOTAVAIL)$/

function explain(error: NodeJS.ErrnoException, signal: AbortSignal): Failure {
  const detail = (error.code ? `${error.code}: ${error.message}` : error.message).slice(0, 300)
  if (signal.aborted) return { cause: 'timeout', detail: 'no whole answer in time' }
  if (noConnection.test(error.code ?? '')) return { cause: 'unreachable', detail }
  if (/^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/.test(error.code ?? ''))
    return { cause: 'dropped', detail }
  return { cause: 'unexpected', detail }
}
