import path from 'node:path'
import { type Edge, startEdge } from '#lib/edge/server.ts'
import type { DemoPlan } from './demo-plan.ts'

/** The domain of the demo's site; browsers find `*.localhost` on this machine by themselves. */
export const demoDomain = 'demo.localhost'

/** An edge of the demo that runs: `address` takes purges, `site` takes visitors. */
export type DemoEdge = {
  name: string
  tier: 'edge' | 'shield'
  pop: string
  address: string
  site: string
  edge: Edge
}

/**
 * Starts the edges of a plan in this process, the shield first, since the others fetch through it.
 *
 * @param origin      `http://address:port` of the demo's site
 * @param diskFolder  where each gets a folder for large bodies
 */
export async function startDemoEdges(
  plan: Pick<DemoPlan, 'secret' | 'edges'> & { origin: string; diskFolder: string },
): Promise<DemoEdge[]> {
  const started: DemoEdge[] = []
  const ordered = plan.edges.toSorted((a, b) => Number(b.tier === 'shield') - Number(a.tier === 'shield'))
  try {
    for (const one of ordered) {
      const shield = started.find(({ tier }) => tier === 'shield')?.site
      started.push(await startOne(one, plan, one.tier === 'shield' ? undefined : shield))
    }
  } catch (error) {
    await stopEdges(started)
    throw error
  }
  return started
}

/** Stops edges, the visitors' ones first. */
export async function stopEdges(edges: readonly DemoEdge[]): Promise<void> {
  for (const { edge } of edges.toReversed()) await edge.close()
}

async function startOne(
  { name, tier, pop, sitePort, controlPort }: DemoPlan['edges'][number],
  { secret, origin, diskFolder }: { secret: string; origin: string; diskFolder: string },
  shield: string | undefined,
): Promise<DemoEdge> {
  const edgeName = name.toLowerCase().replaceAll(' ', '-')
  const edge = await startEdge({
    name: edgeName,
    secret,
    port: sitePort,
    controlPort,
    origins: { [demoDomain]: origin },
    shield,
    maxBytes: 256 * 1024 * 1024,
    diskFolder: path.join(diskFolder, edgeName),
    diskBytes: 1024 * 1024 * 1024,
  })
  return { name, tier, pop, address: edge.control, site: edge.site, edge }
}
