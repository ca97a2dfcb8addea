import { expect, test } from 'vitest'
import { contractDomains, type Stand } from './contract-stand.ts'

const [one] = contractDomains

/** What browsers send with an image, a script and a page. */
const browsers: [name: string, headers: Record<string, string>][] = [
  [
    'Chrome',
    {
      accept: 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
      'accept-encoding': 'gzip, deflate, br, zstd',
      'accept-language': 'en-GB,en;q=0.9',
      'user-agent':
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    },
  ],
  [
    'Firefox',
    {
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'accept-encoding': 'gzip, deflate, br, zstd',
      'accept-language': 'de,en-US;q=0.7,en;q=0.3',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    },
  ],
  [
    'Safari',
    {
      accept: '*/*',
      'accept-encoding': 'gzip, deflate, br',
      'accept-language': 'fr-FR,fr;q=0.9',
      'user-agent':
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
    },
  ],
]
const gzip = [['Accept-Encoding', 'gzip']] as const

/** What a prefetch must do, and what it must say of it. */
export function testFetch(stand: Stand) {
  test('so that the next visitor is served, and says whether it was there before', async () => {
    stand.publish('/fetch?a=1', 'a page')
    expect(await stand.fetch('/fetch?a=1')).toEqual({ is: 'kept', hit: false, bytes: 6 })
    expect(await stand.kept(['/fetch?a=1'])).toEqual(['/fetch?a=1'])
    expect(await stand.fetch('/fetch?a=1')).toEqual({ is: 'kept', hit: true, bytes: 6 })
    expect(stand.asked('/fetch?a=1')).toEqual([200])
  })

  test.for(browsers)('so that %s is served', async ([name, headers]) => {
    const path = `/fetch/for/${name}`
    stand.publish(path, 'page', { headers: { Vary: 'Accept-Encoding' } })
    expect(await stand.fetch(path, gzip)).toMatchObject({ is: 'kept', hit: false })
    expect(await stand.visit(path, one, headers)).toBe('page')
    expect(stand.asked(path)).toEqual([200])
  })

  test('one variant for each set of fields', async () => {
    stand.publish('/fetch/vary', 'page', { headers: { Vary: 'Accept-Language' } })
    const fetchBoth = () =>
      Promise.all(['de', 'fr'].map((language) => stand.fetch('/fetch/vary', [['Accept-Language', language]])))
    expect(await fetchBoth()).toMatchObject([
      { is: 'kept', hit: false },
      { is: 'kept', hit: false },
    ])
    expect(await fetchBoth()).toMatchObject([
      { is: 'kept', hit: true },
      { is: 'kept', hit: true },
    ])
    expect(stand.asked('/fetch/vary')).toEqual([200, 200])
  })

  test('anew after a purge, hard or soft', async () => {
    for (const mode of ['hard', 'soft'] as const) {
      await stand.store([`/fetch/${mode}`], 'old')
      stand.publish(`/fetch/${mode}`, 'new')
      await stand.purge({ mode, targets: [`/fetch/${mode}`] })
      expect(await stand.fetch(`/fetch/${mode}`)).toMatchObject({ is: 'kept', hit: false })
      expect(await stand.visit(`/fetch/${mode}`)).toBe('new')
      expect(stand.asked(`/fetch/${mode}`)).toEqual([200, 200])
    }
  })

  test('and says why it is not kept', async () => {
    stand.publish('/fetch/no-store', 'page', { headers: { 'Cache-Control': 'no-store' } })
    const notKept = { is: 'not-kept', bytes: 4, detail: expect.stringContaining('Cache-Control: no-store') }
    expect(await stand.fetch('/fetch/no-store')).toEqual(notKept)
    expect(await stand.fetch('/fetch/no-store')).toEqual(notKept)
    expect(stand.asked('/fetch/no-store')).toEqual([200, 200])
  })

  test.for([
    [404, {}, {}],
    [503, { 'Retry-After': '7' }, { retryAfterMs: 7_000 }],
    [301, { Location: '/fetch/elsewhere' }, { location: '/fetch/elsewhere' }],
  ] as const)('and says that the answer is %i', async ([status, headers, said]) => {
    stand.publish(`/fetch/${status}`, 'sorry', { status, headers: { ...headers } })
    expect(await stand.fetch(`/fetch/${status}`)).toEqual({ is: 'status', status, ...said })
    expect(stand.asked('/fetch/elsewhere')).toEqual([])
  })

  test.for([
    ['of known length', { 'Content-Length': '400000' }],
    ['of unknown length', {}],
  ] as const)('and says that a body %s ends too soon', async ([what, headers]) => {
    const path = `/fetch/truncated/${what.length}`
    const { promise, resolve } = Promise.withResolvers<unknown>()
    stand.publish(path, 'long'.repeat(100_000), { truncatedAt: promise, headers: { ...headers } })
    expect(await stand.fetch(path, [], resolve)).toMatchObject({ is: 'broken', cause: 'truncated' })
    stand.publish(path, 'all of it')
    expect(await stand.fetch(path)).toMatchObject({ is: 'kept', hit: false })
  })
}
