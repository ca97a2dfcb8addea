import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Caller } from '#lib/core/caller.ts'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { closeStore, db, transaction } from '#lib/store/client.ts'
import { describeRefreshQuota } from './describe-refresh-quota.ts'
import { saveLimits } from './request-quota.ts'
import { saveCache } from './save-cache.ts'
import { saveDomain } from './save-domain.ts'

const databaseUrl = await testDatabase()
const atOnce = 32
/** How many of 64 submissions fit. */
const fitting = 20

const caller = await testOwner()

beforeAll(async () => {
  const cache = { name: 'one', kind: 'edge', address: 'http://one:80', tier: 'edge' } as const
  const { id } = await saveCache(caller, { ...cache, secret: 'sixteen-characters' })
  await saveDomain(caller, { name: 'a.test', cacheIds: [id] })
})
afterAll(closeStore)

/** A console of its own: once told to, it submits the same lines, each under another folder, many times at once. */
const program = `
  import { randomUUID } from 'node:crypto'
  import { refreshObjectCaches } from '#lib/operations/refresh-object-caches.ts'
  import { closeStore, db } from '#lib/store/client.ts'
  const [caller, paths] = JSON.parse(process.env.RACE)
  const submit = () => {
    const key = randomUUID()
    const text = paths.map((path) => 'https://a.test/' + key + path).join('\\n')
    return refreshObjectCaches(caller, { text, method: 'url', mode: 'hard', key })
  }
  await db().$queryRaw\`select 1\`
  console.log('ready')
  process.stdin.once('data', async () => {
    const ends = await Promise.allSettled(Array.from({ length: ${atOnce} }, submit))
    console.log(JSON.stringify(ends.map((end) => end.reason?.code ?? end.reason?.message ?? 'accepted')))
    await closeStore()
    process.exit()
  })
`

function startConsole(paths: string[]) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, DATABASE_URL: databaseUrl, RACE: JSON.stringify([caller, paths]) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const say = async () => String((await lines.next()).value)
  return {
    ready: say(),
    async go(): Promise<string[]> {
      child.stdin.write('go\n')
      return JSON.parse(await say())
    },
  }
}

/** What was charged, and what was written for it. */
async function totals(): Promise<Record<string, number>> {
  const { pools } = await describeRefreshQuota(caller, {})
  const used = (pool: string) => pools.find((state) => state.pool === pool)?.used ?? 0
  const [row] = await db().$queryRaw<Record<string, number>[]>`
    select (select count(*) from line where text not like '%/*')::int as urls,
      (select count(*) from line where text like '%/*')::int as directories,
      (select count(*) from submission_key)::int as submissions,
      (select coalesce(sum(c), 0) from rate_window, unnest(counts) c where pool = 'url')::int as minute`
  return { ...row, chargedUrls: used('url'), chargedDirectories: used('directory') }
}

it.each([
  ['URLs', ['/1', '/2'], 0],
  // Their directory is charged first, and given back where the URLs do not fit.
  ['URLs and a directory', ['/1', '/2', '/*'], fitting],
])(
  '64 submissions of %s at once, from two processes, use up a pool exactly, and a refused one uses nothing',
  async (_, paths, directories) => {
    const before = await totals()
    await saveLimits(caller, { perDay: { url: (before.chargedUrls ?? 0) + 2 * fitting } })
    const consoles = [startConsole(paths), startConsole(paths)]
    for (const each of consoles) expect(await each.ready).toBe('ready')
    const ends = (await Promise.all(consoles.map((each) => each.go()))).flat()
    expect(ends.filter((end) => end === 'accepted')).toHaveLength(fitting)
    expect(ends.filter((end) => end === 'QuotaExceeded.Refresh')).toHaveLength(2 * atOnce - fitting)

    const urls = 2 * fitting
    const after = Object.entries(await totals()).map(([name, count]) => [name, count - (before[name] ?? 0)])
    expect(Object.fromEntries(after)).toEqual({
      urls,
      chargedUrls: urls,
      minute: urls,
      directories,
      chargedDirectories: directories,
      submissions: fitting,
    })
  },
)
