import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Command } from '#lib/core/command.ts'
import type { Outcome } from '#lib/drivers/driver.ts'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { removeCache, saveCache, tryCache } from '#lib/operations/save-cache.ts'
import { removeDomain, saveDomain } from '#lib/operations/save-domain.ts'
import { closeStore, db } from '#lib/store/client.ts'
import { Stand } from './test-stand.ts'

await testDatabase()
const stand = new Stand()

beforeAll(async () => {
  await stand.setUp()
  await stand.worker()
})
afterAll(async () => {
  await stand.stop()
  await closeStore()
})

const refused: Outcome = { kind: 'again', scope: 'cache', cause: 'unreachable', detail: 'connection refused' }
const soon = { timeout: 10_000, interval: 20 }

async function complete(taskId: string): Promise<void> {
  await vi.waitFor(async () => expect((await stand.task(taskId)).state).toBe('complete'), soon)
}

describe('a worker', () => {
  it('delivers the very first command of a fresh database', async () => {
    const { id, standIn } = await stand.cache('first')
    await stand.domain('first.test', [id])
    const task = await stand.purge('https://first.test/a')
    await complete(task)
    expect(standIn.times('/a')).toBe(1)
    const { caches, appliedMs, confirmedMs } = await stand.task(task)
    expect(caches).toMatchObject([{ applied: 1, confirmed: 1, failed: 0, waits: null }])
    expect(appliedMs).toBeGreaterThanOrEqual(0)
    expect(confirmedMs).toBeGreaterThanOrEqual(appliedMs ?? 0)
  })

  it('carries 10,000 lines in fifty commands, each target once', async () => {
    const { id, standIn } = await stand.cache('bulk')
    await stand.domain('bulk.test', [id])
    const urls = Array.from({ length: 10_000 }, (_, at) => `https://bulk.test/${at}`)
    await complete(await stand.purge(...urls))
    expect(standIn.heard).toHaveLength(50)
    expect(new Set(standIn.heard.flatMap((command) => command.targets)).size).toBe(10_000)
  })

  it('lets a cache that is down delay no other, and finishes by itself when it is back', async () => {
    const [up, down] = [await stand.cache('up'), await stand.cache('down')]
    await stand.domain('half.test', [up.id, down.id])
    down.standIn.answer = () => refused
    const task = await stand.purge('https://half.test/a')
    await vi.waitFor(async () => {
      const { state, caches } = await stand.task(task)
      expect(state).toBe('running')
      expect(caches).toMatchObject([
        { name: 'up', confirmed: 1, waits: null },
        {
          name: 'down',
          applied: 0,
          waits: { cause: 'unreachable', detail: 'connection refused', paused: false },
        },
      ])
    }, soon)
    down.standIn.answer = () => ({ kind: 'done' })
    await complete(task)
  })

  it('says that a cache went away of which nothing is asked, and that it is back', async () => {
    const { id, standIn } = await stand.cache('idle')
    const health = async () => {
      const cache = (await listCaches(stand.caller, {})).find((one) => one.id === id)
      return `${cache?.status} ${cache?.cause}`
    }
    await vi.waitFor(async () => expect(await health()).toBe('up null'), soon)
    standIn.away = { cause: 'unreachable', detail: 'connection refused' }
    await vi.waitFor(async () => expect(await health()).toBe('waiting unreachable'), soon)
    standIn.away = undefined
    await vi.waitFor(async () => expect(await health()).toBe('up null'), soon)
  })

  it('tries a waiting cache at once when somebody asks', async () => {
    const { id, standIn } = await stand.cache('asked')
    await stand.domain('asked.test', [id])
    standIn.answer = () => ({ ...refused, cause: 'credentials' })
    const task = await stand.purge('https://asked.test/a')
    await vi.waitFor(async () => expect((await stand.task(task)).caches[0]?.waits?.paused).toBe(true), soon)
    standIn.answer = () => ({ kind: 'done' })
    await tryCache(stand.caller, { id })
    await complete(task)
  })

  it('confirms an edge only by an echo that follows its shield', async () => {
    const shield = await stand.cache('shield', { tier: 'shield' })
    const edge = await stand.cache('behind')
    await stand.domain('tiers.test', [shield.id, edge.id])
    shield.standIn.answer = () => refused
    const task = await stand.purge('https://tiers.test/a')
    await vi.waitFor(async () => {
      expect((await stand.task(task)).caches).toMatchObject([
        { name: 'shield', applied: 0 },
        { name: 'behind', applied: 1, confirmed: 0, waits: { cause: 'shield', detail: 'shield' } },
      ])
    }, soon)
    expect(edge.standIn.times('/a')).toBe(1)
    shield.standIn.answer = () => ({ kind: 'done' })
    await complete(task)
    expect(edge.standIn.times('/a')).toBe(2)
  })

  it('sends a command again after the in-flight time of the cache', async () => {
    const { id, standIn } = await stand.cache('varnish', { kind: 'varnish' })
    await stand.domain('flight.test', [id])
    const task = await stand.purge('https://flight.test/a')
    await complete(task)
    const { appliedMs, confirmedMs } = await stand.task(task)
    expect(standIn.times('/a')).toBe(2)
    expect((confirmedMs ?? 0) - (appliedMs ?? 0)).toBeGreaterThanOrEqual(900)
  })

  it('lets other domains pass one whose commands fail while the probe succeeds', async () => {
    const { id, standIn } = await stand.cache('odd')
    await stand.domain('odd.test', [id])
    await stand.domain('even.test', [id])
    standIn.answer = (command) =>
      command.domain === 'odd.test'
        ? { kind: 'again', scope: 'cache', cause: 'unexpected', detail: 'HTTP 503' }
        : { kind: 'done' }
    const odd = await stand.purge('https://odd.test/a')
    const even = await stand.purge('https://even.test/a')
    await complete(even)
    await vi.waitFor(async () => {
      expect((await stand.task(odd)).caches).toMatchObject([
        { applied: 0, waits: { cause: 'unexpected', detail: 'HTTP 503' } },
      ])
    }, soon)
    standIn.answer = () => ({ kind: 'done' })
    await complete(odd)
    await vi.waitFor(async () => {
      const [side] = await db().$queryRaw<
        { count: number }[]
      >`select count(*)::int as count from lane where domain_id <> 0`
      expect(side?.count).toBe(0)
    }, soon)
    await complete(await stand.purge('https://odd.test/b'))
  })

  it('notes what a cache refuses for good, and the task says partly failed', async () => {
    const [fine, strict] = [await stand.cache('fine'), await stand.cache('strict')]
    await stand.domain('strict.test', [fine.id, strict.id])
    strict.standIn.answer = () => ({ kind: 'failed', cause: 'rejected', detail: 'not here', targets: [0] })
    const task = await stand.purge('https://strict.test/a')
    await vi.waitFor(async () => {
      expect(await stand.task(task)).toMatchObject({
        state: 'partial',
        hasFailed: true,
        caches: [{ failed: 0 }, { failed: 1, notes: { cause: 'rejected', detail: 'not here' } }],
      })
    }, soon)
  })

  it('ends the part of a cache that is removed, by name', async () => {
    const [stays, goes] = [await stand.cache('stays'), await stand.cache('goes')]
    await stand.domain('leaving.test', [stays.id, goes.id])
    goes.standIn.answer = () => refused
    const task = await stand.purge('https://leaving.test/a')
    await vi.waitFor(async () => expect((await stand.task(task)).caches[0]?.confirmed).toBe(1), soon)
    await removeCache(stand.caller, { id: goes.id })
    await vi.waitFor(async () => {
      const { state, caches } = await stand.task(task)
      expect(state).toBe('partial')
      expect(caches[1]).toMatchObject({ name: 'goes', failed: 1, notes: { cause: 'removed' } })
      // What it never took is not shown as taken.
      expect(caches[1]).toMatchObject({ applied: 0, confirmed: 0, appliedMs: null, confirmedMs: null })
    }, soon)
    await complete(await stand.purge('https://leaving.test/b'))
  })

  it('purges a whole domain on a cache that joins it later, and leaves earlier records alone', async () => {
    const [old, joining] = [await stand.cache('old'), await stand.cache('joining')]
    const { id } = await stand.domain('joined.test', [old.id])
    const before = await stand.purge('https://joined.test/a')
    await complete(before)
    await saveDomain(stand.caller, { id, name: 'joined.test', cacheIds: [old.id, joining.id] })
    await vi.waitFor(
      () => expect(joining.standIn.heard).toMatchObject([{ kind: 'everything', domain: 'joined.test' }]),
      soon,
    )
    expect(old.standIn.heard).toHaveLength(1)
    expect((await stand.task(before)).caches).toHaveLength(1)
  })
})

