import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { gate, host, open, TestStand } from './test-stand.ts'

let stand: TestStand
let folder: string
let nowMs = 0
const clock = { wallMs: () => 1_000_000_000_000, monotonicMs: () => nowMs }
const options = { clock, maxBytes: 8_000_000, diskBytes: 12_000_000 }

beforeEach(async () => {
  nowMs = 0
  folder = mkdtempSync(path.join(tmpdir(), 'freshet-disk-'))
  stand = new TestStand()
  await stand.start({ ...options, diskFolder: folder })
})
afterEach(async () => {
  await stand.stop()
  rmSync(folder, { recursive: true, force: true })
})

const size = 2_500_000
/** No two places of it look alike. */
const large = Buffer.from(Uint32Array.from({ length: size / 4 }, (_, index) => index * 2_654_435_761).buffer)
const headers = { 'cache-control': 'max-age=60', etag: '"v"' }
const files = () => readdirSync(folder)

/** What an edge holds, in memory on its way, and on disk. */
function held() {
  const { entries, filling, disk } = stand.edge.cache
  return { entries, filling, diskBytes: disk?.bytes, files: files().length }
}

const nothing = { entries: 0, filling: 0, diskBytes: 0, files: 0 }
const one = { entries: 1, filling: 0, diskBytes: size, files: 1 }

/** The origin answers with the large body, or with 304 to who has it. */
function serveLarge(more: Record<string, string | number> = { 'content-length': size }): void {
  stand.answers = (question, answer) => {
    if (question.headers['if-none-match']) answer.writeHead(304, headers).end()
    else answer.writeHead(200, { ...headers, ...more }).end(large)
  }
}

/** The origin sends one half, and the other when it is let. */
function serveHalves(): () => void {
  const held = gate()
  stand.answers = async (_, answer) => {
    answer.writeHead(200, headers).write(large.subarray(0, size / 2))
    await held.opened
    answer.end(large.subarray(size / 2))
  }
  return held.open
}

const visit = (target: string) => open(stand.edge.site, { path: target, headers: { host } })

async function isWhole(answer: IncomingMessage | Promise<IncomingMessage>): Promise<boolean> {
  return large.equals(await buffer(await answer))
}

