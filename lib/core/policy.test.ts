import { describe, expect, it } from 'vitest'
import { actionNames, actions } from './actions.ts'
import { type Caller, noRequest } from './caller.ts'
import {
  type Asked,
  coveredDomains,
  evaluate,
  explain,
  mayAnywhere,
  pathTest,
  type Reach,
  reachOf,
  type Standing,
  summarise,
} from './policy.ts'
import type { Statement } from './policy-document.ts'
import { attachedSystem, type SystemPolicy } from './system-policies.ts'

const noon = Date.parse('2026-07-15T12:00:00Z') // a Wednesday
const purge = 'dcdn:RefreshDcdnObjectCaches'
const domain = (name: string) => `acs:dcdn:*:1:domain/${name}`
const www = domain('www.example.com')

const caller = (...policies: Caller['policies']): Caller => ({
  accountId: 1,
  userId: 2,
  name: 'ines',
  role: 'user',
  policies,
  source: 'console',
  ...noRequest,
  address: '192.0.2.7',
})

type Short = { deny?: true } & Omit<Statement, 'Effect'>
const attached = (...short: Short[]): Caller['policies'][number] => ({
  name: 'own',
  group: 'editors',
  document: {
    Version: '1',
    Statement: short.map(({ deny, ...rest }) => ({ Effect: deny ? 'Deny' : 'Allow', ...rest })),
  },
})
const all = { Action: ['*'], Resource: ['*'] }
const having = (...short: Short[]) => caller(attached(...short))
const isAllowed = (short: Short[], asked: string | Asked, action = purge) =>
  evaluate(having(...short), action, [asked], noon).allowed

describe('a system policy', () => {
  const withSystem = (policy: SystemPolicy) => caller(...attachedSystem([policy]))

  it.each<[SystemPolicy, string, boolean]>([
    ['FreshetFullAccess', purge, true],
    ['FreshetFullAccess', 'freshet:SaveUser', true],
    ['FreshetPurgeAndPrefetchAccess', purge, true],
    ['FreshetPurgeAndPrefetchAccess', 'DCDN:preloaddcdnobjectcaches', true],
    ['FreshetPurgeAndPrefetchAccess', 'freshet:RequestAccess', true],
    ['FreshetPurgeAndPrefetchAccess', 'freshet:SaveCache', false],
    ['FreshetPurgeAndPrefetchAccess', 'freshet:SaveUser', false],
    ['FreshetReadOnlyAccess', 'dcdn:DescribeDcdnRefreshTasks', true],
    ['FreshetReadOnlyAccess', 'dcdn:DescribeDcdnUserQuota', true],
    ['FreshetReadOnlyAccess', 'freshet:ListCaches', true],
    ['FreshetReadOnlyAccess', 'freshet:RequestAccess', true],
    ['FreshetReadOnlyAccess', 'freshet:ListAudit', false],
    ['FreshetReadOnlyAccess', 'freshet:ListAccessKeys', false],
    ['FreshetReadOnlyAccess', 'freshet:ListAccessRequests', false],
    ['FreshetReadOnlyAccess', purge, false],
    ['FreshetReadOnlyAccess', 'freshet:TryCache', false],
    ['FreshetAuditorAccess', 'freshet:ExportAudit', true],
    ['FreshetAuditorAccess', 'freshet:ListAccessKeys', true],
    ['FreshetUserAdminAccess', 'freshet:DecideAccess', true],
    ['FreshetUserAdminAccess', 'freshet:EndSession', true],
    ['FreshetUserAdminAccess', purge, false],
  ])('%s on %s: %s', (policy, action, allowed) => {
    expect(evaluate(withSystem(policy), action, [www]).allowed).toBe(allowed)
    expect(evaluate(withSystem(policy), action, []).allowed).toBe(allowed)
  })

  it('for auditors changes nothing', () => {
    const writes = actionNames.filter((name) => actions[name].level === 'write')
    expect(writes.filter((name) => mayAnywhere(withSystem('FreshetAuditorAccess'), name))).toEqual([])
  })
})

