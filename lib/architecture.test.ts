import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')

/** The table “Who may import whom” of docs/architecture.md: each room and the rooms it may import. */
const table: Record<string, string[]> = {
  settings: ['core'],
  core: [],
  store: ['core', 'settings'],
  log: ['core', 'store', 'settings'],
  drivers: ['core'],
  edge: ['core'],
  operations: ['core', 'store', 'log'],
  worker: ['core', 'store', 'log', 'drivers', 'settings'],
  rpc: ['core', 'operations', 'messages'],
  fleet: ['core', 'store', 'edge'],
  cli: ['core', 'store', 'log', 'drivers', 'edge', 'operations', 'worker', 'fleet', 'settings'],
  components: ['core', 'messages'],
  app: ['core', 'operations', 'rpc', 'components', 'settings', 'messages'],
}

/** Packages that are at home in some rooms only. */
const homes: [RegExp, string[]][] = [
  [/^(react|react-dom|next|next-auth|use-intl|@tanstack\/|@codemirror\/)/, ['app', 'components']],
  [/^(@prisma\/|prisma$)/, ['store']],
  [/^(nats|@nats-io\/)/, ['log']],
]

/** What the rules may use besides themselves: nothing that reads, waits or is a framework. */
const coreMayUse = /^(zod|jsonc-parser|node:crypto)(\/|$)/

type Import = { target: string; isType: boolean }
type Sources = Map<string, Import[]>

const statement = /^\s*(?:import|export)\s+(type\s)?[^'"`;]*?from\s*['"]([^'"]+)['"]/gm
const bare = /^\s*import\s*['"]([^'"]+)['"]/gm
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g

function importsOf(text: string): Import[] {
  const statements = [...text.matchAll(statement)].map(([, type, target = '']) => {
    return { target, isType: type !== undefined }
  })
  const others = [...text.matchAll(bare), ...text.matchAll(dynamic)]
  return [...statements, ...others.map(([, target = '']) => ({ target, isType: false }))]
}

function readSources(): Sources {
  const folders = ['lib', 'app', 'components']
  const files = folders.flatMap((folder) => {
    const entries = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    return entries.map((entry) => path.join(folder, entry))
  })
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !file.includes('generated'))
  return new Map(sources.map((file) => [file, importsOf(readFileSync(path.join(root, file), 'utf8'))]))
}

function roomOf(file: string): string {
  const [first = '', second = ''] = file.split('/')
  if (first !== 'lib') return first
  return second === 'settings.ts' ? 'settings' : second
}

/** The file that an import leads to; undefined for a package. */
function resolve(from: string, target: string): string | undefined {
  if (target.startsWith('#')) return target.slice(1)
  return target.startsWith('.') ? path.join(path.dirname(from), target) : undefined
}

/** Tests, and what only tests import: they may import anything. */
function testFiles(sources: Sources): Set<string> {
  const importers = Map.groupBy(
    [...sources].flatMap(([from, imports]) =>
      imports.map(({ target }) => [resolve(from, target), from] as const),
    ),
    ([target]) => target,
  )
  const tests = new Set([...sources.keys()].filter((file) => /\.test\.tsx?$/.test(file)))
  const usesVitest = (file: string) => sources.get(file)?.some(({ target }) => target.startsWith('vitest'))
  for (let before = -1; before !== tests.size; ) {
    before = tests.size
    for (const file of sources.keys()) {
      const by = importers.get(file) ?? []
      if (usesVitest(file) || (by.length > 0 && by.every(([, from]) => tests.has(from)))) tests.add(file)
    }
  }
  return tests
}

/** Every import that the rules object to, as `file imports target: reason`. */
function findStrays(sources: Sources): string[] {
  const tests = testFiles(sources)
  const strays: string[] = []
  for (const [file, imports] of sources) {
    if (tests.has(file)) continue
    for (const { target } of imports) {
      const reason = objection(file, target)
      if (reason) strays.push(`${file} imports ${target}: ${reason}`)
    }
  }
  return strays
}

