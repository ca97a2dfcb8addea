import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askSite } from '#lib/drivers/contract-stand.ts'
import { drivers } from '#lib/drivers/registry.ts'
import { startEdge } from '#lib/edge/server.ts'
import { startVarnish, varnishAvailable } from '#lib/fleet/real-caches.ts'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { startTestOrigin, type TestOrigin } from '#lib/fleet/test-origin.ts'
import { previewSubmission } from '#lib/operations/preview-submission.ts'
import { readSitemap } from '#lib/operations/read-sitemap.ts'
import { closeStore } from '#lib/store/client.ts'
import { Stand } from './test-stand.ts'

await testDatabase()
const stand = new Stand()
const secret = 'only-for-these-tests'
const soon = { timeout: 15_000, interval: 50 }

/** What a browser sends for a file. */
const browser = {
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'de-DE,de;q=0.9,en;q=0.8',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
}

/** Caches of a kind that visitors of a domain may come to, with what stands before them. */
type Fleet = { name: string; domain: string; sites: string[]; stop: () => Promise<unknown> }

let origin: TestOrigin

beforeAll(async () => {
  origin = await startTestOrigin()
  await stand.setUp()
  await stand.worker(drivers)
})
afterAll(async () => {
  await stand.stop()
  await origin.stop()
  await closeStore()
})

async function edges(): Promise<Fleet> {
  const domain = 'edges.methods.test'
  const common = { secret, port: 0, controlPort: 0, origins: { [domain]: origin.url } }
  const shield = await startEdge({ ...common, name: 'shield' })
  const pops = [await startEdge({ ...common, name: 'east', shield: shield.site })]
  pops.push(await startEdge({ ...common, name: 'west', shield: shield.site }))
  const ids: number[] = []
  for (const [index, edge] of [shield, ...pops].entries()) {
    const tier = index === 0 ? 'shield' : 'edge'
    ids.push(
      (await stand.realCache({ name: `edge ${index}`, kind: 'edge', tier, address: edge.control, secret }))
        .id,
    )
  }
  await stand.domain(domain, ids, { origin: origin.url })
  const sites = pops.map((pop) => pop.site)
  return {
    name: 'edges',
    domain,
    sites,
    stop: () => Promise.all([shield, ...pops].map((edge) => edge.close())),
  }
}

async function varnish(): Promise<Fleet> {
  const domain = 'varnish.methods.test'
  const cache = await startVarnish({ origin: origin.url, secret })
  const { id } = await stand.realCache({
    name: 'varnish',
    kind: 'varnish',
    tier: 'edge',
    address: cache.address,
    secret,
  })
  await stand.domain(domain, [id], { origin: origin.url })
  return { name: 'Varnish', domain, sites: [cache.site], stop: () => cache.stop() }
}

async function complete(taskId: string): Promise<void> {
  await vi.waitFor(async () => expect((await stand.task(taskId)).state).toBe('complete'), soon)
}

