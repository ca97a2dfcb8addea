import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DemoEdge, demoDomain, startDemoEdges, stopEdges } from './edges.ts'
import { type DemoOrigin, startOrigin } from './origin.ts'

const secret = 'only-for-tests'
const any = { sitePort: 0, controlPort: 0 }

let origin: DemoOrigin
let edges: DemoEdge[]
let diskFolder: string
beforeEach(async () => {
  origin = await startOrigin()
  diskFolder = mkdtempSync(path.join(tmpdir(), 'freshet-demo-'))
  edges = await startDemoEdges({
    origin: origin.url,
    diskFolder,
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
  rmSync(diskFolder, { recursive: true })
})

function visit(edge: DemoEdge | undefined, target = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(edge?.site ?? '', { path: target, headers: { host: demoDomain } }, (answer) =>
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

test('a large file lies on the disk of each edge that it passed', async () => {
  const [, east] = edges
  await visit(east, '/downloads/catalogue.bin')
  const files = (name: string) => readdirSync(path.join(diskFolder, name)).length
  expect(['demo-shield', 'demo-pop-east', 'demo-pop-west'].map(files)).toEqual([1, 1, 0])
})
