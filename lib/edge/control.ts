import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Command } from '#lib/core/command.ts'
import { commandSchema } from '#lib/core/command-schema.ts'
import type { Cache } from './cache.ts'
import type { Clock } from './clock.ts'
import type { Identity } from './forwarding.ts'
import { type Coverage, findHoldings } from './holdings.ts'
import { normaliseHost } from './key.ts'
import type { PurgeLog } from './purge-log.ts'
import { readTargets } from './targets.ts'

/** The most targets, over all commands, that one request may carry. */
export const maxTargetsPerRequest = 1000
const maxBodyBytes = 4 * 1024 * 1024

export type ControlParts = {
  identity: Identity
  version: string
  /** Where visitors come. */
  site: { host: string; port: number }
  secret: string
  cache: Cache
  clock: Clock
  log: PurgeLog
}

/** What `POST /v1/purge` says of one command: how many of its targets were taken, or why it never will be. */
export type Receipt = { seq: number; taken: number } | { seq: number; rejected: string }

/** The answers of the control port, which purges and tells the state of an edge to who has the secret. */
export function controlListener(parts: ControlParts): RequestListener {
  const secret = digest(parts.secret)
  return (request, response) => {
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (!timingSafeEqual(digest(given), secret)) return deny(request, response)
    const wanted = `${request.method} ${request.url}`
    const take = takers[wanted]
    if (!take) return refuse(request, response, 404, `there is ${Object.keys(takers).join(', ')}`)
    take(parts, request, response).catch(() => refuse(request, response, 500, 'a fault in this edge'))
  }
}

const takers: Record<string, typeof takePurge> = {
  'GET /v1/status': async (parts, _, response) => send(response, 200, statusOf(parts)),
  'POST /v1/purge': takePurge,
  'POST /v1/holdings': takeQuestion,
}

/** Digests have one length, so comparing them takes one time, whatever was given. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function statusOf({ identity, version, site, cache }: ControlParts) {
  return { ...identity, version, site, entries: cache.entries, bytes: cache.bytes }
}

async function takePurge(parts: ControlParts, request: IncomingMessage, response: ServerResponse) {
  const text = await readBody(request)
  if (text === undefined)
    return refuse(request, response, 413, `a request holds ${maxBodyBytes} bytes at most`)
  const commands = parseCommands(text, request.headers['content-type'])
  if (typeof commands === 'string') return refuse(request, response, 400, commands)
  const targets = commands.reduce((sum, command) => sum + command.targets.length, 0)
  if (targets > maxTargetsPerRequest) {
    return refuse(request, response, 413, `a request holds ${maxTargetsPerRequest} targets at most`)
  }
  const receipts: Receipt[] = commands.map((command) => ({ seq: command.seq, ...parts.cache.purge(command) }))
  parts.log.write(parts.clock.wallMs(), commands)
  send(response, 200, { instance: parts.identity.instance, receipts })
}

async function takeQuestion(parts: ControlParts, request: IncomingMessage, response: ServerResponse) {
  const coverage = parseCoverage(await readBody(request))
  if (typeof coverage === 'string') return refuse(request, response, 400, coverage)
  send(response, 200, await findHoldings(parts.cache, parts.clock, coverage))
}

/** @returns undefined if the body is too long or its sender went away */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > maxBodyBytes) return undefined
      parts.push(part)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Reads one command, a JSON list of them, or one a line; all are checked before any is taken. */
function parseCommands(text: string, contentType = ''): Command[] | string {
  try {
    const values = contentType.startsWith('application/json')
      ? [JSON.parse(text)].flat()
      : text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]))
    const parsed = commandSchema.array().safeParse(values)
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    return `command ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`.slice(0, 300)
  } catch {
    return 'the body is no JSON'
  }
}

function parseCoverage(text: string | undefined): Coverage | string {
  const parsed = coverageSchema.safeParse(readJson(text))
  if (!parsed.success) return 'the body is no domain, kind and targets'
  const host = normaliseHost(parsed.data.domain)
  if (host === undefined) return 'the domain is no host name'
  const read = readTargets(parsed.data)
  const { kind, query } = parsed.data
  return 'rejected' in read ? read.rejected : { kind, host, query, ...read }
}

const coverageSchema = commandSchema.pick({ domain: true, kind: true, targets: true, query: true })

function readJson(text = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function deny(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('www-authenticate', 'Bearer realm="freshet"')
  refuse(request, response, 401, 'the secret is missing or wrong')
}

/** An unread body would be taken for the next request, so the connection ends. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, error: string): void {
  if (!request.complete && !response.headersSent) response.setHeader('connection', 'close')
  send(response, status, { error })
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body)}\n`)
}
