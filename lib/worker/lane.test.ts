import { describe, expect, it } from 'vitest'
import type { LogEntry, PurgeEntry } from '#lib/log/log.ts'
import type { Piece } from './cursor.ts'
import { purgeLane } from './lane.ts'
import { LaneSet } from './lane-set.ts'
import { Tail } from './tail.ts'

const state = { cacheId: 1, class: 0, domainId: 0, accountId: 1, applied: 0, confirmed: 0, fence: 1 }

function entry(seq: number, more: Partial<PurgeEntry> = {}): PurgeEntry {
  const command = { seq, domain: 'a.test', kind: 'url', mode: 'hard', targets: [`/${seq}`] } as const
  const base = {
    is: 'purge' as const,
    accountId: 1,
    taskId: '1',
    domainId: 7,
    class: 0,
    caches: [1],
    shields: [],
    also: [],
    alsoIds: [],
    forbidden: false,
    inFlightMs: null,
  }
  return { seq, ...base, command: { ...command, targets: [...command.targets] }, ...more }
}

async function tailOf(entries: LogEntry[]): Promise<Tail> {
  const log = {
    read: async (seq: number, limit: number) => entries.filter((one) => one.seq > seq).slice(0, limit),
  }
  const tail = new Tail(log, 0)
  await tail.advance()
  return tail
}

describe('the lanes of a cache', () => {
  it('lose one that another worker took over, and not the one that has taken its place', () => {
    const lanes = new LaneSet<PurgeEntry>(1)
    const [old, next] = [purgeLane(state, 0), purgeLane({ ...state, fence: 2 }, 0)]
    lanes.add(old)
    lanes.add(next)
    lanes.drop(old)
    expect(lanes.has(next)).toBe(true)
    lanes.drop(next)
    expect(lanes.all).toEqual([])
  })
})

const all = () => true
const seqs = (pieces: readonly Piece<PurgeEntry>[]) => pieces.map(({ entry: one }) => one.seq)

describe('a lane', () => {
  it('takes what is of its class and goes to its cache, and passes the rest by', async () => {
    const tail = await tailOf([entry(1), entry(2, { class: 1 }), entry(3, { caches: [2] }), entry(4)])
    const lane = purgeLane(state, 0)
    await lane.applied.fill(tail)
    const batch = lane.applied.take(1000, 0, all)
    expect(seqs(batch)).toEqual([1, 4])
    lane.applied.finish(batch.slice(1))
    expect(lane.applied.seq).toBe(0)
    lane.applied.finish(batch.slice(0, 1))
    expect(lane.applied.seq).toBe(4)
  })

  it('gives accounts their turns within one batch, and keeps to the batch’s size', async () => {
    const mine = (seq: number) => entry(seq, { accountId: 1 })
    const tail = await tailOf([mine(1), mine(2), mine(3), entry(4, { accountId: 2 })])
    const lane = purgeLane(state, 0)
    await lane.applied.fill(tail)
    expect(seqs(lane.applied.take(2, 0, all))).toEqual([1, 4])
  })

  it('confirms no further than it has applied', async () => {
    const tail = await tailOf([entry(1), entry(2)])
    const lane = purgeLane(state, 0)
    await lane.applied.fill(tail)
    lane.applied.finish(lane.applied.take(1, 0, all))
    await lane.confirmed.fill(tail, lane.applied.seq)
    expect(seqs(lane.confirmed.take(1000, 0, all))).toEqual([1])
  })

  it('reads a log that is longer than its window and than one page', async () => {
    const lane = purgeLane(state, 0)
    const tail = await tailOf(Array.from({ length: 1200 }, (_, at) => entry(at + 1)))
    const seen: number[] = []
    for (;;) {
      await lane.applied.fill(tail)
      const batch = lane.applied.take(10, 0, all)
      if (batch.length === 0) break
      seen.push(...seqs(batch))
      lane.applied.finish(batch)
    }
    expect(seen).toEqual(Array.from({ length: 1200 }, (_, at) => at + 1))
    expect(lane.applied.seq).toBe(1200)
  })
})

describe('a side lane', () => {
  it('has not caught up while its main lane has read past a command that it has not done', async () => {
    const tail = await tailOf([entry(10, { domainId: 8 }), entry(11)])
    const main = purgeLane(state, 0)
    const side = purgeLane({ ...state, domainId: 7 }, 0)
    main.sides.add(7)
    // The main lane reads both and waits with 10; 11 is left to the side lane, which has not read it.
    await main.applied.fill(tail)
    expect(seqs(main.applied.take(1000, 0, all))).toEqual([10])
    expect(side.hasCaughtUpWith(main)).toBe(false)
    await side.applied.fill(tail)
    side.applied.finish(side.applied.take(1000, 0, all))
    await side.confirmed.fill(tail, side.applied.seq)
    side.confirmed.finish(side.confirmed.take(1000, 0, all))
    expect(side.hasCaughtUpWith(main)).toBe(true)
  })
})
