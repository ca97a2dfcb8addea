import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readVarnishRecipe, varnishAvailable } from '#lib/fleet/real-caches.ts'
import { askSite, type ContractCache } from './contract-stand.ts'
import type { Driver } from './driver.ts'
import { varnish } from './varnish.ts'
import { commandOf, host, secret, startStand } from './varnish-stand.ts'

/** What an operator may have in a VCL of their own. */
const ownVcl = `
backend gone none;
sub vcl_recv {
  if (req.url ~ "^/passed") { return (pass); }
  if (req.url ~ "^/piped") { return (pipe); }
  if (req.http.Backend == "gone") { set req.backend_hint = gone; }
}
sub vcl_backend_response {
  if (bereq.url ~ "^/hit-for-pass") { return (pass(10s)); }
  if (bereq.url ~ "^/without-names") { unset beresp.http.xkey; }
}
sub vcl_synth { set resp.status = 200; return (deliver); }
`
const notKept = ['/absent', '/expired', '/passed', '/piped', '/hit-for-pass', '/no-store', '/without-names']

describe.skipIf(!varnishAvailable())('what a prefetch asks of Varnish', () => {
  let stand: ContractCache
  let driver: Driver
  const visit = async (path: string, headers = {}) => (await stand.get(host, path, headers)).body
  const check = async (method: string, path: string, own = {}) => {
    const headers = { host, 'Freshet-Prefetch': 'check', 'Freshet-Secret': secret, ...own }
    return (await askSite(stand.address, { method, path, headers })).status
  }
  const asked = (path: string) =>
    stand.origin.requests.filter((each) => each.path === path).map(({ status }) => status)
  beforeAll(async () => {
    stand = await startStand({ recipe: readVarnishRecipe() + ownVcl })
    driver = varnish.open(stand)
    for (const path of ['/fresh', ...notKept.slice(1)]) {
      stand.origin.set(path, {
        body: path,
        headers: { 'Cache-Control': path === '/no-store' ? 'no-store' : 'max-age=600' },
      })
      await visit(path)
    }
    await driver.deliver([commandOf({ mode: 'soft', targets: ['/expired'] })], AbortSignal.timeout(3_000))
  })
  afterAll(async () => {
    await driver.close()
    await stand.stop()
  })

  test.for(['HEAD', 'GET'])('is answered by %s from what is fresh, without the origin', async (method) => {
    const before = stand.origin.requests.length
    expect(await check(method, '/fresh')).toBe(200)
    for (const path of notKept) expect([path, await check(method, path)]).toEqual([path, 404])
    expect(stand.origin.requests).toHaveLength(before)
  })

  test('is not answered from what is served only as long as the origin is away', async () => {
    expect(await visit('/expired', { backend: 'gone' })).toBe('/expired')
    expect(await check('HEAD', '/expired', { backend: 'gone' })).toBe(404)
  })

  test('leaves everything as it was', async () => {
    for (const path of ['/fresh', '/expired']) {
      await check('HEAD', path)
      expect(await visit(path)).toBe(path)
    }
    expect([asked('/fresh'), asked('/expired')]).toEqual([[200], [200, 304]])
  })

  test('does not wait for a fetch under way', async () => {
    stand.origin.set('/slow', { body: 'page', delayBeforeHeadersMs: 1_000 })
    const visiting = visit('/slow')
    await vi.waitFor(() => expect(asked('/slow')).toHaveLength(1), { interval: 5 })
    expect(await check('HEAD', '/slow')).toBe(404)
    expect(await visiting).toBe('page')
  })

  test.for(['', 'guessed'])('is refused to a visitor with the secret “%s”', async (guess) => {
    for (const path of ['/fresh', '/absent']) {
      expect(await check('HEAD', path, { 'Freshet-Secret': guess })).toBe(403)
    }
  })

  test('is not taken for a hit when the Varnish behind this one had one', async () => {
    stand.origin.set('/shield', { body: 'page', headers: { 'X-Varnish': '32770 3' } })
    const fetch = () =>
      driver.fetch(
        { domain: host, target: '/shield', headers: [], maxBytes: 100 },
        () => {},
        AbortSignal.timeout(3_000),
      )
    expect([await fetch(), await fetch()]).toMatchObject([
      { is: 'kept', hit: false },
      { is: 'kept', hit: true },
    ])
  })

  test('has no word of what is held', async () => {
    const coverage = { domain: host, kind: 'url', targets: ['/fresh'] } as const
    expect(
      await driver.holdings({ ...coverage, targets: [...coverage.targets] }, AbortSignal.timeout(3_000)),
    ).toBeNull()
  })
})
