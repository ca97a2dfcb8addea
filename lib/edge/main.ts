import path from 'node:path'
import { parseArgs } from 'node:util'
import { normaliseHost } from './key.ts'
import { warmUp } from './marks.ts'
import { type EdgeOptions, startEdge } from './server.ts'

const usage = `freshet edge --secret SECRET --origin HOST=http://ADDRESS:PORT [--origin …]
  --port N               where visitors come (default 8080)
  --control-port N       where purges come (default 8081)
  --host, --control-host addresses to listen at (default 127.0.0.1)
  --secret SECRET        of the control port; better in FRESHET_EDGE_SECRET, where ps does not show it
  --shield URL           fetch through this edge instead of the origins
  --name NAME            in Via and Cache-Status (default edge)
  --max-bytes N          memory for stored responses (default 512 MiB), and a quarter more for slow visitors
  --disk FOLDER          keeps bodies above 1 MiB there, until it stops
  --disk-bytes N         how much of that disk (default 10 GiB); one body may take a quarter
  --state FOLDER         keeps the log of purges there (purges.log)
  --log FILE             keeps the log of purges in this file instead`

const flags = {
  port: { type: 'string', default: '8080' },
  'control-port': { type: 'string', default: '8081' },
  host: { type: 'string', default: '127.0.0.1' },
  'control-host': { type: 'string', default: '127.0.0.1' },
  secret: { type: 'string', default: process.env.FRESHET_EDGE_SECRET ?? '' },
  origin: { type: 'string', multiple: true, default: [] as string[] },
  shield: { type: 'string' },
  name: { type: 'string', default: 'edge' },
  'max-bytes': { type: 'string' },
  disk: { type: 'string' },
  'disk-bytes': { type: 'string' },
  state: { type: 'string' },
  log: { type: 'string' },
} as const

/** Reads the flags of an edge. @throws Error with one sentence */
function read(args: string[]): EdgeOptions {
  const { values } = parseArgs({ args, options: flags })
  if (values.secret.length < 16) throw new Error('The secret needs 16 characters at least: --secret.')
  if (!/^[A-Za-z0-9-]+$/.test(values.name)) throw new Error('--name takes letters, digits and hyphens.')
  if (values.origin.length === 0 && !values.shield) throw new Error('Name an --origin or a --shield.')
  const logFile = values.log ?? (values.state && path.join(values.state, 'purges.log'))
  return {
    name: values.name,
    secret: values.secret,
    port: number('port', values.port),
    controlPort: number('control-port', values['control-port']),
    host: values.host,
    controlHost: values['control-host'],
    origins: Object.fromEntries(values.origin.map(readOrigin)),
    shield: values.shield && address('shield', values.shield),
    ...(values['max-bytes'] && { maxBytes: number('max-bytes', values['max-bytes']) }),
    diskFolder: values.disk,
    ...(values['disk-bytes'] && { diskBytes: number('disk-bytes', values['disk-bytes']) }),
    ...(logFile && { logFile }),
  }
}

function readOrigin(text: string): [string, string] {
  const split = text.indexOf('=')
  const host = normaliseHost(text.slice(0, split))
  if (split < 1 || !host) throw new Error(`--origin takes HOST=http://ADDRESS:PORT, not “${text}”.`)
  return [host, address('origin', text.slice(split + 1))]
}

function address(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname + url.search + url.hash !== '/') {
    throw new Error(`--${flag} takes http://ADDRESS:PORT, not “${text}”.`)
  }
  return url.origin
}

function number(flag: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`--${flag} takes a number, not “${text}”.`)
  return Number(text)
}

if (process.argv.includes('--help')) {
  console.log(usage)
  process.exit(0)
}

try {
  const options = read(process.argv.slice(2))
  warmUp()
  const edge = await startEdge(options)
  const stop = () => void edge.close().then(() => process.exit(0))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
  console.log(
    JSON.stringify({ ready: true, site: edge.site, control: edge.control, instance: edge.instance }),
  )
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`)
  process.exit(2)
}
