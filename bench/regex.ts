import { request } from 'undici'
import { hardPatterns } from '#lib/fleet/hard-patterns.ts'
import { type RunningCache, startVarnish } from '#lib/fleet/real-caches.ts'
import { judge, median } from './stand/numbers.ts'
import { startOrigin } from './stand/origin.ts'
import type { Child } from './stand/processes.ts'
import {
  addCache,
  addDomain,
  ended,
  purge,
  type Stand,
  secret,
  startEdge,
  startWorker,
  withStand,
} from './stand/stand.ts'

// What a pattern costs the visitor who comes first after it was purged: a hit on a URL of 8 KB that the
// cache has to compare with it, against the hits that follow. The patterns are those that make a search
// slow.

const rounds = 5
const target = 5

await withStand(async (stand) => {
  const origin = await startOrigin()
  const hosts = { edge: 'edge.test', varnish: 'varnish.test' }
  const children: Child[] = []
  let varnish: RunningCache | undefined
  try {
    varnish = await startVarnish({ origin: origin.url, secret })
    const edge = await startEdge({ origin: `${hosts.edge}=${origin.url}` })
    children.push(edge, await startWorker())
    await addDomain(stand, hosts.edge, [await addCache(stand, 'edge', 'edge', edge.control)])
    await addDomain(stand, hosts.varnish, [await addCache(stand, 'varnish', 'varnish', varnish.address)])
    await measure(stand, 'edge', edge.site, hosts.edge)
    await measure(stand, 'varnish', varnish.site, hosts.varnish)
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    await varnish?.stop()
    origin.stop()
  }
})

async function measure(stand: Stand, name: string, site: string, host: string): Promise<void> {
  const waits: number[] = []
  for (const [what, pattern, path] of hardPatterns) {
    const costs: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const url = `${path}!${round}`
      for (let visit = 0; visit < 20; visit += 1) await visitMs(site, host, url)
      await ended(await purge(stand, [`https://${host}${pattern}`], 'regex'))
      const first = await visitMs(site, host, url)
      const others: number[] = []
      for (let visit = 0; visit < 20; visit += 1) others.push(await visitMs(site, host, url))
      costs.push(first - median(others))
    }
    waits.push(median(costs))
    console.log(`${name}, ${what}: ${costs.map((cost) => cost.toFixed(2)).join(', ')} ms`)
  }
  judge(`${name}, median wait for the slowest pattern, ms`, Math.max(...waits), { atMost: target })
}

async function visitMs(site: string, host: string, path: string): Promise<number> {
  const startMs = performance.now()
  const { statusCode, body } = await request(`${site}${path}`, { headers: { host } })
  await body.dump()
  if (statusCode !== 200) throw new Error(`${path.slice(0, 40)}… was answered with ${statusCode}`)
  return performance.now() - startMs
}
