import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { varnishAvailable } from '#lib/fleet/real-caches.ts'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { startTestOrigin, type TestOrigin } from '#lib/fleet/test-origin.ts'
import { closeStore } from '#lib/store/client.ts'
import { RaceFleet, type RaceOptions } from './race-fleet.ts'
import { Stand } from './test-stand.ts'

// The whole path: purges accepted by the operation, delivered by a worker with the real drivers to
// real caches, and visitors who ask all the while.

await testDatabase()
const stand = new Stand()
let origin: TestOrigin

beforeAll(async () => {
  origin = await startTestOrigin()
  await stand.setUp()
})
afterAll(async () => {
  await origin.stop()
  await closeStore()
})

const race = (options: RaceOptions) => new RaceFleet(stand, origin, options).run()

describe('of 200 fetches that race with a purge, once it is confirmed', () => {
  it('none leaves an old body in an edge behind a shield', async () => {
    expect(await race({ pop: 'edge', shield: 'edge' })).toEqual([])
  })

  it('some leave one there when nothing is sent twice', async () => {
    expect(await race({ pop: 'edge', shield: 'edge', echo: false })).not.toEqual([])
  })
})

describe.skipIf(!varnishAvailable())('the same with Varnish', () => {
  it('none leaves an old body in one that asks the origin', async () => {
    expect(await race({ pop: 'varnish' })).toEqual([])
  })

  it('none leaves one in a Varnish behind an edge', async () => {
    expect(await race({ pop: 'varnish', shield: 'edge' })).toEqual([])
  })

  it('none leaves one in an edge behind a Varnish', async () => {
    expect(await race({ pop: 'edge', shield: 'varnish' })).toEqual([])
  })

  it('some leave one behind a Varnish when nothing is sent twice', async () => {
    expect(await race({ pop: 'edge', shield: 'varnish', echo: false })).not.toEqual([])
  })
})
