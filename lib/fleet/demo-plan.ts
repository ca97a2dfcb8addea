import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import type { Demo } from '#lib/core/demo.ts'

/** Where everything of the demo fleet listens, on 127.0.0.1, and the secret of its control ports. */
export type DemoPlan = {
  originPort: number
  secret: string
  edges: { name: string; tier: 'edge' | 'shield'; pop: string; sitePort: number; controlPort: number }[]
}

const domain = 'demo.localhost'

const edges = [
  { name: 'Demo shield', tier: 'shield', pop: 'Shield' },
  { name: 'Demo POP east', tier: 'edge', pop: 'East' },
  { name: 'Demo POP west', tier: 'edge', pop: 'West' },
] as const

/**
 * The demo of a state folder, planned at its first start and kept: its caches are rows by then, and rows
 * remember addresses.
 */
export async function demoPlan(folder: string): Promise<DemoPlan> {
  const file = path.join(folder, 'demo.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  const plan = planFrom(await findFreeBlock(1 + 2 * edges.length))
  writeFileSync(file, JSON.stringify(plan), { mode: 0o600 })
  return plan
}

function planFrom(base: number): DemoPlan {
  return {
    originPort: base,
    secret: randomBytes(24).toString('base64url'),
    edges: edges.map((edge, index) => ({
      ...edge,
      sitePort: base + 1 + index,
      controlPort: base + 1 + edges.length + index,
    })),
  }
}

/** The same fleet as the set-up page writes it into the database. */
export function describeDemo({ originPort, secret, edges }: DemoPlan): Demo {
  const pop = edges.find((edge) => edge.tier === 'edge') ?? edges[0]
  return {
    domain,
    origin: `http://127.0.0.1:${originPort}`,
    site: `http://${domain}:${pop?.sitePort}/`,
    caches: edges.map(({ name, tier, pop, controlPort }) => {
      return { name, kind: 'edge', address: `http://127.0.0.1:${controlPort}`, tier, pop, secret }
    }),
  }
}

/** Neighbouring ports that are all free, so that a person can remember them. */
async function findFreeBlock(size: number): Promise<number> {
  for (let base = 3100; base < 30_000; base += 100) {
    const ports = Array.from({ length: size }, (_, index) => base + index)
    const free = await Promise.all(ports.map(isFree))
    if (free.every(Boolean)) return base
  }
  throw new Error('The demo fleet needs seven free ports in a row and found none: start with --no-demo.')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