describe('a large body', () => {
  test.for([
    ['with', { 'content-length': size }],
    ['without', {}],
  ] as const)('%s Content-Length goes to the disk and takes no memory', async ([, more]) => {
    serveLarge(more)
    expect(await isWhole(visit('/p'))).toBe(true)
    expect(held()).toEqual(one)
    expect(stand.edge.cache.bytes).toBeLessThan(10_000)
  })

  test('is answered from there to several at once, and tells its length', async () => {
    serveLarge({})
    await isWhole(visit('/p'))
    const answers = await Promise.all([visit('/p'), visit('/p'), visit('/p')])
    expect(answers.map((answer) => answer.headers['content-length'])).toEqual(Array(3).fill(String(size)))
    expect(await Promise.all(answers.map(isWhole))).toEqual([true, true, true])
    expect(stand.asked).toHaveLength(1)
  })

  test.for([
    ['bytes=0-3', 0, 4],
    ['bytes=2400000-2400099', 2_400_000, 2_400_100],
    ['bytes=1000-', 1_000, size],
    ['bytes=-70000', size - 70_000, size],
  ] as const)('is answered by parts: %s', async ([range, from, to]) => {
    serveLarge()
    await isWhole(visit('/p'))
    const told = await stand.get('/p', { range })
    expect([told.status, told.headers['content-length']]).toEqual([206, String(to - from)])
    expect(large.subarray(from, to).equals(Buffer.from(told.body, 'latin1'))).toBe(true)
    expect(stand.asked).toHaveLength(1)
  })

  test('has a head, and need not be sent to who has it', async () => {
    serveLarge()
    await isWhole(visit('/p'))
    const head = await stand.get('/p', {}, { method: 'HEAD' })
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', String(size)])
    expect((await stand.get('/p', { 'if-none-match': '"v"' })).status).toBe(304)
    expect(stand.asked).toHaveLength(1)
  })

  test('that a 304 confirms stays in its file', async () => {
    serveLarge()
    await isWhole(visit('/p'))
    const before = files()
    nowMs = 60_000
    expect(await isWhole(visit('/p'))).toBe(true)
    expect(files()).toEqual(before)
    expect(await isWhole(visit('/p'))).toBe(true)
    expect(held()).toEqual(one)
    expect(stand.asked).toHaveLength(2)
  })

  test('that changed takes the place of the old one', async () => {
    serveLarge()
    await isWhole(visit('/p'))
    const [before] = files()
    nowMs = 60_000
    stand.answers = (_, answer) => void answer.writeHead(200, headers).end(large)
    expect(await isWhole(visit('/p'))).toBe(true)
    await vi.waitFor(() => expect(held()).toEqual(one))
    expect(files()).not.toContain(before)
  })

  test('whose file somebody removed is fetched again, also when it is only asked about', async () => {
    serveLarge()
    for (const laterMs of [0, 60_000, 120_000]) {
      await isWhole(visit('/p'))
      for (const name of files()) rmSync(path.join(folder, name))
      nowMs = laterMs
      expect(await isWhole(visit('/p'))).toBe(true)
    }
    expect(held()).toEqual(one)
    expect(stand.asked.map((asked) => asked.headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      '"v"',
      undefined,
      '"v"',
      undefined,
    ])
  })

  test('of which a client that forbids to store asks is fetched again too when its file is lost', async () => {
    serveLarge()
    await isWhole(visit('/p'))
    for (const name of files()) rmSync(path.join(folder, name))
    nowMs = 60_000
    const told = await stand.get('/p', { 'cache-control': 'no-store' })
    expect(large.equals(Buffer.from(told.body, 'latin1'))).toBe(true)
    expect(stand.asked).toHaveLength(3)
  })

  test('is small enough for the memory up to an eighth of it', async () => {
    stand.answers = (_, answer) => void answer.writeHead(200, headers).end(large.subarray(0, 1_000_000))
    await stand.get('/p')
    expect(held()).toEqual({ ...nothing, entries: 1 })
  })
})

describe('while a large body is fetched', () => {
  test('who came first and who comes late get it as it comes, from one fetch', async () => {
    const goOn = serveHalves()
    const first = await visit('/p')
    await vi.waitFor(() => expect(stand.edge.cache.disk?.bytes).toBe(size / 2))
    const late = await visit('/p')
    const [half] = await Promise.all([first, late].map((answer) => readHalf(answer)))
    goOn()
    expect(large.equals(Buffer.concat([half as Buffer, await buffer(first)]))).toBe(true)
    expect(large.subarray(size / 2).equals(await buffer(late))).toBe(true)
    expect(stand.asked).toHaveLength(1)
    expect(held()).toEqual(one)
  })

  test('a client that reads nothing holds nobody up', async () => {
    // More than the pipes between them take.
    const many = Buffer.concat(Array(7).fill(large))
    const edge = await stand.add({ ...options, diskFolder: folder, diskBytes: 80_000_000 })
    stand.answers = (_, answer) => void answer.writeHead(200, headers).end(many)
    const slow = await open(edge.site, { path: '/p', headers: { host } })
    const quick = await open(edge.site, { path: '/p', headers: { host } })
    expect(many.equals(await buffer(quick))).toBe(true)
    expect([edge.cache.entries, edge.cache.filling]).toEqual([1, 0])
    expect(many.equals(await buffer(slow))).toBe(true)
    expect(stand.asked).toHaveLength(1)
  })

  test('it is stored also when all clients have gone', async () => {
    const goOn = serveHalves()
    const answer = await visit('/p')
    await vi.waitFor(() => expect(stand.edge.cache.disk?.bytes).toBe(size / 2))
    answer.destroy()
    goOn()
    await vi.waitFor(() => expect(held()).toEqual(one))
    expect(await isWhole(visit('/p'))).toBe(true)
    expect(stand.asked).toHaveLength(1)
  })

  test('a purge keeps it from being stored', async () => {
    const goOn = serveHalves()
    const before = await visit('/p')
    await stand.purge({ targets: ['/p'] })
    goOn()
    expect(await isWhole(before)).toBe(true)
    await vi.waitFor(() => expect(held()).toEqual(nothing))
  })

  test('an origin that breaks off leaves nothing behind', async () => {
    stand.answers = (question, answer) => {
      answer.writeHead(200, { ...headers, 'content-length': size })
      answer.write(large.subarray(0, size / 2), () => question.socket.destroy())
    }
    await expect(isWhole(visit('/p'))).rejects.toThrow()
    await vi.waitFor(() => expect(held()).toEqual(nothing))
  })

  test('and is more than one object may have, it is passed on and not stored', async () => {
    const more = Buffer.concat([large, large])
    stand.answers = (_, answer) => void answer.writeHead(200, headers).end(more)
    const answers = await Promise.all([visit('/p'), visit('/p')])
    for (const answer of answers) expect(more.equals(await buffer(answer))).toBe(true)
    await vi.waitFor(() => expect(held()).toEqual(nothing))
  })

  test('and the disk refuses, it is passed on and not stored', async () => {
    rmSync(folder, { recursive: true })
    for (const more of [{ 'content-length': size }, {} as Record<string, never>]) {
      serveLarge(more)
      expect(await isWhole(visit('/p'))).toBe(true)
    }
    expect(stand.asked).toHaveLength(2)
    expect([stand.edge.cache.entries, stand.edge.cache.filling]).toEqual([0, 0])
  })
})

