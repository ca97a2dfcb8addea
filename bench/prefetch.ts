import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { judge, median } from './stand/numbers.ts'
import { type BenchOrigin, startOrigin } from './stand/origin.ts'
import type { Child } from './stand/processes.ts'
import {
  addCache,
  addDomain,
  ended,
  prefetch,
  type Stand,
  startEdge,
  startWorker,
  withStand,
} from './stand/stand.ts'

// 1,000 URLs of 10 KB into a shield and the two edges behind it, in turns with curl, which asks the two
// edges for each of them, as a script would. Each turn takes URLs of its own, so that nothing is stored.
// Freshet's time begins with the call. Then the same with a limit of 50 requests a second at the origin,
// which is counted in every second that begins with a request.

const rounds = 5
const count = 1_000
const bytes = 10_000
const hosts = { free: 'free.test', limited: 'limited.test' }
const limit = 50
const targets = { ratio: 0.5, inAnySecond: 55 }
const free = { originPerSecond: 100_000, originAtOnce: 1_000, originBytesPerSecond: 10_000_000_000 }

await withStand(async (stand) => {
  const origin = await startOrigin(bytes)
  const children: Child[] = []
  try {
    const origins = (where: string) => Object.values(hosts).map((host) => `${host}=${where}`)
    const shield = await startEdge({ origin: origins(origin.url) })
    const edges = [await startEdge({ shield: shield.site }), await startEdge({ shield: shield.site })]
    children.push(shield, ...edges, await startWorker())
    const ids = [await addCache(stand, 'shield', 'edge', shield.control, 'shield')]
    for (const [index, edge] of edges.entries())
      ids.push(await addCache(stand, `edge ${index}`, 'edge', edge.control))
    await addDomain(stand, hosts.free, ids, free)
    await addDomain(stand, hosts.limited, ids, { ...free, originPerSecond: limit })
    const sites = edges.map(({ site }) => site)
    await compare(stand, origin, sites)
    await watchLimit(stand, origin)
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    origin.stop()
  }
})

async function compare(stand: Stand, origin: BenchOrigin, sites: readonly string[]): Promise<void> {
  const ours: number[] = []
  const curls: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const before = origin.count()
    const startMs = Date.now()
    const endMs = await ended(await prefetch(stand, urlsOf(hosts.free, `ours-${round}`)))
    const curl = await curlAll(stand, `curl-${round}`, sites)
    if (origin.count() - before !== 2 * count) throw new Error('the origin was not asked once for each URL')
    // The first round warms up.
    if (round === 0) continue
    ours.push((endMs - startMs) / 1000)
    curls.push(curl)
  }
  const say = (times: number[]) => times.map((seconds) => (seconds * 1000).toFixed(0)).join(', ')
  console.log(`ours, ms: ${say(ours)}\ncurl, ms: ${say(curls)}`)
  judge('URLs per second, ours / curl', median(curls) / median(ours), { atLeast: targets.ratio })
}

function urlsOf(host: string, part: string): string[] {
  return Array.from({ length: count }, (_, at) => `https://${host}/${part}/${at}.css`)
}

/** Fetches every URL through every edge. @returns seconds */
async function curlAll({ folder }: Stand, part: string, sites: readonly string[]): Promise<number> {
  const paths = urlsOf(hosts.free, part).map((url) => new URL(url).pathname)
  const urls = paths.flatMap((target) =>
    sites.map((site) => `url = "${site}${target}"\noutput = "/dev/null"`),
  )
  const file = path.join(folder, 'curl.txt')
  writeFileSync(
    file,
    `fail\nheader = "Host: ${hosts.free}"\nheader = "Accept-Encoding: gzip"\n${urls.join('\n')}\n`,
  )
  const startMs = performance.now()
  const curl = spawn('curl', ['--silent', '--parallel', '--parallel-max', '50', '-K', file], {
    stdio: 'ignore',
  })
  const [code] = await once(curl, 'exit')
  if (code !== 0) throw new Error(`curl ended with ${code}`)
  return (performance.now() - startMs) / 1000
}

async function watchLimit(stand: Stand, origin: BenchOrigin): Promise<void> {
  const before = origin.count()
  await ended(await prefetch(stand, urlsOf(hosts.limited, 'limited')))
  const times = origin.times.slice(before)
  const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length))
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
  console.log(`${times.length} requests in ${seconds.toFixed(1)} s with a limit of ${limit} a second`)
  judge('most requests in any second', most, { atMost: targets.inAnySecond })
}
