import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, expect, it } from 'vitest'
import { startPostgres } from './postgres.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'freshet-postgres-'))
const options = { folder, durable: false }

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function isUp(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url.replace(/[^/]+$/, 'postgres') })
  client.on('error', () => {})
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  )
}

it('a second start on a folder joins the running server, and its stop leaves it alone', async () => {
  const first = await startPostgres(options)
  const second = await startPostgres(options)
  expect(second.url).toBe(first.url)
  await second.stop()
  expect(await isUp(first.url)).toBe(true)
  await first.stop()
  expect(await isUp(first.url)).toBe(false)
})

it('a crash leaves a file with a pid, which another program may have by now', async () => {
  writeFileSync(path.join(folder, 'data/postmaster.pid'), `${process.pid}\n/x\n0\n1\n\n\n\nready\n`)
  const postgres = await startPostgres(options)
  expect(await isUp(postgres.url)).toBe(true)
  await postgres.stop()
})
