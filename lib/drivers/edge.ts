import { z } from 'zod'
import type { Command } from '#lib/core/command.ts'
import type { Holdings } from '#lib/core/question.ts'
import type { CacheAddress, Coverage, Driver, DriverKind, Failure, Outcome, ProbeResult } from './driver.ts'
import { type Connection, connect, describe, type Exchanged, refusalOf } from './http.ts'
import { openVisits, type VisitorsDoor } from './visit.ts'

/** What the control port of the edge takes in one request. */
const maxTargetsPerRequest = 1000
const probeConnections = 4

/** The built-in edge, purged over its control port. */
export const edge: DriverKind = {
  kind: 'edge',
  maxTargetsPerBatch: maxTargetsPerRequest,
  address: z.string().refine(isAddress, 'not http://host:port'),
  open,
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.pathname + url.search + url.hash + url.username === '/'
}

const receiptsSchema = z.object({
  instance: z.string(),
  receipts: z.array(
    z.union([
      z.object({ seq: z.number(), taken: z.number() }),
      z.object({ seq: z.number(), rejected: z.string() }),
    ]),
  ),
})
type Receipt = z.infer<typeof receiptsSchema>['receipts'][number]

const statusSchema = z.object({
  instance: z.string(),
  name: z.string(),
  version: z.string(),
  site: z.object({ host: z.string(), port: z.number() }),
})

const holdingsSchema = z.object({
  objects: z.number(),
  bytes: z.number(),
  targets: z.array(z.string()),
  freshSeconds: z.number(),
  complete: z.boolean(),
})

function open(cache: CacheAddress): Driver {
  const connection = connect(cache.address)
  const door = openDoor(connection, cache)
  const visits = openVisits(door)
  return {
    deliver: (commands, signal) => deliver(connection, cache.secret, commands, signal),
    async ping(signal) {
      const status = readAs(statusSchema, await connection.exchange(statusRequest(cache.secret), signal))
      return 'cause' in status ? status : undefined
    },
    probe: (signal) => probe(cache, signal),
    async fetch(fetch, onBytes, signal) {
      const fetched = await visits.fetch(fetch, onBytes, signal)
      if (fetched.is === 'unreachable') door.forget()
      return fetched
    },
    holdings: (coverage, signal) => ask(connection, cache.secret, coverage, signal),
    async close() {
      connection.close()
      await visits.close()
    },
  }
}

/** Finds the site port by way of the control port, once, and again when it was forgotten. */
function openDoor(connection: Connection, cache: CacheAddress): VisitorsDoor & { forget(): void } {
  let site: string | undefined
  let name = ''
  return {
    async site(signal) {
      if (site) return site
      const status = readAs(statusSchema, await connection.exchange(statusRequest(cache.secret), signal))
      if ('cause' in status) return status
      name = status.name
      site = siteOf(cache.address, status.site)
      return site
    },
    onlyIfKept: { 'cache-control': 'only-if-cached' },
    isHit: (headers) => {
      const said = headers['cache-status']?.split(',').at(-1) ?? ''
      const [cacheName, ...parameters] = said.split(';').map((part) => part.trim())
      return cacheName === `freshet-${name}` && parameters.includes('hit')
    },
    forget: () => {
      site = undefined
    },
  }
}

/** The host is the registered one, whatever an edge says: it could lead us into a network that is not its own. */
const siteOf = (address: string, { port }: { port: number }) => `http://${new URL(address).hostname}:${port}`

async function ask(
  connection: Connection,
  secret: string,
  coverage: Coverage,
  signal: AbortSignal,
): Promise<Holdings | null> {
  const { domain, kind, targets, query } = coverage
  const request = {
    method: 'POST',
    path: '/v1/holdings',
    headers: authorization(secret),
    body: JSON.stringify({ domain, kind, targets, query }),
  }
  const told = readAs(holdingsSchema, await connection.exchange(request, signal))
  return 'cause' in told ? null : told
}

function statusRequest(secret: string) {
  return { method: 'GET', path: '/v1/status', headers: authorization(secret) }
}