describe('the disk', () => {
  test('gives up what was not used for longest', async () => {
    serveLarge()
    for (const target of ['/a', '/b', '/c', '/d']) await isWhole(visit(target))
    await stand.get('/a', { range: 'bytes=0-0' })
    await isWhole(visit('/e'))
    await vi.waitFor(() => expect(held()).toEqual({ entries: 4, filling: 0, diskBytes: 4 * size, files: 4 }))
    const kept = async (target: string) =>
      (await stand.get(target, { 'cache-control': 'only-if-cached', range: 'bytes=0-0' })).status
    expect(await Promise.all(['/a', '/b', '/c', '/d', '/e'].map(kept))).toEqual([206, 504, 206, 206, 206])
  })

  test('loses the file of what is purged, and who is reading it reads it to its end', async () => {
    serveLarge()
    await isWhole(visit('/p'))
    const reading = await visit('/p')
    await stand.purge({ targets: ['/p'] })
    await vi.waitFor(() => expect(held()).toEqual(nothing))
    expect(await isWhole(reading)).toBe(true)
  })

  test('loses what a directory purge covers when it is tidied, and nothing else', async () => {
    serveLarge()
    for (const target of ['/d/p', '/p']) await isWhole(visit(target))
    await stand.purge({ kind: 'directory', targets: ['/d/'] })
    stand.edge.cache.tidy()
    await vi.waitFor(() => expect(held()).toEqual(one))
    expect((await stand.get('/p', { range: 'bytes=0-0' })).status).toBe(206)
    expect(stand.asked).toHaveLength(2)
  })

  test('is emptied at the start of what an edge left there, and of nothing else', async () => {
    serveLarge()
    await isWhole(visit('/p'))
    const others = ['freshet-1.body', 'freshet.body', 'film.body']
    for (const name of others) writeFileSync(path.join(folder, name), '')
    expect(files()).toHaveLength(4)
    await stand.edge.close()
    await stand.add({ diskFolder: folder })
    expect(files().toSorted()).toEqual(others.toSorted())
  })

  test('that cannot be used is refused in one sentence', async () => {
    const file = path.join(folder, 'file')
    writeFileSync(file, '')
    await expect(stand.add({ diskFolder: file })).rejects.toThrow(/^The disk folder cannot be used: .+\.$/)
  })
})

/** Reads what has come of a body so far, half of it. */
async function readHalf(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  while (bytes < size / 2) {
    await new Promise((resolve) => answer.once('readable', resolve))
    for (let part = answer.read(); part; part = answer.read()) {
      parts.push(part)
      bytes += part.length
    }
  }
  return Buffer.concat(parts)
}
