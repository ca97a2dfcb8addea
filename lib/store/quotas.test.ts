import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultLimits } from '#lib/core/quota.ts'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { closeStore, db, transaction } from './client.ts'
import { insertDomain } from './domains.ts'
import { dueOf } from './quotas.ts'

await testDatabase()
const { accountId } = await testOwner()
const limits = { ...defaultLimits, perMinute: { url: 100, directory: 100 } }
let domainId: number

beforeAll(async () => {
  domainId = await transaction((tx) => insertDomain(tx, accountId, { name: 'a.test', origin: '' }))
})
afterAll(closeStore)

const forget = () => db().$executeRaw`delete from rate_window`
/** @returns what is left where it is too little, or nothing */
async function use(second: number, lines: number): Promise<number | undefined> {
  const minutes = [{ domainId, pool: 'url' as const, lines }]
  const due = dueOf({ accountId, limits }, { tasks: 1, minutes, days: new Map() })
  const [row] = await db().$queryRaw<{ short: { left: number } | null }[]>`
    select charge(${due}::jsonb, ${new Date(second * 1_000)}) as short`
  return row?.short?.left
}

describe('a minute', () => {
  it('never holds more than its limit, wherever it begins', async () => {
    const uses = fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 40 })), {
      minLength: 10,
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(uses, async (steps) => {
        await forget()
        let second = 1_000
        const taken: { second: number; lines: number }[] = []
        for (const [later, lines] of steps) {
          second += later
          if ((await use(second, lines)) === undefined) taken.push({ second, lines })
        }
        for (const { second: start } of taken) {
          const within = taken.filter((each) => each.second >= start && each.second <= start + 60)
          expect(within.reduce((sum, each) => sum + each.lines, 0)).toBeLessThanOrEqual(100)
        }
      }),
      { numRuns: 15 },
    )
  })

  it('says what is left, and frees what was used a minute ago', async () => {
    await forget()
    expect(await use(10, 70)).toBeUndefined()
    expect(await use(40, 31)).toBe(30)
    expect(await use(70, 31)).toBe(30)
    expect(await use(5, 31)).toBe(30)
    expect(await use(71, 100)).toBeUndefined()
  })
})

it('a day that is used up is said before a minute that is', async () => {
  const none = { ...limits, perDay: { ...limits.perDay, url: 0 } }
  const minutes = [{ domainId, pool: 'url' as const, lines: 101 }]
  const due = dueOf({ accountId, limits: none }, { tasks: 1, minutes, days: new Map([['url', 101]]) })
  const [row] = await db().$queryRaw<{ short: object }[]>`select charge(${due}::jsonb, now()) as short`
  expect(row?.short).toMatchObject({ is: 'day', pool: 'url', most: 0, used: 0 })
})