async function deliver(
  connection: Connection,
  secret: string,
  commands: readonly Command[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let failure: Failure | undefined
  for (const group of split(commands)) {
    const receipts = failure ?? (await purge(connection, secret, group, signal))
    if ('cause' in receipts) failure = receipts
    for (const [index, command] of group.entries()) {
      outcomes.push('cause' in receipts ? again(receipts) : outcomeOf(command, receipts[index]))
    }
  }
  return outcomes
}

/** Commands in order, in groups that one request may carry. */
function split(commands: readonly Command[]): Command[][] {
  const groups: Command[][] = []
  let room = 0
  for (const command of commands) {
    room -= command.targets.length
    if (groups.length === 0 || room < 0) {
      groups.push([])
      room = maxTargetsPerRequest - command.targets.length
    }
    groups.at(-1)?.push(command)
  }
  return groups
}

async function purge(
  connection: Connection,
  secret: string,
  commands: readonly Command[],
  signal: AbortSignal,
): Promise<Receipt[] | Failure> {
  const body = commands.map((command) => `${JSON.stringify(command)}\n`).join('')
  const headers = { ...authorization(secret), 'content-type': 'application/x-ndjson' }
  const exchanged = await connection.exchange({ method: 'POST', path: '/v1/purge', headers, body }, signal)
  const read = readAs(receiptsSchema, exchanged)
  if ('cause' in read) return read
  if (read.receipts.length === commands.length) return read.receipts
  return { cause: 'count', detail: `answered for ${read.receipts.length} of ${commands.length} commands` }
}

function outcomeOf(command: Command, receipt: Receipt | undefined): Outcome {
  if (receipt?.seq !== command.seq)
    return again({ cause: 'count', detail: 'the answer leaves out this command' })
  if ('rejected' in receipt) {
    const targets = command.targets.map((_, index) => index)
    return { kind: 'failed', cause: 'rejected', detail: receipt.rejected.slice(0, 300), targets }
  }
  if (receipt.taken === command.targets.length) return { kind: 'done' }
  return again({ cause: 'count', detail: `took ${receipt.taken} of ${command.targets.length} targets` })
}

function again(failure: Failure): Outcome {
  return { kind: 'again', scope: 'cache', ...failure }
}

function authorization(secret: string): Record<string, string> {
  return { authorization: `Bearer ${secret}` }
}

/** Only the JSON that an edge answers counts; a page that says 200 is no purge. */
function readAs<T>(schema: z.ZodType<T>, exchanged: Exchanged): T | Failure {
  if (!exchanged.ok) return { cause: exchanged.cause, detail: exchanged.detail }
  const { answer } = exchanged
  if (answer.status !== 200) return refusalOf(answer)
  try {
    return schema.parse(JSON.parse(answer.body))
  } catch {
    return { cause: 'unexpected', detail: `${describe(answer)}; not the answer of an edge` }
  }
}

/** Reserved by RFC 2606, so no site is ever called this. */
const probeCommand: Command = {
  seq: 1,
  domain: 'freshet-probe.invalid',
  kind: 'url',
  mode: 'hard',
  targets: ['/.freshet-probe'],
}

async function probe(cache: CacheAddress, signal: AbortSignal): Promise<ProbeResult> {
  const startMs = performance.now()
  const proved: string[] = []
  // Connections of its own: kept ones may all lead to one of several instances.
  const connections = Array.from({ length: probeConnections }, () =>
    connect(cache.address, { maxSockets: 1 }),
  )
  const found = await prove(connections, cache.secret, proved, signal)
  for (const connection of connections) connection.close()
  const ms = Math.round(performance.now() - startMs)
  if (typeof found === 'string') return { ok: true, proved, detail: found, ms }
  return { ok: false, proved, ...found, ms }
}

/** @returns what answers, in words, or why it is not fit */
async function prove(
  connections: Connection[],
  secret: string,
  proved: string[],
  signal: AbortSignal,
): Promise<string | Failure> {
  const exchanges = await Promise.all(connections.map((one) => one.exchange(statusRequest(secret), signal)))
  if (exchanges.some((exchanged) => exchanged.ok)) proved.push('reachable')
  const statuses = exchanges.map((exchanged) => readAs(statusSchema, exchanged))
  const failed = statuses.find((status) => 'cause' in status)
  if (failed && 'cause' in failed) return failed
  proved.push('authorised')
  const instances = new Set(statuses.map((status) => 'instance' in status && status.instance))
  if (instances.size > 1) {
    const detail = `${instances.size} instances answer at this address; each needs an address of its own`
    return { cause: 'unexpected', detail }
  }
  proved.push('one-instance')
  const receipts = await purge(connections[0] as Connection, secret, [probeCommand], signal)
  if ('cause' in receipts) return receipts
  const outcome = outcomeOf(probeCommand, receipts[0])
  if (outcome.kind !== 'done') return { cause: outcome.cause, detail: outcome.detail }
  proved.push('purged')
  const [status] = statuses
  return status && 'name' in status ? `${status.name}, version ${status.version}` : ''
}