function objection(file: string, target: string): string | undefined {
  const room = roomOf(file)
  const resolved = resolve(file, target)
  return resolved === undefined ? objectToPackage(room, target) : objectToRoom(room, target, roomOf(resolved))
}

function objectToPackage(room: string, target: string): string | undefined {
  const home = homes.find(([pattern]) => pattern.test(target))?.[1]
  if (home && !home.includes(room)) return `it is at home in ${home.join(' and ')} only`
  if (room === 'core' && !coreMayUse.test(target)) return 'core does no I/O and knows no framework'
  return undefined
}

function objectToRoom(room: string, target: string, other: string): string | undefined {
  // Files of the top, such as package.json, are no room.
  if (other === room || !(other in table || other === 'messages')) return undefined
  if (!table[room]?.includes(other)) return `${room} may not import ${other}`
  if (!target.startsWith('#')) return 'an import from another room starts with #'
  return undefined
}

/** Rings of files that need each other at run time, each as `a -> b -> a`. */
function findRings(sources: Sources): string[] {
  const rings: string[] = []
  const finished = new Set<string>()
  const walk = (file: string, trail: string[]) => {
    const start = trail.indexOf(file)
    if (start !== -1) rings.push([...trail.slice(start), file].join(' -> '))
    if (start !== -1 || finished.has(file)) return
    for (const { target, isType } of sources.get(file) ?? []) {
      const next = isType ? undefined : resolve(file, target)
      if (next && sources.has(next)) walk(next, [...trail, file])
    }
    finished.add(file)
  }
  for (const file of sources.keys()) walk(file, [])
  return rings
}

const sources = readSources()

describe('the rooms', () => {
  it('import only whom they may', () => {
    expect(sources.size).toBeGreaterThan(20)
    expect(findStrays(sources)).toEqual([])
  })

  it('have no rings', () => {
    expect(findRings(sources)).toEqual([])
  })
})

describe('a planted stray', () => {
  it.each([
    ['lib/core/plan.ts', `import { db } from '#lib/store/client.ts'`, 'core may not import store'],
    ['lib/core/plan.ts', `import { readFile } from 'node:fs/promises'`, 'core does no I/O'],
    [
      'lib/worker/lane.ts',
      `export { x } from '#lib/operations/operation.ts'`,
      'worker may not import operations',
    ],
    ['lib/operations/a.ts', `const { y } = await import('#app/session.ts')`, 'operations may not import app'],
    ['lib/drivers/edge.ts', `import type { Tx } from '../store/client.ts'`, 'drivers may not import store'],
    ['lib/store/a.ts', `import '../core/task.ts'`, 'starts with #'],
    ['lib/operations/a.ts', `import {\n  Prisma,\n} from '@prisma/client'`, 'at home in store only'],
    ['lib/rpc/a.ts', `import { headers } from 'next/headers'`, 'at home in app and components only'],
    [
      'components/a.tsx',
      `import { listCaches } from '#lib/operations/list-caches.ts'`,
      'may not import operations',
    ],
  ])('in %s is refused: %s', (file, text, reason) => {
    const planted = new Map([...sources, [file, importsOf(text)]])
    expect(findStrays(planted).join('\n')).toContain(reason)
  })

  it('is free to import anything as a test', () => {
    expect(findStrays(new Map([['lib/core/a.test.ts', importsOf(`import '#app/session.ts'`)]]))).toEqual([])
  })

  it('that closes a ring is named', () => {
    const ring = new Map([
      ['lib/core/a.ts', importsOf(`import { b } from './b.ts'`)],
      ['lib/core/b.ts', importsOf(`import { a } from './a.ts'`)],
    ])
    expect(findRings(ring)).toEqual(['lib/core/a.ts -> lib/core/b.ts -> lib/core/a.ts'])
  })
})
