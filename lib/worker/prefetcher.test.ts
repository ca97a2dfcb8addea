import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Fetched } from '#lib/drivers/driver.ts'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { listLines } from '#lib/operations/describe-refresh-tasks.ts'
import { closeStore, db } from '#lib/store/client.ts'
import { Stand, type StandIn } from './test-stand.ts'

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

const soon = { timeout: 10_000, interval: 20 }
const kept: Fetched = { is: 'kept', hit: false, bytes: 5 }
const settings = (more: NonNullable<Parameters<typeof stand.domain>[2]>['settings']) => ({ settings: more })

async function ends(taskId: string, state: string): Promise<void> {
  await vi.waitFor(async () => expect((await stand.task(taskId)).state).toBe(state), soon)
}

const targetsOf = (standIn: StandIn) => standIn.fetched.map((fetch) => fetch.target)

/** A fetch that a test lets end. */
function held() {
  let end = (_: Fetched) => {}
  const ended = new Promise<Fetched>((resolve) => {
    end = resolve
  })
  return { ended, end: (fetched: Fetched = kept) => end(fetched) }
}

describe('a prefetch', () => {
  it('fetches each URL once with the vendor’s header, and says when it is there', async () => {
    const { id, standIn } = await stand.cache('simple')
    await stand.domain('simple.test', [id])
    const task = await stand.prefetch('https://simple.test/a', 'https://simple.test/b?c')
    await ends(task, 'complete')
    expect(standIn.fetched).toMatchObject([
      { domain: 'simple.test', target: '/a', headers: [['Accept-Encoding', 'gzip']] },
      { domain: 'simple.test', target: '/b?c' },
    ])
    const { caches, queuedBefore } = await stand.task(task)
    expect(caches).toMatchObject([{ applied: 1, confirmed: 1, failed: 0, waits: null }])
    expect(queuedBefore).toBeNull()
    expect(caches[0]?.fetch).toMatchObject({ lines: 2, running: [] })
  })

  it('has failed when every URL has, each for a reason of its own', async () => {
    const { id, standIn } = await stand.cache('all-missing')
    await stand.domain('missing.test', [id])
    standIn.fetch = ({ target }) => ({ is: 'status', status: target === '/gone' ? 410 : 404 })
    await ends(await stand.prefetch('https://missing.test/gone', 'https://missing.test/a'), 'failed')
    await ends(await stand.prefetch('https://missing.test/b'), 'failed')
  })

  it('sends the credentials that a domain allows, which nobody reads again', async () => {
    const { id, standIn } = await stand.cache('credentials')
    const secret = 'Bearer only-for-the-origin'
    await stand.domain(
      'credentials.test',
      [id],
      settings({ headers: `Authorization: ${secret}\nAccept: a/b`, allowCredentials: true }),
    )
    const task = await stand.prefetch('https://credentials.test/a')
    await ends(task, 'complete')
    expect(standIn.fetched[0]?.headers).toEqual([
      ['Authorization', secret],
      ['Accept', 'a/b'],
    ])
    expect((await stand.task(task)).headers).toEqual([
      [
        ['Authorization', '(hidden)'],
        ['Accept', 'a/b'],
      ],
    ])
    const everywhere = await db().$queryRaw<{ text: string }[]>`
      select to_jsonb(d)::text as text from domain d union all select to_jsonb(t)::text from task t
      union all select to_jsonb(a)::text from audit a`
    expect(everywhere.map(({ text }) => text).join()).not.toContain('only-for-the-origin')
  })

  it('fetches a URL by every header set of its domain', async () => {
    const { id, standIn } = await stand.cache('variants')
    await stand.domain(
      'variants.test',
      [id],
      settings({ headers: 'Accept-Language: de\n\nAccept-Language: fr' }),
    )
    await ends(await stand.prefetch('https://variants.test/a'), 'complete')
    expect(standIn.fetched.map((fetch) => fetch.headers)).toEqual([
      [['Accept-Language', 'de']],
      [['Accept-Language', 'fr']],
    ])
  })

  it('goes to shields first, and edges do not ask for what no shield could fetch', async () => {
    const shield = await stand.cache('p-shield', { tier: 'shield' })
    const edge = await stand.cache('p-edge')
    await stand.domain('tiers.test', [shield.id, edge.id])
    const slow = held()
    shield.standIn.fetch = ({ target }) =>
      target === '/missing' ? { is: 'status', status: 404 } : target === '/slow' ? slow.ended : kept
    const task = await stand.prefetch(
      'https://tiers.test/slow',
      'https://tiers.test/missing',
      'https://tiers.test/b',
    )
    await vi.waitFor(() => expect(targetsOf(shield.standIn)).toHaveLength(3), soon)
    expect(edge.standIn.fetched).toEqual([])
    slow.end()
    await ends(task, 'partial')
    expect(targetsOf(edge.standIn).sort()).toEqual(['/b', '/slow'])
    const lines = await listLines(stand.caller, { taskId: task })
    expect(lines.map((line) => line.misses)).toMatchObject([
      [],
      [
        { cacheId: shield.id, state: 'failed', cause: 'origin-status', detail: 'HTTP 404' },
        { cacheId: edge.id, state: 'failed', cause: 'shield-failed', detail: 'HTTP 404' },
      ],
      [],
    ])
  })

  it('leaves the edges out where the domain says so', async () => {
    const shield = await stand.cache('only-shield', { tier: 'shield' })
    const edge = await stand.cache('left-out')
    await stand.domain('shields.test', [shield.id, edge.id], settings({ prefetchEdges: false }))
    const task = await stand.prefetch('https://shields.test/a')
    await ends(task, 'complete')
    expect(edge.standIn.fetched).toEqual([])
    expect((await stand.task(task)).caches).toMatchObject([{ name: 'only-shield' }])
  })

  it('warns of what a cache does not keep, and is complete', async () => {
    const { id, standIn } = await stand.cache('forgetful')
    await stand.domain('forgetful.test', [id])
    standIn.fetch = () => ({ is: 'not-kept', bytes: 9, detail: 'Cache-Control: no-store' })
    const task = await stand.prefetch('https://forgetful.test/a')
    await ends(task, 'complete')
    expect((await stand.task(task)).caches).toMatchObject([
      { failed: 0, notes: { cause: 'not-kept', detail: 'Cache-Control: no-store' }, fetch: { degraded: 1 } },
    ])
  })

  it('says of each line why it failed', async () => {
    const { id, standIn } = await stand.cache('failing')
    await stand.domain('failing.test', [id])
    const answers: Record<string, Fetched> = {
      '/404': { is: 'status', status: 404 },
      '/410': { is: 'status', status: 410 },
      '/307': { is: 'status', status: 307, location: '/elsewhere' },
      '/big': { is: 'broken', cause: 'oversized', bytes: 9, detail: 'too long' },
    }
    standIn.fetch = ({ target }) => answers[target] ?? kept
    const paths = [...Object.keys(answers), '/fine']
    const task = await stand.prefetch(...paths.map((path) => `https://failing.test${path}`))
    await ends(task, 'partial')
    const lines = await listLines(stand.caller, { taskId: task })
    expect(lines.map((line) => line.misses.map(({ cause, detail }) => `${cause}: ${detail}`))).toEqual([
      ['origin-status: HTTP 404'],
      ['origin-status: HTTP 410'],
      ['redirect: HTTP 307 to /elsewhere'],
      ['oversized: too long'],
      [],
    ])
    expect((await stand.task(task)).caches).toMatchObject([{ failed: 4 }])
  })

  it('tries an origin that is busy again, when it asks to be', async () => {
    const { id, standIn } = await stand.cache('busy')
    await stand.domain('busy.test', [id])
    const answers: Fetched[] = [{ is: 'status', status: 503, retryAfterMs: 50 }]
    standIn.fetch = () => answers.shift() ?? kept
    await ends(await stand.prefetch('https://busy.test/a'), 'complete')
    expect(standIn.fetched).toHaveLength(2)
  })

  it('follows a redirect only where the domain says so, and not out of the account', async () => {
    const { id, standIn } = await stand.cache('redirects')
    await stand.domain('stays.test', [id])
    await stand.domain('follows.test', [id], settings({ followRedirects: true }))
    standIn.fetch = ({ target }) =>
      target === '/moved'
        ? { is: 'status', status: 301, location: 'https://stays.test/new?x' }
        : target === '/out'
          ? { is: 'status', status: 302, location: 'https://nobody.test/' }
          : kept
    await ends(await stand.prefetch('https://stays.test/moved'), 'failed')
    await ends(await stand.prefetch('https://follows.test/moved'), 'complete')
    expect(standIn.fetched.at(-1)).toMatchObject({ domain: 'stays.test', target: '/new?x' })
    await ends(await stand.prefetch('https://follows.test/out'), 'failed')
  })

  it('waits for a cache that is away, and names it', async () => {
    const { id, standIn } = await stand.cache('gone')
    await stand.domain('gone.test', [id])
    standIn.fetch = () => ({ is: 'unreachable', cause: 'unreachable', detail: 'ECONNREFUSED' })
    const task = await stand.prefetch('https://gone.test/a')
    await vi.waitFor(async () => {
      expect((await stand.task(task)).caches).toMatchObject([
        { waits: { cause: 'unreachable', detail: 'ECONNREFUSED' } },
      ])
    }, soon)
    standIn.fetch = () => kept
    await ends(task, 'complete')
  })

  it('shows how many URLs come before it', async () => {
    const { id, standIn } = await stand.cache('queue')
    await stand.domain('queue.test', [id], settings({ originAtOnce: 1 }))
    const first = held()
    standIn.fetch = ({ target }) => (target === '/0' ? first.ended : kept)
    const before = await stand.prefetch(...Array.from({ length: 30 }, (_, at) => `https://queue.test/${at}`))
    const after = await stand.prefetch('https://queue.test/last')
    await vi.waitFor(() => expect(standIn.fetched).toHaveLength(1), soon)
    expect((await stand.task(before)).queuedBefore).toBe(0)
    expect((await stand.task(after)).queuedBefore).toBe(30)
    first.end()
    await ends(after, 'complete')
    expect(targetsOf(standIn)).toEqual([...Array.from({ length: 30 }, (_, at) => `/${at}`), '/last'])
  })
})

