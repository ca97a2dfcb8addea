#!/usr/bin/env node
/*
 * Stands in for Prisma's native schema engine.
 *
 * The Prisma CLI refuses to run without that engine, which is not on npm but on a download host, so a
 * machine without that host could not even `prisma generate`. The same engine is on npm as WebAssembly,
 * in a package nothing uses; this file speaks the native engine's protocol over it: JSON-RPC, one message
 * per line, on stdin and stdout. Only developers' commands come here; `lib/store/migrate.ts` does not.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import pg from 'pg'

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: { datamodels: { type: 'string', multiple: true }, datasource: { type: 'string' } },
})
const url = values.datasource ? JSON.parse(values.datasource).url : ''
const shadows = new Set()

/** Loads the engine by hand, because importing .wasm files needs a newer Node than the CLI does. */
async function loadEngine() {
  const glueFile = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const glue = await import(pathToFileURL(glueFile).href)
  const bytes = readFileSync(path.join(path.dirname(glueFile), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return glue.SchemaEngine
}

/** The parts of a URL one by one: given a connection string, the adapter ignores a changed database name. */
function connection(database) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  return {
    host: decodeURIComponent(hostname) || searchParams.get('host') || 'localhost',
    port: Number(port) || 5432,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: database ?? decodeURIComponent(pathname.slice(1)),
  }
}

/** Which columns of a result are of the catalog type "char" (oid 18), by the result's rows. */
const charColumns = new WeakMap()

/** The adapter refuses the type "char", so the pool calls it char(1) (oid 1042) and remembers where. */
function openPool(database) {
  const pool = new pg.Pool(connection(database))
  const query = pool.query.bind(pool)
  pool.query = async (...args) => {
    const result = await query(...args)
    const columns = (result.fields ?? []).filter((field) => field.dataTypeID === 18)
    charColumns.set(
      result.rows ?? result,
      columns.map((field) => result.fields.indexOf(field)),
    )
    for (const field of columns) field.dataTypeID = 1042
    return result
  }
  return pool
}

async function administer(statement) {
  const client = new pg.Client(connection('postgres'))
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

const quoted = (name) => pg.escapeIdentifier(name)

async function dropShadow(name) {
  if (shadows.delete(name)) await administer(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`)
}

/**
 * An adapter whose "char" columns are characters, as the engine expects of the catalog, and which runs
 * a script as one: it would cut it at every semicolon, even inside a function or a comment.
 */
async function connect(pool) {
  const adapter = await new PrismaPg(pool, { disposeExternalPool: true }).connect()
  const { queryRaw } = adapter
  adapter.queryRaw = async (query) => {
    const result = await queryRaw.call(adapter, query)
    for (const column of charColumns.get(result.rows) ?? [])
      result.columnTypes[column] = ColumnTypeEnum.Character
    return result
  }
  adapter.executeScript = async (script) => void (await pool.query(script))
  return adapter
}

/** The adapter's own shadow database cannot be dropped, because its pool is still open then. */
async function connectToShadow() {
  const name = `shadow_${randomUUID()}`
  shadows.add(name)
  await administer(`CREATE DATABASE ${quoted(name)}`)
  const adapter = await connect(openPool(name))
  const dispose = adapter.dispose.bind(adapter)
  adapter.dispose = () => dispose().then(() => dropShadow(name))
  return adapter
}

function openAdapter() {
  const factory = new PrismaPg({})
  factory.connect = () => connect(openPool())
  factory.connectToShadowDb = connectToShadow
  return bindMigrationAwareSqlAdapterFactory(factory)
}

const errorCodes = { '3D000': 'P1003', '28P01': 'P1000', ECONNREFUSED: 'P1001', ENOTFOUND: 'P1001' }

async function runDatabaseCommand(command) {
  const { database } = connection()
  if (command === 'create-database') return administer(`CREATE DATABASE ${quoted(database)}`)
  if (command === 'drop-database') return administer(`DROP DATABASE ${quoted(database)} WITH (FORCE)`)
  const client = new pg.Client(connection())
  await client.connect()
  await client.end()
}

/** The CLI skips the first line of stderr and parses each other one, so no newline may follow the last. */
async function answerDatabaseCommand(command) {
  try {
    await runDatabaseCommand(command)
  } catch (error) {
    const fields = {
      error_code: errorCodes[error.code] ?? 'P1010',
      message: error.message || String(error.code),
    }
    const entry = { level: 'ERROR', target: 'schema_engine::logger', fields }
    process.stderr.write(`\n${JSON.stringify(entry)}`)
    process.exitCode = 1
  }
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

async function answer(engine, { id, method, params }) {
  try {
    const name = method === 'getDatabaseVersion' ? 'version' : method
    const result = (await engine[name](params)) ?? {}
    if (method === 'diff' && result.stdout) send({ id, method: 'print', params: { content: result.stdout } })
    send({ id, result })
  } catch (error) {
    const data = { is_panic: false, message: error.message, error_code: error.code, meta: error.meta }
    send({ id, error: { code: 4466, message: error.message, data } })
  }
}

async function serve() {
  const SchemaEngine = await loadEngine()
  const datamodels = values.datamodels?.map((file) => [file, readFileSync(file, 'utf8')])
  const engine = await SchemaEngine.new({ datamodels }, () => {}, openAdapter())
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line)
    if (message.method) await answer(engine, message)
  }
}

async function leave(code) {
  await Promise.allSettled([...shadows].map(dropShadow))
  process.exit(code)
}

/** Lets the engine say its last words; the panic itself arrives as an exception that nobody awaits. */
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message(message) {
    process.stderr.write(`${JSON.stringify({ level: 'ERROR', fields: { message } })}\n`)
  },
}
process.on('uncaughtException', () => leave(101))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => leave(1))

const [kind, command] = positionals
await (kind === 'cli' ? answerDatabaseCommand(command) : serve())
await leave()
