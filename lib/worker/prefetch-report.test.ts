import { randomUUID } from 'node:crypto'
import { afterAll, expect, it } from 'vitest'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { preloadObjectCaches } from '#lib/operations/preload-object-caches.ts'
import { saveCache } from '#lib/operations/save-cache.ts'
import { saveDomain } from '#lib/operations/save-domain.ts'
import { closeStore, db } from '#lib/store/client.ts'
import type { Work } from './fetching.ts'
import { PrefetchReport } from './prefetch-report.ts'

await testDatabase()
const owner = await testOwner()
afterAll(closeStore)

it('the last bytes of a task are written, also when it ends while earlier ones are', async () => {
  const cache = { name: 'one', kind: 'edge', address: 'http://one:80', tier: 'edge' } as const
  const { id } = await saveCache(owner, { ...cache, secret: 'sixteen-characters' })
  await saveDomain(owner, { name: 'a.test', cacheIds: [id] })
  const { taskIds } = await preloadObjectCaches(owner, { text: 'https://a.test/film', key: randomUUID() })
  const entry = { taskId: taskIds[0] ?? '', firstOrdinal: 0 }
  const work = { entry, lane: { state: { cacheId: id } } } as unknown as Work
  const [report, request] = [new PrefetchReport(), {}]
  report.begin(work)
  report.bytes(work, request, '/film', 13, 21)
  report.commandEnded()
  const writing = report.settle()
  await Promise.resolve()
  await Promise.resolve()
  report.bytes(work, request, '/film', 21, 21)
  report.ended(work, request)
  report.line(work)
  report.forget(work)
  report.commandEnded()
  await writing
  await report.settle()
  report.close()
  expect(await db().$queryRaw`select lines, bytes::int from prefetch_progress`).toEqual([
    { lines: 1, bytes: 21 },
  ])
})