describe('purges and prefetches of one domain', () => {
  it('a prefetch begins when the purges before it are confirmed at its cache and its shields', async () => {
    const shield = await stand.cache('gate-shield', { tier: 'shield' })
    const edge = await stand.cache('gate-edge')
    await stand.domain('gate.test', [shield.id, edge.id])
    edge.standIn.answer = () => ({ kind: 'again', scope: 'cache', cause: 'unreachable', detail: '' })
    const purge = await stand.submit({ text: 'https://gate.test/a', thenPrefetch: true })
    await vi.waitFor(() => expect(targetsOf(shield.standIn)).toEqual(['/a']), soon)
    expect(edge.standIn.fetched).toEqual([])
    edge.standIn.answer = () => ({ kind: 'done' })
    await ends(purge, 'complete')
    await vi.waitFor(() => expect(targetsOf(edge.standIn)).toEqual(['/a']), soon)
  })

  it('a purge does not wait for a prefetch', async () => {
    const { id, standIn } = await stand.cache('free')
    await stand.domain('free.test', [id])
    const slow = held()
    standIn.fetch = () => slow.ended
    const prefetch = await stand.prefetch('https://free.test/a')
    await vi.waitFor(() => expect(standIn.fetched).toHaveLength(1), soon)
    await ends(await stand.purge('https://free.test/b'), 'complete')
    slow.end()
    await ends(prefetch, 'complete')
  })

  it('what a purge covers while it is fetched is fetched again once the purge is confirmed', async () => {
    const { id, standIn } = await stand.cache('again')
    await stand.domain('again.test', [id])
    const [first, other] = [held(), held()]
    const fetches: Record<string, Promise<Fetched>[]> = { '/a': [first.ended], '/b': [other.ended] }
    standIn.fetch = ({ target }) => fetches[target]?.shift() ?? kept
    const prefetch = await stand.prefetch('https://again.test/a', 'https://again.test/b')
    await vi.waitFor(() => expect(standIn.fetched).toHaveLength(2), soon)
    await ends(await stand.purge('https://again.test/a'), 'complete')
    first.end()
    other.end()
    await ends(prefetch, 'complete')
    expect(targetsOf(standIn)).toEqual(['/a', '/b', '/a'])
  })

  it('a prefetch fails where the purge before it failed', async () => {
    const { id, standIn } = await stand.cache('refusing')
    await stand.domain('refusing.test', [id])
    standIn.answer = () => ({ kind: 'failed', cause: 'rejected', detail: 'never', targets: [0] })
    const text = 'https://refusing.test/a\nhttps://refusing.test/b'
    const purge = await stand.submit({ text, thenPrefetch: true })
    await ends(purge, 'partial')
    const { submissionId } = await stand.task(purge)
    await vi.waitFor(async () => {
      const prefetch = (await stand.tasksOf(submissionId)).find((task) => task.operation === 'prefetch')
      expect(prefetch).toMatchObject({
        state: 'partial',
        caches: [{ failed: 1, notes: { cause: 'purge-failed' } }],
      })
    }, soon)
    expect(targetsOf(standIn)).toEqual(['/b'])
  })
})