describe('a batch that a working cache does not take', () => {
  const odd: Outcome = { kind: 'again', scope: 'cache', cause: 'timeout', detail: 'no answer in time' }

  it('is halved until the target that nobody takes stands alone', async () => {
    const { id, standIn } = await stand.cache('poison')
    await stand.domain('poison.test', [id])
    await stand.domain('clean.test', [id])
    const isPoisoned = (command: Command) => command.targets.includes('/277')
    standIn.answerBatch = (commands) => (commands.some(isPoisoned) ? odd : undefined)
    const bad = await stand.purge(...Array.from({ length: 500 }, (_, at) => `https://poison.test/${at}`))
    const other = await stand.purge('https://clean.test/a')
    await complete(other)
    await vi.waitFor(() => {
      const taken = new Set(standIn.heard.flatMap((command) => command.targets))
      for (let at = 0; at < 500; at += 1) if (at !== 277) expect(taken).toContain(`/${at}`)
    }, soon)
    await vi.waitFor(async () => {
      expect(await stand.task(bad)).toMatchObject({
        state: 'pending',
        caches: [{ applied: 1, confirmed: 1, waits: { cause: 'timeout', detail: 'no answer in time' } }],
      })
    }, soon)
    // A later purge of the same domain is not held either.
    await stand.purge('https://poison.test/later')
    await vi.waitFor(() => expect(standIn.times('/later')).toBe(1), soon)
    standIn.answerBatch = () => undefined
    await complete(bad)
  })

  it('that is only too large goes through in parts', async () => {
    const { id, standIn } = await stand.cache('slow')
    await stand.domain('slow.test', [id])
    const targetsOf = (commands: readonly Command[]) => commands.flatMap(({ targets }) => targets).length
    standIn.answerBatch = (commands) => (targetsOf(commands) > 60 ? odd : undefined)
    await complete(await stand.purge(...Array.from({ length: 1000 }, (_, at) => `https://slow.test/${at}`)))
    expect(new Set(standIn.heard.flatMap((command) => command.targets)).size).toBe(1000)
  })
})

