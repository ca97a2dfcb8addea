import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Edge, startEdge } from '#lib/edge/server.ts'
import { startVarnish, varnishAvailable } from '#lib/fleet/real-caches.ts'
import { startTestOrigin, type TestOrigin } from '#lib/fleet/test-origin.ts'
import { addCache, addDomain, expect, purge, test } from './fixtures.ts'

const secret = 'shared-with-the-cache'
let origin: TestOrigin
const closing: (() => Promise<unknown>)[] = []

test.beforeAll(async () => {
  origin = await startTestOrigin()
  closing.push(() => origin.stop())
})
test.afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

async function edge(host: string, ports: { port: number; controlPort: number }): Promise<Edge> {
  return startEdge({
    name: 'e2e',
    secret,
    version: 'test',
    origins: { [host]: origin.url },
    shield: undefined,
    ...ports,
  })
}

async function get(site: string, host: string, path: string): Promise<string> {
  const { request } = await import('undici')
  const { body } = await request(`${site}${path}`, { headers: { host } })
  return body.text()
}

/** A port that nothing listens at. */
async function deadAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

test('a Varnish is added, tested for real and purged', async ({ page }) => {
  test.skip(!varnishAvailable(), 'varnishd with varnish-modules is missing')
  const varnish = await startVarnish({ origin: origin.url, secret })
  closing.push(() => varnish.stop())
  await addCache(page, { name: 'ams-varnish', kind: 'varnish', address: varnish.address, secret })
  await page
    .getByRole('row', { name: /ams-varnish/ })
    .getByRole('button', { name: 'Test connection' })
    .click()
  await expect(page.getByText(/Works, \d+ ms: .*purged a probe object/)).toBeVisible()
  await addDomain(page, 'www.e2e.test', ['ams-varnish'])

  origin.set('/price', { body: 'old' })
  expect(await get(varnish.site, 'www.e2e.test', '/price')).toBe('old')
  origin.set('/price', { body: 'new' })
  expect(await get(varnish.site, 'www.e2e.test', '/price')).toBe('old')
  await purge(page, 'https://www.e2e.test/price')
  await expect(page.getByText('Complete', { exact: true })).toBeVisible()
  await expect(page.getByText('sent twice')).toBeVisible()
  expect(await get(varnish.site, 'www.e2e.test', '/price')).toBe('new')
})

test('a cache that is down is named with its cause, and catches up by itself in all seven tabs', async ({
  page,
  context,
}) => {
  const first = await edge('away.e2e.test', { port: 0, controlPort: 0 })
  const [port, controlPort] = [Number(new URL(first.site).port), Number(new URL(first.control).port)]
  const up = await edge('away.e2e.test', { port: 0, controlPort: 0 })
  closing.push(() => up.close())
  await addCache(page, { name: 'gru1', address: first.control, secret })
  await addCache(page, { name: 'iad1', address: up.control, secret })
  await addDomain(page, 'away.e2e.test', ['gru1', 'iad1'])
  await first.close()

  await purge(page, 'https://away.e2e.test/a', 'https://away.e2e.test/b')
  const caches = page.getByRole('region', { name: 'Caches of this task' })
  const row = caches.getByRole('row', { name: /gru1/ })
  await expect(row).toContainText('no connection', { timeout: 5000 })
  await expect(row).toContainText('tried again every 2 s')
  await expect(caches.getByRole('row', { name: /iad1/ })).toContainText('sent once')
  await expect(page.getByText('1 cache waits')).toBeVisible()
  await expect(page).toHaveTitle(/\(1\/2\) On its way/)
  const others = await Promise.all(Array.from({ length: 6 }, () => context.newPage()))
  for (const other of others) await other.goto(page.url())
  for (const other of others) await expect(other.getByText('1 cache waits')).toBeVisible()

  const back = await edge('away.e2e.test', { port, controlPort })
  closing.push(() => back.close())
  for (const tab of [page, ...others]) await expect(tab.getByText('Complete', { exact: true })).toBeVisible()
  expect(back.purges.length).toBeGreaterThan(0)
})

test('what answers but is no cache of ours is never shown as done', async ({ page }) => {
  let answers: (server: Server) => void = () => {}
  const server = createServer((_, answer) => {
    answer.writeHead(200, { 'content-type': 'text/html' })
    answer.end('<h1>It works</h1>')
  })
  answers = (listening) => listening.closeAllConnections()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    answers(server)
    await new Promise((resolve) => server.close(resolve))
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await addCache(page, { name: 'impostor', address, secret })
  await page
    .getByRole('row', { name: /impostor/ })
    .getByRole('button', { name: 'Test connection' })
    .click()
  await expect(page.getByText(/Failed: unexpected answer.*text\/html/)).toBeVisible()
  await addDomain(page, 'impostor.e2e.test', ['impostor'])
  await purge(page, 'https://impostor.e2e.test/a')
  const caches = page.getByRole('region', { name: 'Caches of this task' })
  await expect(caches.getByRole('row', { name: /impostor/ })).toContainText('unexpected answer', {
    timeout: 5000,
  })
  await expect(page.getByText('Complete', { exact: true })).toHaveCount(0)
})

test('lists of caches and domains are taken whole or not at all, and refusals say why', async ({ page }) => {
  const dead = await deadAddress()
  await page.goto('/caches?list=1')
  await page
    .getByLabel('Caches, one a line')
    .fill(
      `lhr1, edge, ${dead}, edge, London, sixteen-characters\nlhr2, squid, ${dead}, edge, London, sixteen-characters`,
    )
  await page.getByRole('button', { name: 'Add these caches' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'Line 2: “squid” does not fit' })).toBeVisible()
  await expect(page.getByRole('row', { name: /lhr1/ })).toHaveCount(0)
  await page
    .getByLabel('Caches, one a line')
    .fill(
      `lhr1, edge, ${dead}, edge, London, sixteen-characters\nlhr2\tvarnish\t${dead}\tedge\tLondon\tsixteen-characters`,
    )
  await page.getByRole('button', { name: 'Add these caches' }).click()
  await expect(page.getByText('2 caches added.')).toBeVisible()
  await expect(page.getByRole('row', { name: /lhr2/ })).toContainText('Varnish 7')

  await page.goto('/domains?list=1')
  await page
    .getByLabel('Domains, one a line')
    .fill('a.lists.test, https://origin.lists.test\nhttps://b.lists.test')
  await page.getByRole('checkbox', { name: /^lhr1 / }).check()
  await page.getByRole('button', { name: 'Add these domains' }).click()
  await expect(
    page.getByRole('alert').filter({ hasText: 'Line 2: “https://b.lists.test” does not fit' }),
  ).toBeVisible()

  await page.goto('/caches?add=1')
  await page.getByLabel('Name').fill('lhr1')
  await page.getByLabel('Address').fill(`${dead}/path`)
  await page.getByLabel('Secret').fill('sixteen-characters')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('without a path')).toBeVisible()
  await expect(page.getByLabel('Name')).toHaveValue('lhr1')

  for (const name of ['lhr1', 'lhr2']) {
    await page.goto('/caches')
    await page
      .getByRole('row', { name: new RegExp(name) })
      .getByRole('link', { name: 'Remove' })
      .click()
    await page.getByRole('button', { name: `Remove ${name}` }).click()
    await expect(page.getByRole('row', { name: new RegExp(name) })).toHaveCount(0)
  }
})
