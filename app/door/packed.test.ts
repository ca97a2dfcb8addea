import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packedFiles } from './packed.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'freshet-packed-'))
let server: Server
let origin = ''

beforeAll(async () => {
  mkdirSync(path.join(folder, 'static/chunks'), { recursive: true })
  writeFileSync(path.join(folder, 'static/chunks/a~b.js.br'), brotliCompressSync('go()'))
  writeFileSync(path.join(folder, 'secret.js.br'), brotliCompressSync('secret'))
  const serve = packedFiles(folder)
  server = createServer((request, response) => void (serve(request, response) || response.end('by Next')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

test('what is packed comes so, for good, to whoever takes it', async () => {
  const answer = await fetch(`${origin}/_next/static/chunks/a~b.js`, {
    headers: { 'accept-encoding': 'gzip, br' },
  })
  expect(await answer.text()).toBe('go()')
  expect(answer.headers.get('content-encoding')).toBe('br')
  expect(answer.headers.get('cache-control')).toContain('immutable')
})

test.each([
  ['/_next/static/chunks/a~b.js', 'gzip'],
  ['/_next/static/chunks/other.js', 'br'],
  ['/_next/static/../secret.js', 'br'],
  ['/_next/static/chunks/a~b.js.br', 'br'],
])('%s for a browser that takes %s is left to Next', async (url, encoding) => {
  const answer = await fetch(origin + url, { headers: { 'accept-encoding': encoding } })
  expect(await answer.text()).toBe('by Next')
})