describe('a decision', () => {
  it('is no where nothing allows it, and says what was asked', () => {
    expect(evaluate(caller(), purge, ['*'])).toEqual({
      allowed: false,
      at: 0,
      denial: 'ImplicitDeny',
      by: null,
    })
    const one = having({ Action: [purge], Resource: [www] })
    expect(evaluate(one, purge, [www, domain('b.test')])).toMatchObject({ allowed: false, at: 1 })
  })

  it('names the statement that allows or denies, and its group', () => {
    const by = (statement: number) => ({ policy: 'own', statement, group: 'editors' })
    const one = having(all, { deny: true, Action: ['dcdn:preload*'], Resource: ['*'] })
    expect(evaluate(one, purge, [www])).toEqual({ allowed: true, by: by(0) })
    expect(evaluate(one, 'dcdn:PreloadDcdnObjectCaches', [www])).toEqual({
      allowed: false,
      at: 0,
      denial: 'ExplicitDeny',
      by: by(1),
    })
  })

  it('is no by a Deny of one policy whatever another one allows', () => {
    const deny = attached({ ...all, deny: true })
    expect(evaluate(caller(...attachedSystem(['FreshetFullAccess']), deny), purge, [www])).toMatchObject({
      denial: 'ExplicitDeny',
    })
  })

  it('is yes for an owner and for the system whatever is attached', () => {
    const denied = having({ ...all, deny: true })
    for (const role of ['owner', 'system'] as const)
      expect(evaluate({ ...denied, role }, 'freshet:SaveUser', ['*'])).toEqual({ allowed: true, by: null })
  })
})

describe('names', () => {
  it.each<[string, Short, string, boolean]>([
    ['an action in any case', { ...all, Action: ['DCDN:refresh*'] }, www, true],
    ['an action with ?', { ...all, Action: ['dcdn:RefreshDcdnObjectCache?'] }, www, true],
    ['an action that is too short', { ...all, Action: ['dcdn:RefreshDcdnObjectCache'] }, www, false],
    ['all actions but others', { NotAction: ['freshet:*'], Resource: ['*'] }, www, true],
    ['all actions but this', { NotAction: ['dcdn:*'], Resource: ['*'] }, www, false],
    ['a resource in every part', { ...all, Resource: ['acs:*:*:*:domain/*.example.com'] }, www, true],
    ['a resource with ?', { ...all, Resource: ['acs:dcdn:*:1:domain/ww?.example.com'] }, www, true],
    ['a resource in another case', { ...all, Resource: [domain('WWW.example.com')] }, www, false],
    ['a resource of another account', { ...all, Resource: ['acs:dcdn:*:2:domain/*'] }, www, false],
    ['a resource of a region', { ...all, Resource: ['acs:dcdn:cn-x:1:domain/*'] }, www, false],
    ['all resources but this', { Action: ['*'], NotResource: [www] }, www, false],
    ['all resources but others', { Action: ['*'], NotResource: [domain('b.test')] }, www, true],
    ['a part of a pattern that is asked', { ...all, Resource: [www] }, domain('*'), false],
    ['the whole of a pattern that is asked', { ...all, Resource: [domain('*')] }, domain('*'), true],
  ])('%s', (_, statement, asked, allowed) => {
    expect(isAllowed([statement], asked)).toBe(allowed)
  })
})

