import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Command, CommandKind } from '#lib/core/command.ts'
import type { CacheAddress, Driver, DriverKind, Failure, Outcome, ProbeResult } from './driver.ts'
import { type Answer, type Connection, connect, describe, refusalOf } from './http.ts'
import { type KeyRequest, packKeys } from './varnish-keys.ts'
import { openVisits } from './visit.ts'

/** The version of varnish.vcl that this driver speaks; no other answer counts. */
const recipe = 'varnish/3'

const connectionsPerCache = 4

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
  return /^https?:$/.test(url.protocol) && url.pathname + url.search + url.hash + url.username === '/'
}

function open(cache: CacheAddress): Driver {
  const connection = connect(cache.address, { maxSockets: connectionsPerCache })
  const visits = openVisits({
    site: async () => cache.address,
    onlyIfKept: { 'Freshet-Prefetch': 'check', 'Freshet-Secret': cache.secret },
    isHit,
  })
  return {
    deliver: (commands, signal) => deliver({ ...cache, connection }, commands, signal),
    ping: (signal) => purge({ ...cache, connection }, probeRequest(['/ping']), signal),
    probe: (signal) => probe(cache, signal),
    fetch: visits.fetch,
    holdings: async () => null,
    close: async () => {
      connection.close()
      await visits.close()
    },
  }
}

/** X-Varnish has a second number for a hit; one of a Varnish behind this one may stand before it. */
function isHit(headers: Record<string, string>): boolean {
  return /\d \d+$/.test(headers['x-varnish'] ?? '')
}

type OpenCache = { secret: string; connection: Connection }

