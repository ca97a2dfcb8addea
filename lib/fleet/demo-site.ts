import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { crc32, deflateSync } from 'node:zlib'

/** A file of the demo's site. `make` is called for each answer that carries a body. */
export type DemoFile = {
  type: string
  etag: string
  length: number
  lastModifiedMs: number
  make(): Buffer | Readable
}

const kettles = [
  { slug: 'copper', name: 'Copper kettle', tint: '#b4643c', cents: 8900 },
  { slug: 'steel', name: 'Steel kettle', tint: '#6d7f8b', cents: 5400 },
  { slug: 'enamel', name: 'Enamel kettle', tint: '#2f7d6b', cents: 4700 },
] as const

type Kettle = (typeof kettles)[number]

const largeBytes = 20 * 1024 * 1024

/**
 * The demo's site: a shop whose prices are new at every fetch, so that a cached page tells itself
 * apart; styles, pictures and a large file that never change, so that a soft purge finds them so.
 */
export class DemoSite {
  readonly #startedMs: number
  readonly #nowMs: () => number
  readonly #fixed = new Map<string, DemoFile>()
  #fetches = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.#startedMs = nowMs()
    this.#fix('/assets/site.css', 'text/css; charset=utf-8', Buffer.from(css))
    this.#fix('/about.html', html, Buffer.from(page('About', '<h1>About</h1><p>Kettles since 1894.</p>')))
    this.#fix('/catalogue/', html, Buffer.from(page('Catalogue', list(kettles))))
    this.#fix('/catalogue/kettles/', html, Buffer.from(page('Kettles', list(kettles))))
    this.#fix('/sitemap.xml', 'application/xml', Buffer.from(sitemap(new Date(this.#startedMs))))
    this.#fix('/images/paper.png', 'image/png', png(64, 64))
    for (const kettle of kettles) {
      this.#fix(`/images/kettles/${kettle.slug}.svg`, 'image/svg+xml', Buffer.from(drawing(kettle.tint)))
    }
    this.#fixed.set('/downloads/catalogue.bin', {
      ...this.#describe('application/octet-stream', Buffer.from('catalogue')),
      length: largeBytes,
      make: () => Readable.from(repeat(Buffer.alloc(65_536, 'freshet '), largeBytes)),
    })
  }

  /** The file at a path, or undefined. */
  find(path: string): DemoFile | undefined {
    if (path === '/') return this.#priced(kettles[0])
    const kettle = kettles.find(({ slug }) => path === `/catalogue/kettles/${slug}.html`)
    return kettle ? this.#priced(kettle) : this.#fixed.get(path)
  }

  #priced(kettle: Kettle): DemoFile {
    this.#fetches += 1
    const nowMs = this.#nowMs()
    const cents = kettle.cents + ((this.#fetches * 37) % 50) * 10
    const body = Buffer.from(page(kettle.name, offer(kettle, cents, stamp(nowMs, this.#fetches))))
    return { ...this.#describe(html, body), lastModifiedMs: nowMs }
  }

  #fix(path: string, type: string, body: Buffer): void {
    this.#fixed.set(path, this.#describe(type, body))
  }

  #describe(type: string, body: Buffer): DemoFile {
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    return { type, etag, length: body.length, lastModifiedMs: this.#startedMs, make: () => body }
  }
}

const html = 'text/html; charset=utf-8'

function* repeat(part: Buffer, bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= part.length) yield part.subarray(0, Math.min(left, part.length))
}

function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} – Harbour Kettles</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/site.css">
<header><a href="/">Harbour Kettles</a><nav><a href="/catalogue/">Catalogue</a><a href="/about.html">About</a></nav></header>
<main>${main}</main>
<footer>The demo site of Freshet. Caches may keep every file of it for an hour.</footer>
</html>
`
}

function offer({ slug, name }: Kettle, cents: number, made: string): string {
  const price = `€ ${(cents / 100).toFixed(2)}`
  return `<section class="offer"><img src="/images/kettles/${slug}.svg" alt="" width="320" height="280">
<div><h1>${name}</h1><p class="price" data-testid="price">${price}</p>
<p>The shop sets a new price whenever it is asked. A cache that keeps this page does not ask.</p>${made}</div></section>`
}

function stamp(nowMs: number, fetches: number): string {
  const time = new Date(nowMs).toISOString()
  return `<p class="stamp">Made at the origin at <time data-testid="made-at" datetime="${time}">${time.slice(11, 19)}</time> UTC, page no. ${fetches}</p>`
}

function list(all: readonly Kettle[]): string {
  const items = all.map(
    ({ slug, name }) =>
      `<li><a href="/catalogue/kettles/${slug}.html"><img src="/images/kettles/${slug}.svg" alt="" width="160" height="140">${name}</a></li>`,
  )
  return `<h1>Kettles</h1><ul class="list">${items.join('')}</ul><p><a href="/downloads/catalogue.bin">The printed catalogue (20 MB)</a></p>`
}

/** What a prefetch may begin with: the pages and what they show, new since the demo's start. */
function sitemap(changed: Date): string {
  const pages = kettles.flatMap(({ slug }) => [
    `/catalogue/kettles/${slug}.html`,
    `/images/kettles/${slug}.svg`,
  ])
  const urls = [...pages, '/about.html', '/assets/site.css'].map(
    (path) =>
      `<url><loc>https://demo.localhost${path}</loc><lastmod>${changed.toISOString().slice(0, 10)}</lastmod></url>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${urls.join('\n')}
</urlset>
`
}

function drawing(tint: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 280">
<defs><linearGradient id="body" x1="0" x2="1"><stop offset="0" stop-color="${tint}"/><stop offset=".45" stop-color="${tint}" stop-opacity=".72"/><stop offset="1" stop-color="${tint}"/></linearGradient></defs>
<ellipse cx="160" cy="250" rx="112" ry="14" fill="#000" opacity=".12"/>
<path d="M84 108c-12-84 164-84 152 0" fill="none" stroke="${tint}" stroke-width="12" stroke-linecap="round"/>
<path d="M66 244c-8-92 40-142 94-142s102 50 94 142z" fill="url(#body)"/>
<path d="M246 170l44-40 14 12-46 74z" fill="${tint}"/>
<ellipse cx="160" cy="104" rx="40" ry="9" fill="#000" opacity=".25"/><circle cx="160" cy="92" r="10" fill="${tint}"/>
</svg>
`
}

/** A picture of our own making: 8-bit grey, each row after filter 0 (PNG, third edition). */
function png(width: number, height: number): Buffer {
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = 236 + ((x * 7 + y * 13) % 17)
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head[8] = 8
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const none = Buffer.alloc(0)
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', none),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

const css = `:root { color-scheme: light dark; --ink: #1c2326; --paper: #faf8f4; --soft: #6b7377; --line: #ddd8cd; --accent: #0d6e63 }
@media (prefers-color-scheme: dark) { :root { --ink: #eceae4; --paper: #161a1c; --soft: #98a1a5; --line: #333a3d; --accent: #5cc4b3 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 0 1.25rem; background: var(--paper); color: var(--ink); font: 1rem/1.6 Georgia, 'Times New Roman', serif }
header, footer, nav { display: flex; gap: 1.5rem; align-items: baseline }
header { justify-content: space-between; padding: 1.5rem 0; border-bottom: 1px solid var(--line); font-size: 1.15rem }
a { color: var(--accent); text-underline-offset: .2em }
header a { color: inherit; text-decoration: none }
h1 { font-size: 2rem; font-weight: 400; line-height: 1.2; margin: 0 }
.offer { display: flex; flex-wrap: wrap; gap: 2rem 3rem; align-items: center; padding: 3rem 0 }
.offer img { max-width: 100%; height: auto; padding: 1rem; background: url(/images/paper.png); border-radius: 1rem }
.offer div { flex: 1 1 18rem }
.price { font-size: clamp(3.5rem, 12vw, 6rem); line-height: 1.1; margin: .5rem 0; font-variant-numeric: tabular-nums }
.stamp { color: var(--soft); font-variant-numeric: tabular-nums }
.list { list-style: none; display: flex; flex-wrap: wrap; gap: 2rem; padding: 2rem 0 }
.list a { display: grid; gap: .5rem; justify-items: center }
main > h1 { padding-top: 2.5rem }
footer { margin-top: 3rem; padding: 1.5rem 0; border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem }
`
