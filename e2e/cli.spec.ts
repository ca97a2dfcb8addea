import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { request } from 'undici'
import { type RunningCache, startVarnish, varnishAvailable } from '#lib/fleet/real-caches.ts'
import { startTestOrigin, type TestOrigin } from '#lib/fleet/test-origin.ts'
import { createKey } from './api-keys.ts'
import { addCache, addDomain, expect, owner, test } from './fixtures.ts'

const secret = 'shared-with-the-cache'
const program = path.resolve(import.meta.dirname, '../bin/freshet.mjs')
const folder = mkdtempSync(path.join(tmpdir(), 'freshet-cli-'))
let origin: TestOrigin
let varnish: RunningCache
/** What a pipeline is given: an address and a key. */
let access: Record<string, string>

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ browser, product, signedIn }) => {
  test.skip(!varnishAvailable(), 'varnishd with varnish-modules is missing')
  origin = await startTestOrigin()
  varnish = await startVarnish({ origin: origin.url, secret })
  const page = await browser.newPage({ baseURL: product.url, storageState: signedIn })
  await addCache(page, { name: 'cli-varnish', kind: 'varnish', address: varnish.address, secret })
  await addDomain(page, 'cli.e2e.test', ['cli-varnish'])
  const key = await createKey(page, owner.name)
  access = {
    FRESHET_ENDPOINT: product.url,
    FRESHET_ACCESS_KEY_ID: key.id,
    FRESHET_ACCESS_KEY_SECRET: key.secret,
  }
  await page.close()
})

test.afterAll(async () => {
  await varnish?.stop()
  await origin?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a script as a pipeline does: in a folder of its own, without a terminal. */
async function shell(script: string): Promise<{ code: number | null; out: string }> {
  const file = path.join(folder, 'script.sh')
  writeFileSync(file, `freshet() { '${process.execPath}' '${program}' "$@"; }\n${script}\n`)
  const child = spawn('sh', [file], { cwd: folder, env: { ...process.env, ...access } })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      out += chunk
    })
  const [code] = await once(child, 'close')
  return { code, out }
}

async function price(): Promise<string> {
  const { body } = await request(`${varnish.site}/4711`, { headers: { host: 'cli.e2e.test' } })
  return body.text()
}

test('a script purges 10,000 URLs on the demo fleet and 10,000 on a Varnish, and knows when all is confirmed', async () => {
  test.setTimeout(120_000)
  origin.set('/4711', { body: 'old' })
  expect(await price()).toBe('old')
  origin.set('/4711', { body: 'new' })
  expect(await price()).toBe('old')
  const { code, out } = await shell(`
    seq 10000 | sed 's,^,https://demo.localhost/cli/,' > urls.txt
    seq 10000 | sed 's,^,https://cli.e2e.test/,' | freshet purge - --file urls.txt --note 'release 42' --wait confirmed`)
  expect(out).toMatch(/^20000 lines accepted: task (\d{16}, ){19}\d{16}\n/)
  for (const cache of ['Demo shield', 'Demo POP east', 'Demo POP west', 'cli-varnish'])
    expect(out).toMatch(new RegExp(`^${cache} confirmed after [\\d.]+ s$`, 'm'))
  expect(out).toMatch(/\nConfirmed on 4 caches after [\d.]+ s\.\n$/)
  expect(code).toBe(0)
  expect(await price()).toBe('new')
})

test('a script sees what it did, and what it may still do', async () => {
  const { code, out } = await shell(`
    set -e
    freshet records --domain cli.e2e.test --type file --since 1h --limit 1
    freshet prefetch --sitemap https://demo.localhost/sitemap.xml --wait confirmed
    freshet quota`)
  expect(out).toMatch(/^\d{4}-\S+Z {2}\d{16} {2}file {7}Complete 100% {4}https:\/\/cli\.e2e\.test\/\d+\n/)
  expect(out).toMatch(/\nDemo shield confirmed after [^!]+\nConfirmed on 3 caches after [\d.]+ s\.\n/)
  expect(out).toMatch(/\nURLs +9\d{5} of 1000000 left today\n/)
  expect(code).toBe(0)
})

test('a script hears of a stopped cache, and later that it caught up', async () => {
  test.setTimeout(60_000)
  const port = Number(new URL(varnish.address).port)
  await varnish.kill()
  const stopped = await shell(`
    freshet purge https://cli.e2e.test/4711 https://demo.localhost/4711 --wait confirmed --timeout 5s`)
  expect(stopped.out).toMatch(/^Demo POP east confirmed after/m)
  expect(stopped.out).toMatch(
    /^Still waiting for 1 of 4 caches: cli-varnish waits since \S+Z: no connection .+\.$/m,
  )
  expect(stopped.code).toBe(4)
  const tasks = /look again with: freshet task (.+) --follow/.exec(stopped.out)?.[1]
  varnish = await startVarnish({ origin: origin.url, secret, port })
  const followed = await shell(`freshet task ${tasks} --follow`)
  expect(followed.out).toMatch(/^Confirmed on 4 caches after/m)
  expect(followed.code).toBe(0)
})

test('a script is refused in a sentence what its key may not do', async () => {
  const { code, out } = await shell('freshet purge https://www.example.org/')
  expect(out).toContain('www.example.org')
  expect(code).toBe(3)
})
