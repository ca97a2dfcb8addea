import { expect, it } from 'vitest'
import { type Caller, noRequest } from './caller.ts'
import { evaluate, type SystemPolicy } from './policy.ts'

const caller = (...policies: SystemPolicy[]): Caller => ({
  accountId: 1,
  userId: 2,
  name: 'ines',
  role: 'user',
  policies,
  source: 'console',
  ...noRequest,
  address: '',
})
const domain = 'acs:dcdn:*:1:domain/www.example.com'

it.each<[SystemPolicy, string, boolean]>([
  ['FreshetFullAccess', 'dcdn:RefreshDcdnObjectCaches', true],
  ['FreshetFullAccess', 'freshet:SaveUser', true],
  ['FreshetPurgeAndPrefetchAccess', 'dcdn:RefreshDcdnObjectCaches', true],
  ['FreshetPurgeAndPrefetchAccess', 'DCDN:preloaddcdnobjectcaches', true],
  ['FreshetPurgeAndPrefetchAccess', 'freshet:SaveCache', false],
  ['FreshetPurgeAndPrefetchAccess', 'freshet:SaveUser', false],
  ['FreshetReadOnlyAccess', 'dcdn:DescribeDcdnRefreshTasks', true],
  ['FreshetReadOnlyAccess', 'freshet:ListCaches', true],
  ['FreshetReadOnlyAccess', 'dcdn:RefreshDcdnObjectCaches', false],
  ['FreshetReadOnlyAccess', 'freshet:TryCache', false],
])('%s on %s: %s', (policy, action, allowed) => {
  expect(evaluate(caller(policy), action, [domain]).allowed).toBe(allowed)
  expect(evaluate(caller(policy), action, []).allowed).toBe(allowed)
})

it('refuses who has no policy, and names action, resource and policies', () => {
  expect(evaluate(caller(), 'dcdn:DescribeDcdnRefreshTasks', ['*']).allowed).toBe(false)
  expect(evaluate(caller('FreshetReadOnlyAccess'), 'freshet:SaveCache', [domain])).toEqual({
    allowed: false,
    details: { action: 'freshet:SaveCache', resource: domain, policies: 'FreshetReadOnlyAccess' },
  })
})

it('does not ask policies of an owner or of the system', () => {
  expect(evaluate({ ...caller(), role: 'owner' }, 'freshet:SaveUser', ['*']).allowed).toBe(true)
  expect(evaluate({ ...caller(), role: 'system' }, 'freshet:SaveUser', ['*']).allowed).toBe(true)
})
