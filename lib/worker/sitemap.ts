import { createGunzip } from 'node:zlib'
import { SaxesParser } from 'saxes'
import type { Question } from '#lib/core/question.ts'
import type { Fetch, Fetched } from '#lib/drivers/driver.ts'

export type SitemapQuestion = Extract<Question, { is: 'sitemap' }>

/** What a sitemap lists: the URLs that are asked for, of so many, or why it cannot be read. */
export type SitemapAnswer =
  | { urls: string[]; found: number }
  | { problem: 'answer' | 'format'; detail: string }

// The protocol's own limits: 50 MB unpacked and 50,000 entries a file.
const mostBytes = 50 * 1024 * 1024
const mostFiles = 50
const mostUrls = 10_000

/**
 * Reads a sitemap, and those that an index names on the same domain.
 *
 * @param fetch fetches through a cache
 * @see sitemaps.org, protocol 0.9
 */
export async function readSitemap(
  { domain, target, since }: SitemapQuestion,
  fetch: (fetch: Fetch) => Promise<Fetched>,
): Promise<SitemapAnswer> {
  const waiting = [target]
  const seen = new Set(waiting)
  const urls: string[] = []
  let found = 0
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const read = await readFile({ domain, target: next }, fetch)
    if ('problem' in read) return read
    for (const { url, changed } of read.entries) {
      found += 1
      if (urls.length < mostUrls && (since === null || (changed ?? '') >= since)) urls.push(url)
    }
    for (const onward of read.sitemaps.flatMap((url) => targetOn(domain, url))) {
      if (seen.has(onward) || seen.size >= mostFiles) continue
      seen.add(onward)
      waiting.push(onward)
    }
  }
  return { urls, found }
}

/** An address as a target, if it is on the domain. */
function targetOn(domain: string, url: string): string[] {
  if (!URL.canParse(url)) return []
  const { hostname, pathname, search } = new URL(url)
  return hostname === domain ? [pathname + search] : []
}

type File = { entries: { url: string; changed: string | undefined }[]; sitemaps: string[] }

async function readFile(
  place: { domain: string; target: string },
  fetch: (fetch: Fetch) => Promise<Fetched>,
): Promise<File | Extract<SitemapAnswer, { problem: string }>> {
  const chunks: Buffer[] = []
  const fetched = await fetch({
    ...place,
    headers: [['Accept-Encoding', 'identity']],
    maxBytes: mostBytes,
    take: (chunk) => chunks.push(chunk),
  })
  if (fetched.is === 'status') return { problem: 'answer', detail: `HTTP ${fetched.status}, ${place.target}` }
  if (fetched.is === 'broken' || fetched.is === 'unreachable') {
    return { problem: 'answer', detail: `${fetched.detail}, ${place.target}` }
  }
  try {
    return parse((await unpacked(Buffer.concat(chunks))).toString('utf8'))
  } catch (error) {
    return { problem: 'format', detail: (error as Error).message.split('\n')[0]?.slice(0, 200) ?? '' }
  }
}

/** A file that is compressed says so in its first bytes; one that grows too long is refused. */
async function unpacked(bytes: Buffer): Promise<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  const parts: Buffer[] = []
  let length = 0
  const gunzip = createGunzip()
  gunzip.end(bytes)
  for await (const part of gunzip as AsyncIterable<Buffer>) {
    length += part.length
    if (length > mostBytes) throw new Error('it is longer than 50 MB')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function parse(text: string): File {
  const file: File = { entries: [], sitemaps: [] }
  const path: string[] = []
  let location = ''
  let changed: string | undefined
  let root = ''
  const parser = new SaxesParser()
  parser.on('opentag', ({ name }) => {
    if (path.length === 0) root = name
    path.push(name)
    if (path.length === 2) [location, changed] = ['', undefined]
  })
  const onText = (content: string) => {
    if (path.length === 3 && path[2] === 'loc') location += content
    if (path.length === 3 && path[2] === 'lastmod') changed = (changed ?? '') + content
  }
  parser.on('text', onText)
  parser.on('cdata', onText)
  parser.on('closetag', () => {
    if (path.length === 2 && location.trim() !== '') {
      if (path[1] === 'sitemap') file.sitemaps.push(location.trim())
      if (path[1] === 'url') file.entries.push({ url: location.trim(), changed: changed?.trim() })
    }
    path.pop()
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(text).close()
  if (root !== 'urlset' && root !== 'sitemapindex') throw new Error('neither a urlset nor a sitemapindex')
  return file
}
