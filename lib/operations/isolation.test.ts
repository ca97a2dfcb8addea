import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { closeStore } from '#lib/store/client.ts'
import { furnish, inventory, probe, probeNames } from './isolation-probes.ts'

await testDatabase()
afterAll(closeStore)

/** `npm run bench -- isolation` asks a hundred thousand times, of accounts at random. */
let accounts: Awaited<ReturnType<typeof furnish>>[]
let before: string[]

beforeAll(async () => {
  accounts = [await furnish(), await furnish(), await furnish()]
  before = await Promise.all(accounts.map(inventory))
})

describe('an account', () => {
  it.each(probeNames)('learns nothing of another by asking for %s', async (name) => {
    for (const of of accounts) {
      for (const other of accounts) {
        if (of === other) continue
        const { answer, leaks } = await probe(name, of, other)
        expect(leaks ? answer : '').toBe('')
        // It is as if it were not there.
        expect(answer).not.toMatch(/^(TypeError|Error|NoPermission)/)
      }
    }
  })

  it('has all that it had, whatever the others asked for', async () => {
    for (const [at, account] of accounts.entries()) {
      const now = JSON.parse(await inventory(account))
      const then = JSON.parse(before[at] ?? '')
      // Others may add what is theirs; of this one nothing is gone and nothing is another.
      expect(now).toEqual(then)
    }
  })
})
