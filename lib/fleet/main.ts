import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { startDemoEdges, stopEdges } from './edges.ts'
import { startOrigin } from './origin.ts'

// The demo fleet as a process: node lib/fleet/main.ts PLAN.json; see demo-plan.ts for the plan. Its
// edges keep large bodies in a folder beside it.

const planSchema = z.object({
  originPort: z.number(),
  secret: z.string(),
  edges: z.array(
    z.object({
      name: z.string(),
      tier: z.enum(['edge', 'shield']),
      pop: z.string(),
      sitePort: z.number(),
      controlPort: z.number(),
    }),
  ),
})

async function run(file: string): Promise<void> {
  const plan = planSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  const diskFolder = path.join(path.dirname(file), 'demo-disk')
  const origin = await startOrigin({ port: plan.originPort })
  const edges = await startDemoEdges({ ...plan, origin: origin.url, diskFolder })
  const stop = async () => {
    await stopEdges(edges)
    await origin.stop()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
  const shown = edges.map(({ edge, ...one }) => one)
  console.log(JSON.stringify({ ready: true, origin: origin.url, edges: shown }))
}

run(process.argv[2] ?? 'demo.json').catch((error: Error) => {
  console.error(`The demo fleet cannot start: ${error.message}`)
  process.exit(1)
})
