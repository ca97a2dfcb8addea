import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DemoEdge, demoDomain, startDemoEdges, stopEdges } from './edges.ts'
import { type DemoOrigin, startOrigin } from './origin.ts'

const secret = 'only-for-tests'
const any = { sitePort: 0, controlPort: 0 }

let origin: DemoOrigin
let edges: DemoEdge[]
beforeEach(async () => {
  origin = await startOrigin()
  edges = await startDemoEdges({
    origin: origin.url,
    secret,
    edges: [
      { name: 'Demo POP east', tier: 'edge', pop: 'East', ...any },
      { name: 'Demo POP west', tier: 'edge', pop: 'West', ...any },
      { name: 'Demo shield', tier: 'shield', pop: 'Shield', ...any },
    ],
  })
})
afterEach(async () => {
  await stopEdges(edges)
  await origin.stop()
})

function visit(edge: DemoEdge | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(edge?.site ?? '', { headers: { host: demoDomain } }, (answer) =>
      resolve(text(answer)),
    )
    asked.on('error', reject).end()
  })
}

async function purge(edge: DemoEdge | undefined): Promise<number> {
  const command = { seq: 1, domain: demoDomain, kind: 'url', mode: 'hard', targets: ['/'] }
  const headers = { authorization: `Bearer ${secret}` }
  const answer = await fetch(`${edge?.address}/v1/purge`, {
    method: 'POST',
    headers,
    body: JSON.stringify(command),
  })
  return answer.status
}

test('both POPs show what the shield fetched once, until all three are purged', async () => {
  const [shield, east, west] = edges
  expect(edges.map(({ tier }) => tier)).toEqual(['shield', 'edge', 'edge'])
  const old = await visit(east)
  expect(await visit(west)).toBe(old)
  expect(origin.requests).toHaveLength(1)
  expect(await purge(east)).toBe(200)
  expect(await visit(east)).toBe(old)
  for (const edge of [shield, east, west]) expect(await purge(edge)).toBe(200)
  const renewed = await visit(east)
  expect(renewed).not.toBe(old)
  expect(await visit(west)).toBe(renewed)
  expect(origin.requests).toHaveLength(2)
})