describe('the second pass of a hard purge', () => {
  it('is soft where the cache can, and hard for what is forbidden', async () => {
    const { id, standIn } = await stand.cache('twice', { kind: 'varnish' })
    await stand.domain('twice.test', [id])
    const modesOf = (target: string) =>
      standIn.heard.filter((command) => command.targets.includes(target)).map((command) => command.mode)
    await complete(await stand.purge('https://twice.test/usual'))
    await complete(await stand.submit({ text: 'https://twice.test/gone', forbidden: true }))
    await complete(await stand.submit({ text: 'https://twice.test/x.*', method: 'regex' }))
    expect(modesOf('/usual')).toEqual(['hard', 'soft'])
    expect(modesOf('/gone')).toEqual(['hard', 'hard'])
    expect(modesOf('/x.*')).toEqual(['hard', 'hard'])
  })
})

describe('a shared cache', () => {
  it('is purged under all of its names, and the record names them', async () => {
    const { id, standIn } = await stand.cache('shares')
    const first = await stand.domain('one.shared.test', [id])
    await stand.domain('two.shared.test', [id], { sharesWithId: first.id })
    const task = await stand.purge('https://two.shared.test/a')
    await complete(task)
    expect(standIn.heard.map(({ domain, targets }) => [domain, ...targets])).toEqual([
      ['two.shared.test', '/a'],
      ['one.shared.test', '/a'],
    ])
    expect(await stand.task(task)).toMatchObject({ domain: 'two.shared.test', also: ['one.shared.test'] })
  })
})

describe('what was once lost', () => {
  it('a final refusal on a side lane is noted', async () => {
    const { id, standIn } = await stand.cache('refuses')
    await stand.domain('refuses.test', [id])
    const answers: Outcome[] = [
      { kind: 'again', scope: 'domain', cause: 'unexpected', detail: 'HTTP 500' },
      { kind: 'failed', cause: 'rejected', detail: 'never', targets: [0] },
    ]
    standIn.answer = () => answers.shift() ?? { kind: 'done' }
    const task = await stand.purge('https://refuses.test/a')
    await tryCache(stand.caller, { id })
    await vi.waitFor(async () => {
      const { state, caches } = await stand.task(task)
      expect({ state, notes: caches[0]?.notes }).toEqual({
        state: 'failed',
        notes: { cause: 'rejected', detail: 'never' },
      })
    }, soon)
  })

  it('a cache that gets another address purges its domains whole there', async () => {
    const { id } = await stand.cache('moves')
    await stand.domain('moves.test', [id])
    await complete(await stand.purge('https://moves.test/a'))
    const moved = { name: 'moves', kind: 'edge', tier: 'edge', address: 'http://elsewhere:80' } as const
    await saveCache(stand.caller, { id, ...moved, secret: 'sixteen-characters' })
    await vi.waitFor(() => {
      expect(stand.at('http://elsewhere:80').heard).toMatchObject([
        { kind: 'everything', domain: 'moves.test' },
      ])
    }, soon)
  })

  it('a domain that is removed and added again is purged whole on the caches that join', async () => {
    const [before, after] = [await stand.cache('before'), await stand.cache('joins-again')]
    const { id } = await stand.domain('again.test', [before.id])
    await complete(await stand.purge('https://again.test/a'))
    await removeDomain(stand.caller, { id })
    await stand.domain('again.test', [before.id, after.id])
    await vi.waitFor(() => expect(after.standIn.heard).toMatchObject([{ kind: 'everything' }]), soon)
  })

  it('what a cache says cannot stop the others from being written', async () => {
    const { id, standIn } = await stand.cache('hostile')
    await stand.domain('hostile.test', [id])
    standIn.answer = () => ({ kind: 'failed', cause: 'rejected', detail: 'no\u0000\ud83d', targets: [0] })
    const task = await stand.purge('https://hostile.test/a')
    await vi.waitFor(async () => expect((await stand.task(task)).state).toBe('failed'), soon)
  })
})