describe('one slow domain', () => {
  it('holds no other domain’s prefetch or purge on the same cache', async () => {
    const { id, standIn } = await stand.cache('shared-pop')
    await stand.domain('dead.test', [id], {
      origin: 'http://dead.origin.test',
      settings: { originPerSecond: 100_000 },
    })
    await stand.domain('alive.test', [id], { origin: 'http://alive.origin.test' })
    const dead = held()
    standIn.fetch = ({ domain }) => (domain === 'dead.test' ? dead.ended : kept)
    standIn.answer = (command) =>
      command.domain === 'dead.test'
        ? { kind: 'again', scope: 'domain', cause: 'unexpected', detail: 'HTTP 503' }
        : { kind: 'done' }
    // More than the lane's window and than the cache's connections, and purges besides.
    const waiting = await stand.prefetch(
      ...Array.from({ length: 2000 }, (_, at) => `https://dead.test/${at}`),
    )
    await stand.purge(...Array.from({ length: 1000 }, (_, at) => `https://dead.test/p${at}`))
    await ends(await stand.purge('https://alive.test/a'), 'complete')
    await ends(await stand.prefetch('https://alive.test/a', 'https://alive.test/b'), 'complete')
    expect((await stand.task(waiting)).state).toBe('pending')
    standIn.answer = () => ({ kind: 'done' })
    standIn.fetch = () => kept
    dead.end()
    await ends(waiting, 'complete')
  })
})

describe('a worker that takes prefetches over', () => {
  it('fetches what was not over, and the task ends once', async () => {
    const { id, standIn } = await stand.cache('handed')
    await stand.domain('handed.test', [id])
    const stuck = held()
    standIn.fetch = () => stuck.ended
    const task = await stand.prefetch('https://handed.test/a')
    await vi.waitFor(() => expect(standIn.fetched).toHaveLength(1), soon)
    standIn.fetch = () => kept
    await stand.takeOver()
    await ends(task, 'complete')
    expect(standIn.fetched).toHaveLength(2)
    stuck.end()
  })
})