describe.each([
  ['edges behind a shield', edges, true],
  ['Varnish', varnish, varnishAvailable()],
] as const)('on %s', (_, start, available) => {
  describe.skipIf(!available)('from a submission to what the next reader gets,', () => {
    let fleet: Fleet
    beforeAll(async () => {
      fleet = await start()
    })
    afterAll(() => fleet?.stop())

    const url = (path: string) => `https://${fleet.domain}${path}`
    /** Every POP is asked once, as a browser asks. */
    const readAll = async (path: string, headers = {}) =>
      Promise.all(
        fleet.sites.map(async (site) => {
          const sent = { ...browser, ...headers, host: fleet.domain }
          return (await askSite(site, { path, headers: sent, agent: false })).body
        }),
      )
    const asked = (path: string) =>
      origin.requests
        .filter((request) => request.path === path && request.host === fleet.domain)
        .map((request) => request.status)
    const each = (body: string) => fleet.sites.map(() => body)

    async function store(paths: string[], body = 'old') {
      for (const path of paths) {
        origin.set(path, { body, headers: { Vary: 'Accept-Encoding' } })
        expect(await readAll(path)).toEqual(each(body))
      }
    }
    const publish = (path: string, body: string) =>
      origin.set(path, { body, headers: { Vary: 'Accept-Encoding' } })

    it('a URL, hard: gone everywhere, others stay', async () => {
      await store(['/url', '/url?x=1'])
      for (const path of ['/url', '/url?x=1']) publish(path, 'new')
      await complete(await stand.submit({ text: url('/url') }))
      expect(await readAll('/url')).toEqual(each('new'))
      expect(await readAll('/url?x=1')).toEqual(each('old'))
    })

    it('a directory, refreshed where it changed: an unchanged object costs the origin a 304', async () => {
      await store(['/dir/same', '/dir/sub/changed', '/other'])
      const before = asked('/dir/same').length
      publish('/dir/sub/changed', 'new')
      await complete(await stand.submit({ text: url('/dir/'), method: 'directory', mode: 'soft' }))
      expect(await readAll('/dir/same')).toEqual(each('old'))
      expect(await readAll('/dir/sub/changed')).toEqual(each('new'))
      expect(asked('/dir/same').slice(before)).toEqual([304])
      expect(asked('/other')).toEqual([200])
    })

    it('a directory, fetched anew: every object again', async () => {
      await store(['/hard/a'])
      await complete(await stand.submit({ text: url('/hard/'), method: 'directory', mode: 'hard' }))
      expect(await readAll('/hard/a')).toEqual(each('old'))
      expect(asked('/hard/a')).toEqual([200, 200])
    })

    it('a regular expression: what it covers and nothing else', async () => {
      await store(['/re/1a-x.jpg', '/re/1a/deep/y.jpg', '/re/aa.jpg', '/re/1a.jpg?v=1'])
      for (const path of ['/re/1a-x.jpg', '/re/1a/deep/y.jpg', '/re/aa.jpg', '/re/1a.jpg?v=1'])
        publish(path, 'new')
      const task = await stand.submit({ text: url('/re/[0-9][a-z].*.jpg'), method: 'regex', mode: 'soft' })
      await complete(task)
      expect(await readAll('/re/1a-x.jpg')).toEqual(each('new'))
      expect(await readAll('/re/1a/deep/y.jpg')).toEqual(each('new'))
      expect(await readAll('/re/aa.jpg')).toEqual(each('old'))
      expect(await readAll('/re/1a.jpg?v=1')).toEqual(each('old'))
      const { plan } = await stand.task(task)
      expect(plan).toEqual(fleet.name === 'Varnish' ? [{ cacheKind: 'varnish', is: 'hard', lines: 1 }] : [])
    })

    it('a URL whatever its parameters', async () => {
      await store(['/p', '/p?a=1', '/p?a=2', '/pq?a=1'])
      for (const path of ['/p', '/p?a=1', '/p?a=2', '/pq?a=1']) publish(path, 'new')
      await complete(await stand.submit({ text: url('/p?a=9'), method: 'ignore-parameters', mode: 'soft' }))
      for (const path of ['/p', '/p?a=1', '/p?a=2']) expect(await readAll(path)).toEqual(each('new'))
      expect(await readAll('/pq?a=1')).toEqual(each('old'))
    })

    it('a tag of the application, in any case', async () => {
      const tagged = (body: string) => ({ body, headers: { 'Cache-Tag': 'Sale, shoes' } })
      origin.set('/tagged', tagged('old'))
      expect(await readAll('/tagged')).toEqual(each('old'))
      origin.set('/tagged', tagged('new'))
      await complete(
        await stand.submit({ text: 'SALE', method: 'tag', mode: 'soft', tagDomain: fleet.domain }),
      )
      expect(await readAll('/tagged')).toEqual(each('new'))
    })

    it('a prefetch: the origin is asked once, and a browser’s real headers hit', async () => {
      publish('/release.zip', 'release')
      const task = await stand.prefetch(url('/release.zip'))
      await complete(task)
      expect(asked('/release.zip')).toEqual([200])
      expect(await readAll('/release.zip')).toEqual(each('release'))
      expect(asked('/release.zip')).toEqual([200])
      expect((await stand.task(task)).caches.map((cache) => cache.notes)).toEqual(
        (await stand.task(task)).caches.map(() => null),
      )
    })

    it('purge, then prefetch: the new file is there before anybody asks', async () => {
      await store(['/both'])
      publish('/both', 'new')
      const purge = await stand.submit({ text: url('/both'), thenPrefetch: true })
      const { submissionId } = await stand.task(purge)
      for (const { id } of await stand.tasksOf(submissionId)) await complete(id)
      const before = asked('/both').length
      expect(await readAll('/both')).toEqual(each('new'))
      expect(asked('/both')).toHaveLength(before)
    })

    it('a prefetch of what may not be kept warns, and of what is not there fails', async () => {
      origin.set('/private', { body: 'mine', headers: { 'Cache-Control': 'no-store' } })
      const task = await stand.prefetch(url('/private'), url('/missing'))
      await vi.waitFor(async () => expect((await stand.task(task)).state).toBe('partial'), soon)
      const { caches } = await stand.task(task)
      for (const cache of caches) {
        expect(cache).toMatchObject({ failed: 1, fetch: { lines: 2, degraded: 1 } })
      }
    })

    it('the second pass leaves what is fetched between the two', async () => {
      await store(['/hot'])
      publish('/hot', 'new')
      const before = asked('/hot').length
      const task = await stand.submit({ text: url('/hot') })
      // Visitors never stop coming.
      await vi.waitFor(async () => {
        await readAll('/hot')
        expect((await stand.task(task)).state).toBe('complete')
      }, soon)
      await readAll('/hot')
      expect(
        asked('/hot')
          .slice(before)
          .filter((status) => status === 200),
      ).toEqual([200])
    })

    it('what a purge would reach is told before it is submitted, or that it cannot be told', async () => {
      await store(['/known/1.css', '/known/2.css', '/known/3.js'])
      const [preview] = await previewSubmission(stand.caller, { text: url('/known/.*.css'), method: 'regex' })
      if (fleet.name === 'Varnish') expect(preview).toMatchObject({ held: null, silent: ['varnish'] })
      else {
        expect(preview?.held).toMatchObject({ objects: 2 * 3, caches: 3, isWhole: true })
        expect(preview?.urls.sort()).toEqual([url('/known/1.css'), url('/known/2.css')])
        expect(preview?.freshSeconds).toBeGreaterThan(0)
      }
    })

    it('a sitemap is read through a cache', async () => {
      const list = ['/s/1', '/s/2'].map((path) => `<url><loc>${url(path)}</loc></url>`).join('')
      origin.set('/sitemap.xml', { body: `<urlset>${list}</urlset>` })
      const answer = await readSitemap(stand.caller, { url: url('/sitemap.xml'), since: null })
      expect(answer).toMatchObject({ problem: null, urls: [url('/s/1'), url('/s/2')], found: 2 })
      expect(await readSitemap(stand.caller, { url: 'https://elsewhere.test/x', since: null })).toMatchObject(
        {
          problem: 'address',
        },
      )
    })
  })
})

