import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DemoOrigin, startOrigin } from './origin.ts'

let origin: DemoOrigin
beforeEach(async () => {
  origin = await startOrigin()
})
afterEach(() => origin.stop())

const get = (path: string, headers: Record<string, string> = {}) => fetch(origin.url + path, { headers })
const priceOf = (page: string) => /data-testid="price">(€ [\d.]+)</.exec(page)?.[1]

test('every page that is made anew has another price', async () => {
  const prices: (string | undefined)[] = []
  for (let visit = 0; visit < 20; visit += 1) prices.push(priceOf(await (await get('/')).text()))
  expect(prices).not.toContain(undefined)
  expect(new Set(prices).size).toBe(20)
})

test('every file that a page names is there, and can be asked about', async () => {
  const seen = new Set(['/'])
  for (const path of seen) {
    const answer = await get(path)
    expect([path, answer.status]).toEqual([path, 200])
    const etag = answer.headers.get('etag') ?? ''
    expect(answer.headers.get('last-modified')).toBeTruthy()
    const type = answer.headers.get('content-type') ?? ''
    const text = await answer.text()
    const links = [...text.matchAll(/(?:href|src)="(\/[^"]*)"|url\((\/[^)]*)\)/g)]
    if (/html|css/.test(type)) for (const [, link, picture] of links) seen.add((link ?? picture) as string)
    if (priceOf(text)) continue
    expect([path, (await get(path, { 'if-none-match': etag })).status]).toEqual([path, 304])
  }
  expect(seen.size).toBeGreaterThan(10)
  expect([...seen].some((path) => path.split('/').length > 3)).toBe(true)
})

test('the large file has 20 MB', async () => {
  const answer = await get('/downloads/catalogue.bin')
  expect((await answer.arrayBuffer()).byteLength).toBe(20 * 1024 * 1024)
})

test('what was asked is known', async () => {
  await get('/about.html?x')
  await get('/none')
  expect(origin.requests).toMatchObject([
    { method: 'GET', path: '/about.html?x', status: 200, atMs: expect.any(Number) },
    { method: 'GET', path: '/none', status: 404 },
  ])
})
