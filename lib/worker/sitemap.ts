import { setImmediate } from 'node:timers/promises'
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
const mostEntries = 50_000
const mostFiles = 50
const mostUrls = 10_000
const partBytes = 65_536
/** The protocol asks for less than 2,048 characters; elements of a sitemap stand three deep. */
const longestUrl = 2_048
const deepest = 10
// Of an index with all that it names, so that no worker reads for ever.
const mostBytesInAll = 250 * 1024 * 1024
const mostMs = 60_000

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
  const budget = { bytes: mostBytesInAll, untilMs: performance.now() + mostMs }
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const read = await readFile({ domain, target: next }, fetch, budget)
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

type Budget = { bytes: number; untilMs: number }

async function readFile(
  place: { domain: string; target: string },
  fetch: (fetch: Fetch) => Promise<Fetched>,
  budget: Budget,
): Promise<File | Extract<SitemapAnswer, { problem: string }>> {
  const chunks: Buffer[] = []
  const fetched = await fetch({
    ...place,
    headers: [['Accept-Encoding', 'identity']],
    maxBytes: Math.min(mostBytes, budget.bytes),
    take: (chunk) => chunks.push(chunk),
  })
  if (fetched.is === 'status') return { problem: 'answer', detail: `HTTP ${fetched.status}, ${place.target}` }
  if (fetched.is === 'broken' || fetched.is === 'unreachable') {
    return { problem: 'answer', detail: `${fetched.detail}, ${place.target}` }
  }
  try {
    return await parse(unpacked(Buffer.concat(chunks)), budget)
  } catch (error) {
    return { problem: 'format', detail: (error as Error).message.split('\n')[0]?.slice(0, 200) ?? '' }
  }
}

/** The parts of a file. One that is compressed says so in its first bytes; one that grows too long is refused. */
async function* unpacked(bytes: Buffer): AsyncIterable<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes)
    return
  }
  let length = 0
  const gunzip = createGunzip()
  gunzip.end(bytes)
  for await (const part of gunzip as AsyncIterable<Buffer>) {
    length += part.length
    if (length > mostBytes) throw new Error('it is longer than 50 MB')
    yield part
  }
}

/** Reads a part at a time, and lets the worker do its work between them. */
async function parse(parts: AsyncIterable<Buffer>, budget: Budget): Promise<File> {
  const file: File = { entries: [], sitemaps: [] }
  const reader = new Reader(file)
  const decoder = new TextDecoder()
  for await (const part of parts) {
    reader.write(decoder.decode(part, { stream: true }))
    if (file.entries.length > mostEntries) throw new Error('it has more than 50,000 entries')
    budget.bytes -= part.length
    if (budget.bytes < 0) throw new Error('it is longer than 250 MB with all that it names')
    if (performance.now() > budget.untilMs) throw new Error('it takes longer than a minute to read')
    await setImmediate()
  }
  reader.end()
  return file
}

class Reader {
  readonly #file: File
  readonly #parser = new SaxesParser()
  readonly #path: string[] = []
  #root = ''
  #location = ''
  #changed: string | undefined

  constructor(file: File) {
    this.#file = file
    this.#parser.on('opentag', ({ name }) => this.#open(name))
    this.#parser.on('text', (content) => this.#take(content))
    this.#parser.on('cdata', (content) => this.#take(content))
    this.#parser.on('closetag', () => this.#close())
    this.#parser.on('error', (error) => {
      throw error
    })
  }

  write(text: string): void {
    this.#parser.write(text)
  }

  /** @throws Error for what is no sitemap */
  end(): void {
    this.#parser.close()
    if (this.#root === 'urlset' || this.#root === 'sitemapindex') return
    throw new Error('neither a urlset nor a sitemapindex')
  }

  #open(name: string): void {
    if (this.#path.length === 0) this.#root = name
    this.#path.push(name)
    if (this.#path.length > deepest) throw new Error('its elements are nested too deep')
    if (this.#path.length === 2) [this.#location, this.#changed] = ['', undefined]
  }

  #take(content: string): void {
    const [, , name] = this.#path
    if (this.#path.length !== 3) return
    if (name === 'loc') this.#location += content
    if (name === 'lastmod') this.#changed = (this.#changed ?? '') + content
    if (this.#location.length > longestUrl || (this.#changed?.length ?? 0) > longestUrl)
      throw new Error('it has an address longer than 2,048 characters')
  }

  #close(): void {
    const url = this.#location.trim()
    if (this.#path.length === 2 && url !== '') {
      if (this.#path[1] === 'sitemap') this.#file.sitemaps.push(url)
      if (this.#path[1] === 'url') this.#file.entries.push({ url, changed: this.#changed?.trim() })
    }
    this.#path.pop()
  }
}
