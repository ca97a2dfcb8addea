import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createPort } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

// Hits of one 1 KB object: one edge process against nginx with one worker and proxy_cache, in
// alternating runs of `wrk -t1 -c32`. Prints every run, the medians and their ratio.

const rounds = 7
const runSeconds = 4
const target = 0.5
const run = promisify(execFile)

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'freshet-bench-'))
  const origin = await startOrigin()
  const [edgePort, controlPort, nginxPort] = await freePorts(3)
  const processes = [
    startEdge(edgePort, controlPort, origin.port),
    startNginx(folder, nginxPort, origin.port),
  ]
  try {
    const contenders = [
      { name: 'edge', url: `http://127.0.0.1:${edgePort}/object.css`, rates: [] as number[] },
      { name: 'nginx', url: `http://127.0.0.1:${nginxPort}/object.css`, rates: [] as number[] },
    ]
    for (const { url } of contenders) await warmUp(url)
    const fetched = origin.count()
    for (let round = 1; round <= rounds; round += 1) {
      for (const one of contenders) one.rates.push(await hitsPerSecond(one.url))
      console.log(
        `run ${round}: ${contenders.map(({ name, rates }) => `${name} ${rates.at(-1)}`).join(', ')}`,
      )
    }
    if (origin.count() !== fetched) throw new Error('the origin was asked during the runs: not only hits')
    report(contenders.map(({ name, rates }) => ({ name, rate: median(rates) })))
  } finally {
    for (const child of processes) {
      if (child.kill('SIGTERM')) await once(child, 'exit')
    }
    origin.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function report(medians: { name: string; rate: number }[]): void {
  const [edge = NaN, nginx = NaN] = medians.map(({ rate }) => rate)
  const ratio = edge / nginx
  for (const { name, rate } of medians) console.log(`${name}: median ${rate} hits/s`)
  console.log(`edge / nginx = ${ratio.toFixed(2)} (target: at least ${target})`)
  if (!(ratio >= target)) process.exitCode = 1
}

async function startOrigin() {
  let count = 0
  const body = Buffer.alloc(1024, 'x')
  const server = createServer((_, answer) => {
    count += 1
    const headers = {
      'content-type': 'text/css',
      'cache-control': 'max-age=3600',
      etag: '"1"',
      'content-length': 1024,
    }
    answer.writeHead(200, { ...headers, 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () => server.close().closeAllConnections()
  return { port: (server.address() as AddressInfo).port, count: () => count, stop }
}

function startEdge(port: number, controlPort: number, originPort: number): ChildProcess {
  const flags = { port, 'control-port': controlPort, name: 'bench', secret: 'bench-secret-bench-secret' }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
  const origin = ['--origin', `127.0.0.1=http://127.0.0.1:${originPort}`]
  return spawn(process.execPath, ['lib/edge/main.ts', ...args, ...origin], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function startNginx(folder: string, port: number, originPort: number): ChildProcess {
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  for (const name of scratch) mkdirSync(path.join(folder, name))
  const file = path.join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `${process.getuid?.() === 0 ? 'user root; ' : ''}worker_processes 1; daemon off; pid ${folder}/pid; error_log stderr;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 100000000;
  ${scratch.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  proxy_cache_path ${folder}/cache keys_zone=bench:10m;
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${originPort}; proxy_cache bench; } }
}
`,
  )
  return spawn('nginx', ['-c', file, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Waits until a cache answers, and lets it fill and its code warm up. */
async function warmUp(url: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.status === 200) break
    if (tries === 100) throw new Error(`${url} does not answer`)
    await delay(50)
  }
  await wrk(url, 2)
}

async function hitsPerSecond(url: string): Promise<number> {
  return Math.round(Number(/Requests\/sec:\s+([\d.]+)/.exec(await wrk(url, runSeconds))?.[1]))
}

async function wrk(url: string, seconds: number): Promise<string> {
  const { stdout } = await run('wrk', ['-t1', '-c32', `-d${seconds}s`, url])
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout)
  return stdout
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

async function freePorts(count: number): Promise<[number, number, number]> {
  const servers = Array.from({ length: count }, () => createPort().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) server.close()
  return ports as [number, number, number]
}

await main()
