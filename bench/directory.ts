import { type RunningCache, startVarnish } from '#lib/fleet/real-caches.ts'
import { judge, median, tell } from './stand/numbers.ts'
import { startOrigin } from './stand/origin.ts'
import type { Child } from './stand/processes.ts'
import { storeAll } from './stand/rivals.ts'
import {
  addCache,
  addDomain,
  ended,
  purge,
  secret,
  startEdge,
  startWorker,
  withStand,
} from './stand/stand.ts'

// A directory with 20,000 objects, stored on an edge and on a Varnish: from the call of the submission
// until the cache has applied it. Before each round every object is stored; the fetch of the next round
// proves that the purge left none, since the origin is asked for each of them again.

const rounds = 7
const count = 20_000
const target = 250

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
    const sites = { edge: edge.site, varnish: varnish.site }
    for (const kind of ['edge', 'varnish'] as const) {
      const timesMs: number[] = []
      for (let round = 0; round <= rounds; round += 1) {
        await storeAll(origin, hosts[kind], count, [sites[kind]])
        const calledAtMs = Date.now()
        const appliedAtMs = await ended(await purge(stand, [`https://${hosts[kind]}/object/`], 'directory'))
        // The first round warms up.
        if (round > 0) timesMs.push(appliedAtMs - calledAtMs)
      }
      await storeAll(origin, hosts[kind], count, [sites[kind]])
      tell(`${kind}, ${count} objects, until applied`, timesMs)
      judge(`${kind}, p50, ms`, median(timesMs), { atMost: target })
    }
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    await varnish?.stop()
    origin.stop()
  }
})