describe('a condition', () => {
  const when = (Condition: Statement['Condition'] = {}) => ({ ...all, Condition })
  const asked: Asked = {
    resource: www,
    method: 'url',
    mode: 'hard',
    lineCount: 10,
    caches: ['fra1', 'ams1'],
    reaches: [{ path: '/a', wide: false }],
  }

  it.each<[string, Record<string, Record<string, string[]>>, boolean]>([
    ['any of its values', { StringEquals: { 'freshet:Method': ['tag', 'url'] } }, true],
    ['none of its values', { StringEquals: { 'freshet:Method': ['tag'] } }, false],
    [
      'a negated one with a value that fits',
      { StringNotEquals: { 'freshet:Method': ['tag', 'url'] } },
      false,
    ],
    ['a negated one with none', { StringNotEquals: { 'freshet:Method': ['tag', 'regex'] } }, true],
    ['case', { StringEquals: { 'freshet:Mode': ['HARD'] } }, false],
    ['no case', { StringEqualsIgnoreCase: { 'freshet:Mode': ['HARD'] } }, true],
    ['no case, negated', { StringNotEqualsIgnoreCase: { 'freshet:Mode': ['HARD'] } }, false],
    ['an asterisk that is none', { StringEquals: { 'freshet:Mode': ['ha*'] } }, false],
    ['an asterisk', { StringLike: { 'freshet:Mode': ['ha*'] } }, true],
    ['a number below', { NumericLessThan: { 'freshet:LineCount': ['10'] } }, false],
    ['a number at most', { NumericLessThanEquals: { 'freshet:LineCount': ['10'] } }, true],
    ['a number above', { NumericGreaterThan: { 'freshet:LineCount': ['9.5'] } }, true],
    ['a number at least', { NumericGreaterThanEquals: { 'freshet:LineCount': ['11'] } }, false],
    ['another number', { NumericNotEquals: { 'freshet:LineCount': ['10'] } }, false],
    ['a later date', { DateLessThan: { 'acs:CurrentTime': ['2026-07-15T20:00:01+08:00'] } }, true],
    ['an earlier date', { DateLessThan: { 'acs:CurrentTime': ['2026-07-15'] } }, false],
    ['the same moment', { DateEquals: { 'acs:CurrentTime': ['2026-07-15T20:00+08:00'] } }, true],
    ['its day', { StringEquals: { 'freshet:Weekday': ['mon', 'wed'] } }, true],
    ['another day', { StringEquals: { 'freshet:Weekday': ['sat', 'sun'] } }, false],
    ['TLS', { Bool: { 'acs:SecureTransport': ['true'] } }, false],
    ['no MFA', { Bool: { 'acs:MFAPresent': ['False'] } }, true],
    ['a network', { IpAddress: { 'acs:SourceIp': ['10.0.0.0/8', '192.0.2.0/24'] } }, true],
    ['an address', { IpAddress: { 'acs:SourceIp': ['192.0.2.8'] } }, false],
    ['no network', { NotIpAddress: { 'acs:SourceIp': ['192.0.2.0/24'] } }, false],
    [
      'two keys of which one fails',
      { StringEquals: { 'freshet:Method': ['url'], 'freshet:Mode': ['soft'] } },
      false,
    ],
    [
      'two operators of which one fails',
      {
        StringEquals: { 'freshet:Method': ['url'] },
        NumericLessThan: { 'freshet:LineCount': ['5'] },
      },
      false,
    ],
    ['a key that no request has', { StringEquals: { 'acs:SourceVpc': ['vpc-1'] } }, false],
    ['a key that no request has, negated', { StringNotEquals: { 'acs:SourceVpc': ['vpc-1'] } }, false],
  ])('asks for %s', (_, condition, holds) => {
    expect(isAllowed([when(condition)], asked)).toBe(holds)
    // It is the same for a Deny.
    expect(isAllowed([all, { ...when(condition), deny: true }], asked)).toBe(!holds)
  })

  it.each(['freshet:Method', 'freshet:Mode', 'freshet:Path', 'freshet:Cache'])(
    'on %s does not hold where the request has none, negated or not',
    (key) => {
      for (const operator of ['StringLike', 'StringNotLike'])
        for (const deny of [true, undefined])
          expect(
            explain(
              having({ ...when({ [operator]: { [key]: ['*'] } }), ...(deny && { deny }) }),
              purge,
              { resource: www },
              noon,
            ).considered,
          ).toMatchObject([{ applies: false, failed: [key] }])
    },
  )

  it.each<[string, string, boolean]>([
    ['2001:db8::/32', '2001:db8:0:1::9', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['192.0.2.0/24', '::ffff:192.0.2.200', true],
    ['::ffff:192.0.2.0/120', '192.0.2.200', true],
    ['192.0.2.0/24', '::192.0.2.200', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.77/31', '192.0.2.76', true],
    ['192.0.2.0/24', '', false],
    ['192.0.2.0/24', 'localhost', false],
  ])('on addresses of %s for %s: %s', (range, address, holds) => {
    const one = { ...having(when({ IpAddress: { 'acs:SourceIp': [range] } })), address }
    expect(evaluate(one, purge, [asked]).allowed).toBe(holds)
  })
})

describe('what is reached', () => {
  const onPath = (operator: string, ...paths: string[]): Statement['Condition'] => ({
    [operator]: { 'freshet:Path': paths },
  })
  const exact = (path: string): Reach => ({ path, wide: false })
  const under = (path: string): Reach => ({ path, wide: true })

  // Whether an Allow with the condition is enough for it, and whether a Deny with it refuses it.
  it.each<[Statement['Condition'], Reach, boolean, boolean]>([
    [onPath('StringLike', '/live/*'), exact('/live/a'), true, true],
    [onPath('StringLike', '/live/*'), exact('/live'), false, false],
    [onPath('StringLike', '/live/*'), under('/live/'), true, true],
    [onPath('StringLike', '/live/*'), under('/live/a/'), true, true],
    [onPath('StringLike', '/live/*'), under('/'), false, true],
    [onPath('StringLike', '/live/*'), under('/dead/'), false, false],
    [onPath('StringLike', '/live/secret/*'), under('/live/'), false, true],
    [onPath('StringLike', '*.jpg'), under('/live/'), false, true],
    [onPath('StringLike', '*.jpg'), exact('/live/a.jpg'), true, true],
    [onPath('StringLike', '/live/*.jpg'), under('/live/a/'), false, true],
    [onPath('StringLike', '/*/live/*'), under('/a/live/'), true, true],
    [onPath('StringLike', '/*/live/*'), under('/a/'), false, true],
    [onPath('StringLike', '/live/*?'), under('/live/a/'), true, true],
    [onPath('StringLike', '/live/*?'), under('/live/'), false, true],
    [onPath('StringLike', '/?'), under('/ab/'), false, false],
    [onPath('StringLike', '/dead/*', '/live/*'), under('/live/'), true, true],
    [onPath('StringEquals', '/live/'), under('/live/'), false, true],
    [onPath('StringEquals', '/live/a'), under('/live/'), false, true],
    [onPath('StringEquals', '/live/a'), under('/live/a/'), false, false],
    [onPath('StringNotLike', '/live/*'), under('/live/'), false, false],
    [onPath('StringNotLike', '/live/*'), under('/'), false, true],
    [onPath('StringNotLike', '/live/*'), under('/dead/'), true, true],
    [onPath('StringNotEquals', '/live/a'), under('/live/'), false, true],
    [onPath('StringEqualsIgnoreCase', '/Live/A'), exact('/lIVE/a'), true, true],
    [
      { ...onPath('StringLike', '/live/*'), ...onPath('StringNotLike', '/live/open/*') },
      under('/live/open/'),
      false,
      false,
    ],
    [
      { ...onPath('StringLike', '/live/*'), ...onPath('StringNotLike', '/live/open/*') },
      under('/live/'),
      false,
      true,
    ],
    // However it is spelled, to a cache it is the same.
    [onPath('StringLike', '/live/*'), exact('/%6cive/a'), true, true],
    [onPath('StringLike', '/%6Cive/*'), exact('/live/a'), true, true],
    [onPath('StringLike', '/caf%c3%a9/*'), exact('/caf%C3%A9/a'), true, true],
    [onPath('StringLike', '/café/*'), under('/caf%c3%a9/'), true, true],
    [onPath('StringLike', '/caf%c?%A9'), exact('/caf%c3%a9'), true, true],
    [onPath('StringLike', '/a/b'), exact('/a%2Fb'), false, false],
  ])('under %j is %j: enough %s, caught %s', (Condition, reach, enough, caught) => {
    const asked = { resource: www, reaches: [reach] }
    expect(isAllowed([{ ...all, Condition: Condition ?? {} }], asked)).toBe(enough)
    expect(isAllowed([all, { ...all, deny: true, Condition: Condition ?? {} }], asked)).toBe(!caught)
  })

  it('is told of the paths of a statement alone', () => {
    const covers = (effect: 'Allow' | 'Deny') =>
      [exact('/live/%61'), under('/'), exact('/live')].map(pathTest(effect, ['/l?ve/a', '/live/*']))
    expect(covers('Allow')).toEqual([true, false, false])
    expect(covers('Deny')).toEqual([true, true, false])
  })

  it('is decided line by line: each may be allowed by another statement', () => {
    const policies = having(
      { ...all, Condition: { StringLike: { 'freshet:Path': ['/a/*'] } } },
      { ...all, Condition: { StringLike: { 'freshet:Path': ['/b/*'] } } },
      { ...all, deny: true, Condition: { StringLike: { 'freshet:Path': ['/b/no/*'] } } },
    )
    const ask = (...paths: string[]) =>
      evaluate(policies, purge, [{ resource: www, reaches: paths.map(exact) }])
    expect(ask('/a/1', '/b/1')).toMatchObject({ allowed: true })
    expect(ask('/a/1', '/c/1')).toMatchObject({ at: 0, reach: 1, denial: 'ImplicitDeny', by: null })
    expect(ask('/a/1', '/b/1', '/b/no/1')).toMatchObject({
      reach: 2,
      denial: 'ExplicitDeny',
      by: { statement: 2 },
    })
  })

  it.each<[string[], boolean, boolean]>([
    [['fra1'], true, true],
    [['fra1', 'fra2'], true, true],
    [['fra1', 'ams1'], false, true],
    [['ams1'], false, false],
    [[], false, false],
  ])('on caches %j: enough %s, caught %s', (caches, enough, caught) => {
    const Condition = { StringLike: { 'freshet:Cache': ['fra*'] } }
    expect(isAllowed([{ ...all, Condition }], { resource: www, caches })).toBe(enough)
    expect(isAllowed([all, { ...all, Condition, deny: true }], { resource: www, caches })).toBe(!caught)
  })

  it('is not denied where two conditions hold for two caches, none for both', () => {
    const Condition = {
      StringLike: { 'freshet:Cache': ['fra*'] },
      StringNotEquals: { 'freshet:Cache': ['fra1'] },
    }
    const deny = { ...all, Condition, deny: true } as const
    expect(isAllowed([all, deny], { resource: www, caches: ['fra1', 'ams1'] })).toBe(true)
    expect(isAllowed([all, deny], { resource: www, caches: ['fra1', 'fra2'] })).toBe(false)
  })

  it.each<[Parameters<typeof reachOf>[0], Reach]>([
    [{ kind: 'url', target: '/a?b=/c' }, exact('/a')],
    [{ kind: 'ignore-parameters', target: '/a' }, exact('/a')],
    [{ kind: 'prefetch', target: '/a?b' }, exact('/a')],
    [{ kind: 'directory', target: '/a/' }, under('/a/')],
    [{ kind: 'everything', target: '' }, under('/')],
    [{ kind: 'tag', target: 'sale' }, under('/')],
    [{ kind: 'regex', target: '/a/.*\\.jpg' }, under('/')],
    [{ kind: 'regex', target: '/a/b[0-9]' }, under('/a/b')],
    [{ kind: 'regex', target: '/a/b.jpg' }, exact('/a/b.jpg')],
    [{ kind: 'regex', target: '/a/.*' }, under('/a/')],
    [{ kind: 'regex', target: '/a[^/]*/b' }, under('/a')],
    [{ kind: 'regex', target: '/%61/.*' }, under('/a/')],
    [{ kind: 'regex', target: '/a%6[0-9]' }, under('/a')],
    [{ kind: 'regex', target: '/a%[0-9].*' }, under('/a')],
    [{ kind: 'regex', target: '/a?v=[0-9]' }, exact('/a')],
  ])('by %j is %j', (line, reach) => {
    expect(reachOf(line)).toEqual(reach)
  })
})

describe('an explanation', () => {
  it('tells of each statement whether it took effect, and what did not hold', () => {
    const Condition = {
      StringLike: { 'freshet:Path': ['/a/*'] },
      StringEquals: { 'freshet:Mode': ['soft'] },
    }
    const one = having(
      { ...all, Condition },
      { Action: ['freshet:*'], Resource: ['*'] },
      { Action: ['*'], Resource: [domain('b.test')] },
      { ...all, deny: true, Condition: { NotIpAddress: { 'acs:SourceIp': ['192.0.2.0/24'] } } },
    )
    const ask = (mode: 'hard' | 'soft', path: string) =>
      explain(one, purge, { resource: www, mode, reaches: [{ path, wide: false }] }, noon)
    expect(ask('soft', '/a/1')).toMatchObject({
      decision: { allowed: true, by: { statement: 0 } },
      considered: [
        { by: { statement: 0 }, effect: 'Allow', applies: true, failed: [] },
        { by: { statement: 3 }, effect: 'Deny', applies: false, failed: ['acs:SourceIp'] },
      ],
    })
    expect(ask('hard', '/b').considered[0]).toMatchObject({
      applies: false,
      failed: ['freshet:Mode', 'freshet:Path'],
    })
  })
})

describe('what a page offers', () => {
  const onDomain = { Action: ['dcdn:*', 'freshet:*'], Resource: [www] }

  it.each<[string, Short[], string, boolean]>([
    ['nothing without a policy', [], purge, false],
    ['a purge to who may purge one domain', [onDomain], purge, true],
    ['no reading by id to who has domains only', [onDomain], 'dcdn:DescribeDcdnRefreshTaskById', false],
    ['no caches to who has domains only', [onDomain], 'freshet:SaveCache', false],
    ['no overview to who has domains only', [onDomain], 'freshet:DescribeOverview', false],
    [
      'a purge that is allowed sometimes',
      [{ ...onDomain, Condition: { StringLike: { 'freshet:Path': ['/a/*'] } } }],
      purge,
      true,
    ],
    [
      'no purge that is allowed from elsewhere',
      [{ ...onDomain, Condition: { IpAddress: { 'acs:SourceIp': ['10.0.0.0/8'] } } }],
      purge,
      false,
    ],
    [
      'no purge by keys that it never has',
      [{ ...onDomain, Condition: { StringEquals: { 'acs:SourceVpc': ['a'] } } }],
      purge,
      false,
    ],
    ['a purge that is denied somewhere', [all, { ...onDomain, deny: true }], purge, true],
    [
      'a purge that is denied sometimes',
      [all, { ...all, deny: true, Condition: { StringEquals: { 'freshet:Method': ['tag'] } } }],
      purge,
      true,
    ],
    [
      'no purge that is denied everywhere',
      [all, { deny: true, Action: ['dcdn:*'], Resource: [domain('*')] }],
      purge,
      false,
    ],
    ['nothing to who is denied all', [all, { ...all, deny: true }], 'freshet:DescribeOverview', false],
    ['all but one thing', [{ Action: ['*'], NotResource: [domain('*')] }], purge, false],
    ['what no table knows', [all], 'ecs:Run', true],
  ])('is %s', (_, statements, action, offered) => {
    expect(mayAnywhere(having(...statements), action, noon)).toBe(offered)
  })

  it('is everything to an owner', () => {
    expect(mayAnywhere({ ...caller(), role: 'owner' }, purge)).toBe(true)
  })
})

describe('domains', () => {
  const names = ['a.test', 'b.test', 'c.example']
  const see = 'dcdn:DescribeDcdnRefreshTasks'

  it('are those that a caller may act on, sometimes at least', () => {
    const covered = (action: string, ...statements: Short[]) =>
      coveredDomains(having(...statements), action, names, 1, noon)
    const tests = { Action: ['dcdn:*'], Resource: [domain('*.test')] }
    expect(covered(see, tests)).toEqual(['a.test', 'b.test'])
    expect(covered(see, tests, { ...tests, deny: true, Resource: [domain('a.test')] })).toEqual(['b.test'])
    const sometimes = { Condition: { StringLike: { 'freshet:Path': ['/a'] } } }
    expect(covered(purge, { ...tests, ...sometimes })).toEqual(['a.test', 'b.test'])
    expect(covered(purge, tests, { ...tests, ...sometimes, deny: true })).toEqual(['a.test', 'b.test'])
    // Who reads names no path.
    expect(covered(see, { ...tests, ...sometimes })).toEqual([])
    expect(coveredDomains({ ...caller(), role: 'owner' }, see, names, 1)).toEqual(names)
  })

  it('are summed up: what is always allowed, what sometimes and what never', () => {
    const only = { StringEquals: { 'freshet:Mode': ['soft'] } }
    const one = having(
      { Action: [see], Resource: [domain('*')] },
      { Action: [purge], Resource: [domain('*.test')] },
      { deny: true, Action: [purge], Resource: [domain('b.test')], Condition: only },
      {
        Action: ['dcdn:Preload*'],
        Resource: [domain('*')],
        Condition: { StringEquals: { 'freshet:Weekday': ['sat'] } },
      },
      {
        Action: [purge],
        Resource: [domain('c.example')],
        Condition: { DateLessThan: { 'acs:CurrentTime': ['2026-07-01'] } },
      },
    )
    const row = (name: string, purging: Standing) => ({
      domain: name,
      see: 'yes',
      purge: purging,
      prefetch: 'partly',
    })
    expect(summarise(one, names, noon)).toEqual([
      row('a.test', 'yes'),
      row('b.test', 'partly'),
      row('c.example', 'no'),
    ])
    expect(summarise({ ...one, role: 'owner' }, ['a.test'], noon)).toEqual([
      { domain: 'a.test', see: 'yes', purge: 'yes', prefetch: 'yes' },
    ])
  })
})