describe('two workers', () => {
  it('share nothing: a dead one’s work is taken over, repeated and counted once', async () => {
    const { id, standIn } = await stand.cache('taken')
    await stand.domain('taken.test', [id])
    let release = () => {}
    const stuck = new Promise<void>((resolve) => {
      release = resolve
    })
    standIn.answer = async () => {
      await stuck
      return { kind: 'done' }
    }
    const task = await stand.purge('https://taken.test/a')
    await vi.waitFor(() => expect(standIn.times('/a')).toBe(1), soon)

    // The first worker hangs in its call, as a stopped process would, and its beats end.
    const [first] = stand.workers
    standIn.answer = () => ({ kind: 'done' })
    await stand.takeOver()
    await complete(task)
    expect(standIn.times('/a')).toBe(2)

    // It comes back with its old fence: what it now reports is not written.
    const lanes = () => db().$queryRaw<{ applied: bigint; fence: bigint }[]>`
      select applied, fence from lane where cache_id = ${id} and class = 0`
    const before = await lanes()
    release()
    await first?.stop()
    expect(await lanes()).toEqual(before)
    expect((await stand.task(task)).caches).toMatchObject([{ applied: 1, confirmed: 1 }])
  })
})

describe('a database that was away', () => {
  it('finds worker and listeners back at work', async () => {
    const { id } = await stand.cache('after')
    await stand.domain('after.test', [id])
    await complete(await stand.purge('https://after.test/1'))
    await db().$executeRaw`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    const again = await vi.waitFor(() => stand.purge('https://after.test/2'), soon)
    await complete(again)
  })
})

describe('under faults of every kind', () => {
  it('no task is complete before every cache has taken every target', async () => {
    const random = mulberry(20261122)
    const caches = [
      await stand.cache('chaos-1'),
      await stand.cache('chaos-2', { kind: 'varnish' }),
      await stand.cache('chaos-3'),
    ]
    const domains = ['c1.test', 'c2.test', 'c3.test', 'c4.test']
    for (const name of domains)
      await stand.domain(
        name,
        caches.map((cache) => cache.id),
      )
    const taken = caches.map(() => new Set<string>())
    let calm = false
    for (const [at, { standIn }] of caches.entries()) {
      standIn.answer = async (command) => {
        if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, random() * 30))
        const luck = calm ? 1 : random()
        if (luck < 0.1) return refused
        // An odd answer with a probe that succeeds: this domain goes to a side lane.
        if (luck < 0.25) return { kind: 'again', scope: 'cache', cause: 'unexpected', detail: 'HTTP 503' }
        if (luck < 0.3) return { kind: 'again', scope: 'domain', cause: 'count', detail: 'took 0 of 1' }
        for (const target of command.targets) taken[at]?.add(command.domain + target)
        return { kind: 'done' }
      }
    }
    const urls = new Map<string, string[]>()
    for (let at = 0; at < 60; at += 1) {
      const domain = domains[Math.floor(random() * domains.length)]
      const own = Array.from({ length: 1 + Math.floor(random() * 250) }, (_, n) => `${domain}/${at}/${n}`)
      urls.set(await stand.purge(...own.map((url) => `https://${url}`)), own)
      if (at % 5 === 0) for (const { id } of caches) await tryCache(stand.caller, { id })
    }
    const look = async () => {
      const states = await Promise.all([...urls.keys()].map((id) => stand.task(id)))
      for (const task of states) {
        if (task.state !== 'complete') continue
        const missing = taken.map((set) => urls.get(task.id)?.filter((url) => !set.has(url)) ?? [])
        expect({ task: task.id, missing }).toEqual({ task: task.id, missing: [[], [], []] })
      }
      return states.filter((task) => task.state === 'complete').length
    }
    for (let at = 0; at < 30; at += 1) {
      for (const { id } of caches) await tryCache(stand.caller, { id })
      await look()
    }
    calm = true
    await vi.waitFor(async () => expect(await look()).toBe(60), { timeout: 15_000, interval: 100 })
  }, 40_000)
})

/** A small seeded generator, so that a failure can be seen again. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
