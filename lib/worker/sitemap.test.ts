import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Fetch, Fetched } from '#lib/drivers/driver.ts'
import { readSitemap } from './sitemap.ts'

const question = (target: string, since: string | null = null) =>
  ({ is: 'sitemap', domain: 'a.test', target, since }) as const

/** Answers as a cache with these files would. */
function serving(files: Record<string, string | Buffer | Fetched>) {
  const asked: Fetch[] = []
  const fetch = async (fetch: Fetch): Promise<Fetched> => {
    asked.push(fetch)
    const file = files[fetch.target] ?? { is: 'status', status: 404 }
    if (typeof file !== 'string' && !Buffer.isBuffer(file)) return file
    const bytes = Buffer.from(file as string)
    for (let at = 0; at < bytes.length; at += 7) fetch.take?.(bytes.subarray(at, at + 7))
    return { is: 'not-kept', bytes: bytes.length, detail: '' }
  }
  return { fetch, asked }
}

const url = (path: string, changed?: string) =>
  `<url><loc>https://a.test${path}</loc>${changed ? `<lastmod>${changed}</lastmod>` : ''}</url>`
const urlset = (...urls: string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls.join('')}</urlset>`

describe('a sitemap', () => {
  it('lists its URLs as they are written, entities resolved', async () => {
    const { fetch } = serving({
      '/s.xml': urlset(
        url('/1'),
        url('/2?a=1&amp;b=2'),
        '<url><loc><![CDATA[https://a.test/3]]></loc></url>',
        '<url/>',
      ),
    })
    expect(await readSitemap(question('/s.xml'), fetch)).toEqual({
      urls: ['https://a.test/1', 'https://a.test/2?a=1&b=2', 'https://a.test/3'],
      found: 3,
    })
  })

  it('lists only what changed since a day, where one is given', async () => {
    const { fetch } = serving({
      '/s.xml': urlset(
        url('/old', '2026-11-01'),
        url('/new', '2026-11-20T10:00:00Z'),
        url('/day', '2026-11-20'),
        url('/unknown'),
      ),
    })
    expect(await readSitemap(question('/s.xml', '2026-11-20'), fetch)).toEqual({
      urls: ['https://a.test/new', 'https://a.test/day'],
      found: 4,
    })
  })

  it('may be an index, compressed, and in a circle; other hosts are left out', async () => {
    const index = `<sitemapindex>${['/one.xml.gz', '/index.xml'].map((path) => `<sitemap><loc>https://a.test${path}</loc></sitemap>`).join('')}<sitemap><loc>http://169.254.169.254/x</loc></sitemap></sitemapindex>`
    const { fetch, asked } = serving({ '/index.xml': index, '/one.xml.gz': gzipSync(urlset(url('/1'))) })
    expect(await readSitemap(question('/index.xml'), fetch)).toEqual({ urls: ['https://a.test/1'], found: 1 })
    expect(asked.map((each) => each.domain + each.target)).toEqual(['a.test/index.xml', 'a.test/one.xml.gz'])
  })

  it('has at most 10,000 of its URLs taken', async () => {
    const { fetch } = serving({
      '/s.xml': urlset(...Array.from({ length: 10_050 }, (_, at) => url(`/${at}`))),
    })
    const answer = await readSitemap(question('/s.xml'), fetch)
    expect(answer).toMatchObject({ found: 10_050 })
    expect('urls' in answer && answer.urls).toHaveLength(10_000)
  })

  it.each<[string, string | Buffer | Fetched, string]>([
    ['that is not there', { is: 'status', status: 404 }, 'answer'],
    ['that redirects', { is: 'status', status: 301, location: '/x' }, 'answer'],
    ['whose cache is away', { is: 'unreachable', cause: 'unreachable', detail: 'ECONNREFUSED' }, 'answer'],
    ['that is a page', '<html><body>Hello</body></html>', 'format'],
    ['that is broken', '<urlset><url><loc>x', 'format'],
    [
      'with an entity of its own',
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>&e;</loc></url></urlset>',
      'format',
    ],
    ['that is a bomb', gzipSync(Buffer.alloc(51 * 1024 * 1024)), 'format'],
    ['that is no gzip though it says so', Buffer.from([0x1f, 0x8b, 1, 2, 3]), 'format'],
    ['that is empty', '', 'format'],
    ['with an address that has no end', urlset(url(`/${'x'.repeat(5_000)}`)), 'format'],
    ['of elements in elements', '<a>'.repeat(5_000), 'format'],
  ])('%s says why: %s', async (_, file, problem) => {
    const { fetch } = serving({ '/s.xml': file })
    expect(await readSitemap(question('/s.xml'), fetch)).toMatchObject({ problem })
  })
})
