import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import manifest from '../../package.json' with { type: 'json' }
import { Cache } from './cache.ts'
import { type Clock, systemClock } from './clock.ts'
import { controlListener } from './control.ts'
import { Disk } from './disk.ts'
import { type PurgeLine, PurgeLog } from './purge-log.ts'
import { Site } from './site.ts'
import { Upstream, type UpstreamOptions } from './upstream.ts'

export type EdgeOptions = UpstreamOptions & {
  /** A token, as Via and Cache-Status take it: letters, digits and hyphens. */
  name: string
  secret: string
  /** Default: that of this package. */
  version?: string
  /** Where visitors come; 0 picks a free port. */
  port: number
  controlPort: number
  /** Addresses to listen at. Default: loopback. */
  host?: string
  controlHost?: string
  maxBytes?: number
  /** Where large bodies are kept, for as long as this edge runs. Default: in memory, like all others. */
  diskFolder?: string | undefined
  diskBytes?: number
  /** Default: a quarter of `diskBytes` or, without a disk, an eighth of `maxBytes`. */
  maxObjectBytes?: number
  logFile?: string
  clock?: Clock
  instance?: string
}

export type Edge = {
  /** `http://address:port` for visitors. */
  site: string
  /** `http://address:port` for the driver. */
  control: string
  instance: string
  cache: Cache
  purges: readonly PurgeLine[]
  close(): Promise<void>
}

const defaultMaxBytes = 512 * 1024 * 1024
const defaultDiskBytes = 10 * 1024 * 1024 * 1024

/** Starts an edge: a site port that answers visitors and a control port that takes purges. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const {
    name,
    secret,
    version = manifest.version,
    clock = systemClock,
    maxBytes = defaultMaxBytes,
    diskBytes = defaultDiskBytes,
  } = options
  const instance = options.instance ?? randomBytes(8).toString('hex')
  const identity = { name, instance }
  const disk = options.diskFolder === undefined ? undefined : new Disk(options.diskFolder, diskBytes)
  const cache = new Cache({ clock, maxBytes, disk })
  const upstream = new Upstream(options)
  const log = new PurgeLog(options.logFile)
  const maxObjectBytes = options.maxObjectBytes ?? (disk ? diskBytes / 4 : maxBytes / 8)
  const site = new Site({ identity, cache, upstream, clock, maxObjectBytes })
  const control = { identity, version, secret, cache, clock, log }
  const tidying = setInterval(() => cache.tidy(), 60_000)
  tidying.unref()

  const servers: Server[] = []
  const close = async () => {
    clearInterval(tidying)
    await Promise.all(servers.map(stop))
    await upstream.close()
    await log.close()
  }
  try {
    const siteServer = await listen(site.listener, siteLimits, options.port, options.host)
    servers.push(siteServer)
    const { address: host, port } = siteServer.address() as AddressInfo
    const listener = controlListener({ ...control, site: { host, port } })
    const controlServer = await listen(listener, controlLimits, options.controlPort, options.controlHost)
    servers.push(controlServer)
    const purges = log.lines
    return { site: addressOf(siteServer), control: addressOf(controlServer), instance, cache, purges, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Limits = ServerOptions & { maxConnections: number; idleMs: number }

const siteLimits: Limits = {
  keepAliveTimeout: 65_000,
  headersTimeout: 10_000,
  requestTimeout: 300_000,
  connectionsCheckingInterval: 5_000,
  maxConnections: 10_000,
  idleMs: 90_000,
}

// Only workers come here, and they send what they have at once.
const controlLimits: Limits = {
  keepAliveTimeout: 65_000,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxConnections: 256,
  idleMs: 90_000,
}

function listen(
  listener: RequestListener,
  limits: Limits,
  port: number,
  host = '127.0.0.1',
): Promise<Server> {
  const server = createServer(limits, guarded(listener))
  server.maxConnections = limits.maxConnections
  server.setTimeout(limits.idleMs)
  server.on('clientError', refuseUnreadable)
  return new Promise((resolve, reject) => {
    // Stays after listening: accept fails when file descriptors run out, and that must not end the process.
    server.on('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}

/** A bug in the answer to one request costs that connection, not all the others. */
function guarded(listener: RequestListener): RequestListener {
  return oneByOne((request, response) => {
    // A client that is gone by the time its answer is written.
    response.on('error', ignore)
    try {
      listener(request, response)
    } catch (error) {
      console.error(error)
      response.destroy()
    }
  })
}

/** How many requests of a connection may wait for the answer to one before them. */
const maxPipelined = 32

/**
 * A request is answered once the answers before it on its connection are out. node:http hands over at
 * once whatever a client wrote, a thousand requests in 64 KB, and keeps all their answers in memory.
 */
function oneByOne(listener: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>()
  return (request, response) => {
    if (response.socket) return listener(request, response)
    const { socket } = request
    const before = waiting.get(socket) ?? 0
    if (before === maxPipelined) return void socket.destroy()
    waiting.set(socket, before + 1)
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      listener(request, response)
    })
  }
}

function ignore(): void {}

/** Bytes that are no HTTP: the parser gave up on this connection. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function stop(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections()
  })
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
