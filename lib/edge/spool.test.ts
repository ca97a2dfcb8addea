import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Backlog } from './backlog.ts'
import { Disk } from './disk.ts'
import type { DiskFile, Reader } from './disk-file.ts'
import { Spool, type SpoolMemory } from './spool.ts'

let folder: string
let file: DiskFile
let memory: SpoolMemory
/** What the spool told, in order. */
let told: string[]

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'freshet-spool-'))
  file = new Disk(folder, 1_000_000_000).create()
  memory = { filling: 0, backlog: new Backlog(4_000_000) }
  told = []
})
afterEach(() => rmSync(folder, { recursive: true }))

function open(out: Writable = file.writer()): Spool {
  const spool = inMemory()
  spool.moveTo(file, out)
  return spool
}

function inMemory(): Spool {
  return new Spool(memory, {
    onRoom: () => told.push('room'),
    onClosed: (whole) => told.push(whole ? 'whole' : 'given up'),
  })
}

/** Writes into the file as long as there is room on its disk. */
function fullAfter(bytes: number): Writable {
  const to = file.writer()
  let room = bytes
  return new Writable({
    write(chunk: Buffer, _, done) {
      room -= chunk.length
      if (room < 0) done(new Error('ENOSPC'))
      else to.write(chunk, done)
    },
    destroy: (_, done) => void to.destroy().once('close', () => done(null)),
  })
}

/** Writes parts, and tells after each whether the fetch is to go on. */
const write = (spool: Spool, ...parts: Buffer[]) =>
  parts.map((part) => {
    spool.write(part)
    return !spool.isFull
  })

const nobody = () => {}
const kilobyte = (filler: string) => Buffer.alloc(1024, filler)
const megabyte = (filler: string) => Buffer.alloc(1024 * 1024, filler)

async function readAll(reader: Reader): Promise<string> {
  const parts: Buffer[] = []
  for (let part = await reader.next(); part.length > 0; part = await reader.next()) parts.push(part)
  reader.close()
  told.push('read')
  return Buffer.concat(parts).toString()
}

test('a body is in its file before any reader has all of it', async () => {
  const spool = open()
  const readers = [readAll(spool.reader(0, nobody)), readAll(spool.reader(1000, nobody))]
  spool.write(kilobyte('a'))
  spool.write(kilobyte('b'))
  spool.end()
  const whole = `${kilobyte('a')}${kilobyte('b')}`
  expect(await Promise.all(readers)).toEqual([whole, whole.slice(1000)])
  expect(told).toEqual(['whole', 'read', 'read'])
  expect([file.length, memory.filling]).toEqual([2048, 0])
})

test('a file that nobody keeps is gone once its fetch is over', async () => {
  const spool = open()
  spool.write(kilobyte('a'))
  expect(readdirSync(folder)).toHaveLength(1)
  spool.end()
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]))
})

test('the fetch is held back while writing lags', async () => {
  const waiting: (() => void)[] = []
  const spool = open(new Writable({ write: (_chunk, _, done) => void waiting.push(done) }))
  expect(write(spool, megabyte('a'), kilobyte('b'))).toEqual([true, false])
  expect([told, memory.filling]).toEqual([[], 1025 * 1024])
  waiting.shift()?.()
  await vi.waitFor(() => expect(told).toEqual(['room']))
  expect(memory.filling).toBe(1024)
})

test('when the disk is full, readers get the rest from memory, and the slowest holds the fetch back', async () => {
  const spool = open(fullAfter(2048))
  const [quick, slow] = [spool.reader(0, nobody), spool.reader(0, nobody)]
  for (const filler of ['a', 'b', 'c']) spool.write(kilobyte(filler))
  await vi.waitFor(() => expect(told).toEqual(['given up']))
  const all = readAll(quick)
  expect(write(spool, megabyte('d'), kilobyte('e'))).toEqual([false, false])
  spool.end()
  const whole = ['a', 'b', 'c'].map(kilobyte).join('') + megabyte('d') + kilobyte('e')
  expect(await all).toBe(whole)
  expect(told).toEqual(['given up', 'read'])
  expect(await readAll(slow)).toBe(whole)
  expect(told).toEqual(['given up', 'read', 'room', 'read'])
  expect([memory.filling, memory.backlog.bytes]).toEqual([0, 0])
})

test('a reader that leaves no longer holds the fetch back', async () => {
  const spool = open(fullAfter(0))
  const reader = spool.reader(0, nobody)
  spool.write(megabyte('a'))
  await vi.waitFor(() => expect(told).toEqual(['given up']))
  expect(write(spool, kilobyte('b'))).toEqual([false])
  reader.close()
  expect([told, memory.filling, memory.backlog.bytes]).toEqual([['given up', 'room'], 0, 0])
})

test('a body that breaks off is never read as complete, and leaves no memory behind', async () => {
  for (const out of [file.writer(), fullAfter(0)]) {
    const spool = open(out)
    const reading = readAll(spool.reader(0, nobody))
    spool.write(kilobyte('a'))
    spool.break()
    await expect(reading).rejects.toThrow('the body broke off')
    expect([memory.filling, memory.backlog.bytes]).toEqual([0, 0])
    file = new Disk(folder, 1_000_000_000).create()
  }
})

test('a body in memory is read by each at its own pace, and holds no fetch back', async () => {
  const spool = inMemory()
  const early = readAll(spool.reader(0, nobody))
  expect(write(spool, megabyte('a'), megabyte('b'), kilobyte('c'))).toEqual([true, true, true])
  expect(memory.filling).toBe(2049 * 1024)
  const late = spool.reader(0, nobody)
  spool.end()
  expect([told, memory.filling, memory.backlog.bytes]).toEqual([['whole'], 0, 2049 * 1024])
  const whole = `${megabyte('a')}${megabyte('b')}${kilobyte('c')}`
  expect(await early).toBe(whole)
  expect(await readAll(late)).toBe(whole)
  expect(memory.backlog.bytes).toBe(0)
})

test('a body that outgrows the memory goes on in a file under its readers', async () => {
  const spool = inMemory()
  const reading = readAll(spool.reader(0, nobody))
  spool.write(kilobyte('a'))
  spool.moveTo(file, file.writer())
  spool.write(kilobyte('b'))
  spool.end()
  expect(await reading).toBe(`${kilobyte('a')}${kilobyte('b')}`)
  expect([told, file.length, memory.filling]).toEqual([['whole', 'read'], 2048, 0])
})

test('when a body in memory is given up, its slowest readers are, once they hold too much', async () => {
  const spool = inMemory()
  const idle = spool.reader(0, () => told.push('dropped'))
  const quick = spool.reader(0, nobody)
  for (const filler of ['a', 'b']) spool.write(kilobyte(filler))
  spool.giveUp()
  expect([memory.filling, memory.backlog.bytes]).toEqual([0, 2048])
  await quick.next()
  const rest = Buffer.alloc(memory.backlog.maxBytes - 1024, 'c')
  spool.write(rest)
  expect([told, memory.backlog.bytes]).toEqual([['given up', 'dropped'], memory.backlog.maxBytes])
  await expect(idle.next()).rejects.toThrow('given up')
  expect(String(await quick.next())).toBe(String(kilobyte('b')))
  expect((await quick.next()).equals(rest)).toBe(true)
  expect([told, memory.backlog.bytes]).toEqual([['given up', 'dropped', 'room'], 0])
})
