import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'
import { startSettings } from '#lib/settings.ts'
import { lastLines, launch } from './processes.ts'

const prisma = 'node_modules/prisma/build/index.js'
const next = 'node_modules/next/dist/bin/next'

/** What the generated Prisma client depends on. */
const schemaSources = ['prisma/schema.prisma', 'node_modules/prisma/package.json']

/** What the built console depends on: the rooms that `app` may reach, not those of the worker. */
const consoleSources = [
  'app',
  'components',
  'lib/core',
  'lib/log',
  'lib/operations',
  'lib/rpc',
  'lib/store',
  'lib/settings.ts',
  'messages',
  'public',
  'prisma/schema.prisma',
  'next.config.js',
  'postcss.config.mjs',
  'proxy.ts',
  'tsconfig.json',
  'package-lock.json',
]

/** A folder that a command makes from sources, with their hash in it, so that it is made once. */
type Product = { name: string; args: string[]; stamp: string; sources: string[] }

const client: Product = {
  name: 'prisma generate',
  args: [prisma, 'generate'],
  stamp: 'lib/store/generated/.sources',
  sources: schemaSources,
}

const pages = (folder: string): Product => ({
  name: 'next build',
  args: [next, 'build'],
  stamp: `${folder}/.sources`,
  sources: consoleSources,
})

/** Generates the Prisma client when the schema is another one than last time. */
export async function generate(logFolder: string): Promise<void> {
  await make(client, logFolder)
}

/**
 * Generates, and builds the console when a source is another one than last time.
 *
 * @throws Error with the end of the log
 */
export async function build(logFolder: string): Promise<void> {
  await generate(logFolder)
  const { buildFolder } = startSettings()
  await make(pages(buildFolder), logFolder, {
    words: 'Building the console…',
    then: () => pack(`${buildFolder}/static`),
  })
}

/** Packs what browsers load by brotli, once and better than a server could at each request. */
async function pack(folder: string): Promise<void> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  await Promise.all(
    files
      .filter((file) => /\.(?:js|css)$/.test(file))
      .map(async (file) => {
        const name = path.join(folder, file)
        await writeFile(`${name}.br`, await brotli(await readFile(name)))
      }),
  )
}

const brotli = promisify(brotliCompress)

type Around = { words?: string; then?: () => Promise<void> }

async function make(product: Product, logFolder: string, { words, then }: Around = {}) {
  const hash = hashOf(product.sources)
  if (existsSync(product.stamp) && readFileSync(product.stamp, 'utf8') === hash) return
  if (words) console.log(words)
  rmSync(product.stamp, { force: true })
  const service = launch({ name: product.name, args: product.args, logFolder, env: quiet })
  making.add(service)
  const { code, how } = await service.ended
  making.delete(service)
  if (code !== 0) throw new Error(`“${product.name}” failed (${how}):\n${lastLines(service.log, 40)}`)
  await then?.()
  writeFileSync(product.stamp, hash)
}

/** What is being made now, for somebody who must stop it. */
export const making = new Set<ReturnType<typeof launch>>()

const quiet = { NEXT_TELEMETRY_DISABLED: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' }

function hashOf(sources: string[]): string {
  const hash = createHash('sha256').update(process.version)
  for (const file of sources.flatMap(filesIn)) hash.update(file).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}

function filesIn(source: string): string[] {
  if (!existsSync(source)) return []
  if (path.extname(source) !== '') return [source]
  const entries = readdirSync(source, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  return files.filter((file) => !file.includes('.test.') && !file.includes('generated')).sort()
}
