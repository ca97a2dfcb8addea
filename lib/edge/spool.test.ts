import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Disk } from './disk.ts'
import type { DiskFile, Reader } from './disk-file.ts'
import { Spool } from './spool.ts'

let folder: string
let file: DiskFile
let memory: { filling: number }
/** What the spool told, in order. */
let told: string[]

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'freshet-spool-'))
  file = new Disk(folder, 1_000_000_000).create()
  memory = { filling: 0 }
  told = []
})
afterEach(() => rmSync(folder, { recursive: true }))

function open(out: Writable = file.writer()): Spool {
  return new Spool(file, out, memory, {
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
  const readers = [readAll(spool.reader(0)), readAll(spool.reader(1000))]
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
  expect([spool.write(megabyte('a')), spool.write(kilobyte('b'))]).toEqual([true, false])
  expect([told, memory.filling]).toEqual([[], 1025 * 1024])
  waiting.shift()?.()
  await vi.waitFor(() => expect(told).toEqual(['room']))
  expect(memory.filling).toBe(1024)
})

test('when the disk is full, readers get the rest from memory, and the slowest holds the fetch back', async () => {
  const spool = open(fullAfter(2048))
  const [quick, slow] = [spool.reader(0), spool.reader(0)]
  for (const filler of ['a', 'b', 'c']) spool.write(kilobyte(filler))
  await vi.waitFor(() => expect(told).toEqual(['given up']))
  const all = readAll(quick)
  expect([spool.write(megabyte('d')), spool.write(kilobyte('e'))]).toEqual([false, false])
  spool.end()
  const whole = ['a', 'b', 'c'].map(kilobyte).join('') + megabyte('d') + kilobyte('e')
  expect(await all).toBe(whole)
  expect(told).toEqual(['given up', 'read'])
  expect(await readAll(slow)).toBe(whole)
  expect(told).toEqual(['given up', 'read', 'room', 'read'])
  expect(memory.filling).toBe(0)
})

test('a reader that leaves no longer holds the fetch back', async () => {
  const spool = open(fullAfter(0))
  const reader = spool.reader(0)
  spool.write(megabyte('a'))
  await vi.waitFor(() => expect(told).toEqual(['given up']))
  expect(spool.write(kilobyte('b'))).toBe(false)
  reader.close()
  expect([told, memory.filling]).toEqual([['given up', 'room'], 0])
})

test('a body that breaks off is never read as complete, and leaves no memory behind', async () => {
  for (const out of [file.writer(), fullAfter(0)]) {
    const spool = open(out)
    const reading = readAll(spool.reader(0))
    spool.write(kilobyte('a'))
    spool.break()
    await expect(reading).rejects.toThrow('the body broke off')
    expect(memory.filling).toBe(0)
    file = new Disk(folder, 1_000_000_000).create()
  }
})