async function deliver(
  cache: OpenCache,
  commands: readonly Command[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const { requests, refused } = packKeys(commands)
  const failures = new Map<number, Failure>()
  const waiting = requests.values()
  const work = async () => {
    for (const request of waiting) {
      const failure = await purge(cache, request, signal)
      if (failure) for (const index of request.commands) failures.set(index, failure)
    }
  }
  await Promise.all(Array.from({ length: connectionsPerCache }, work))
  return commands.map(({ kind }, index) => outcomeOf(kind, failures.get(index), refused.get(index)))
}

function outcomeOf(kind: CommandKind, failure?: Failure, refused?: number[]): Outcome {
  if (failure) return { kind: 'again', scope: 'cache', ...failure }
  if (!refused) return { kind: 'done' }
  const detail = kind === 'regex' ? unfit : 'our recipe has no name for it'
  return { kind: 'failed', cause: 'rejected', detail, targets: refused }
}

const unfit = 'no pattern, or one that repeats itself so that testing it would make visitors wait'

async function purge(
  cache: OpenCache,
  request: KeyRequest,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const lines = request.lines.map((keys, index) => [`Freshet-Keys-${index + 1}`, keys])
  const answer = await ask(cache, signal, 'PURGE', '/', {
    Host: request.domain,
    'Freshet-Domain': request.domain,
    'Freshet-Mode': request.way === 'ban' ? 'hard' : request.way,
    // A recipe that knows no bans takes them for names, and says which recipe it is.
    ...(request.way === 'ban' ? { 'Freshet-Bans': '1' } : {}),
    ...Object.fromEntries(lines),
  })
  return 'cause' in answer ? answer : judge(answer, request.keys)
}

/** Only an answer that our recipe alone can give, and that counts every key, is a purge. */
function judge(answer: Answer, keys: number): Failure | undefined {
  if (answer.status !== 200) return refusalOf(answer)
  const version = answer.headers['freshet-recipe']
  if (version !== recipe) {
    const detail = `${describe(answer)}; ${recipe} was expected, not ${version ?? 'a Varnish without it'}`
    return { cause: 'unexpected', detail: detail.slice(0, 300) }
  }
  const taken = answer.headers['freshet-taken'] ?? 'none'
  if (taken === String(keys)) return undefined
  const reason = answer.headers['freshet-error'] ? `: ${answer.headers['freshet-error']}` : ''
  return { cause: 'count', detail: `took ${taken} of ${keys} keys${reason}`.slice(0, 300) }
}

async function ask(
  { connection, secret }: OpenCache,
  signal: AbortSignal,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<Answer | Failure> {
  if (!isHeaderValue(secret)) return unusableSecret
  const request = { method, path, headers: { ...headers, 'Freshet-Secret': secret } }
  const exchanged = await connection.exchange(request, signal)
  return exchanged.ok ? exchanged.answer : { cause: exchanged.cause, detail: exchanged.detail }
}

function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}

const unusableSecret: Failure = {
  cause: 'credentials',
  detail: 'the secret is empty or has a character that no header can carry',
}

/** Purges an object that the recipe makes up, so that no origin and no visitor is troubled. */
async function probe(cache: CacheAddress, signal: AbortSignal): Promise<ProbeResult> {
  const startMs = performance.now()
  const proved: string[] = []
  // Connections of its own: kept ones may all lead to one of several caches.
  const caches = Array.from({ length: connectionsPerCache }, () => {
    return { secret: cache.secret, connection: connect(cache.address, { maxSockets: 1 }) }
  })
  const failure = await prove(caches, proved, signal)
  for (const { connection } of caches) connection.close()
  const ms = Math.round(performance.now() - startMs)
  return failure ? { ok: false, proved, ...failure, ms } : { ok: true, proved, detail: recipe, ms }
}

async function prove(
  caches: OpenCache[],
  proved: string[],
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const [cache] = caches as [OpenCache]
  if (!isHeaderValue(cache.secret)) return unusableSecret
  const target = `/${randomUUID()}`
  const refused = await purge(cache, probeRequest([target]), signal)
  if (refused?.cause === 'credentials' || refused?.cause === 'unexpected') proved.push('reachable')
  if (refused) return refused
  proved.push('reachable', 'authorised', 'recipe')
  const stored = await look(cache, target, signal)
  const seen = await Promise.all(caches.map((each) => look(each, target, signal)))
  for (const body of [stored, ...seen]) if (typeof body !== 'string') return body
  if (seen.some((body) => body !== stored)) return { cause: 'unexpected', detail: several }
  proved.push('one-instance')
  const crowded = await purge(cache, probeRequest(fillRequest(target)), signal)
  if (crowded) return crowded.cause === 'timeout' ? crowded : { ...crowded, detail: crowded.detail + sizes }
  proved.push('full-size')
  const renewed = await look(cache, target, signal)
  if (typeof renewed !== 'string') return renewed
  if (renewed === stored) return { cause: 'unexpected', detail: 'a probe object outlived its purge' }
  proved.push('purged')
  return undefined
}

const several = 'several caches answer at this address, or none that keeps anything; each needs its own'
const sizes = '; a full request needs http_req_hdr_len=8k, http_req_size=32k and workspace_client=96k'

/** Reserved by RFC 2606, so no site is ever called this. */
const probeDomain = 'freshet-probe.invalid'

function probeRequest(targets: string[]): KeyRequest {
  const command = { seq: 1, domain: probeDomain, kind: 'url', mode: 'hard', targets } as const
  return packKeys([command]).requests[0] as KeyRequest
}

/** As much as a request of ours ever carries, for a Varnish may be set to take less. */
function fillRequest(target: string): string[] {
  return Array.from({ length: 480 }, (_, index) => (index === 0 ? target : `${target}?${index}`))
}

/** The object says something else each time that it is made up. */
async function look(cache: OpenCache, target: string, signal: AbortSignal): Promise<string | Failure> {
  const answer = await ask(cache, signal, 'GET', target, { Host: probeDomain, 'Freshet-Probe': '1' })
  if ('cause' in answer) return answer
  return answer.status === 200 ? answer.body : refusalOf(answer)
}