// The edge keeps every parameter; what a Varnish drops is up to its own VCL.
it('a URL where some parameters do not count: purged on an edge with any of them', async () => {
  const domain = 'parameters.methods.test'
  const common = { secret, port: 0, controlPort: 0, origins: { [domain]: origin.url } }
  const edge = await startEdge({ ...common, name: 'alone' })
  const cache = { name: 'alone', kind: 'edge', tier: 'edge', address: edge.control, secret } as const
  const { id } = await stand.realCache(cache)
  await stand.domain(domain, [id], { settings: { query: { is: 'without', names: ['utm'] } } })
  const read = async (path: string) => (await askSite(edge.site, { path, headers: { host: domain } })).body
  const same = ['/page?utm=x&id=1', '/page?id=1', '/page?id=1&utm=y', '/page?id=1&ut%6d=z']
  const others = ['/page?utm=x&id=2', '/page?utm=x', '/page']
  const publish = (body: string) => {
    for (const path of [...same, ...others]) origin.set(path.replace('%6d', 'm'), { body })
  }
  const purge = { text: `https://${domain}/page?utm=x&id=1` }
  publish('old')
  for (const path of [...same, ...others]) expect(await read(path)).toBe('old')
  publish('new')
  expect(await previewSubmission(stand.caller, { ...purge, method: 'url' })).toMatchObject([
    { held: { objects: same.length } },
  ])
  await complete(await stand.submit(purge))
  for (const path of same) expect(await read(path)).toBe('new')
  for (const path of others) expect(await read(path)).toBe('old')
  await edge.close()
})
