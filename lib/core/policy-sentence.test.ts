import { describe, expect, it } from 'vitest'
import { type Caller, noRequest } from './caller.ts'
import { coveredDomains, evaluate, mayAnywhere } from './policy.ts'
import { formatPolicy, parsePolicy, type Statement } from './policy-document.ts'
import { lint } from './policy-lint.ts'
import { emptyForm, fromForm, grantDocument, type StatementForm, toForm } from './policy-sentence.ts'

const on = (name: string) => `acs:dcdn:*:1:domain/${name}`
const preload = 'dcdn:PreloadDcdnObjectCaches'
const refresh = 'dcdn:RefreshDcdnObjectCaches'
const byTag = 'dcdn:RefreshDcdnObjectCacheByCacheTag'

const full: StatementForm = {
  effect: 'Deny',
  can: ['see', 'purge'],
  other: ['freshet:ReadSitemap', 'ecs:*'],
  domains: ['www.example.com', '*.test'],
  methods: ['url', 'directory'],
  notMethods: ['tag'],
  paths: ['/a/*', '*.jpg'],
  modes: ['soft'],
  caches: ['fra*'],
  mostLines: 100,
  weekdays: ['mon', 'tue'],
  fromAddresses: ['10.0.0.0/8'],
  from: '2026-07-01',
  until: '2026-08-01T00:00Z',
}

describe('a form', () => {
  it('is a statement', () => {
    expect(fromForm(full, 1)).toEqual({
      Effect: 'Deny',
      Action: [
        'dcdn:DescribeDcdnRefreshTasks',
        'dcdn:DescribeDcdnUserDomains',
        refresh,
        byTag,
        'freshet:ReadSitemap',
        'ecs:*',
      ],
      Resource: [on('www.example.com'), on('*.test')],
      Condition: {
        StringEquals: {
          'freshet:Method': ['url', 'directory'],
          'freshet:Mode': ['soft'],
          'freshet:Weekday': ['mon', 'tue'],
        },
        StringNotEquals: { 'freshet:Method': ['tag'] },
        StringLike: { 'freshet:Path': ['/a/*', '*.jpg'], 'freshet:Cache': ['fra*'] },
        NumericLessThanEquals: { 'freshet:LineCount': ['100'] },
        IpAddress: { 'acs:SourceIp': ['10.0.0.0/8'] },
        DateGreaterThanEquals: { 'acs:CurrentTime': ['2026-07-01'] },
        DateLessThan: { 'acs:CurrentTime': ['2026-08-01T00:00Z'] },
      },
    })
  })

  it.each<[string, Partial<StatementForm>]>([
    ['everything', full],
    ['one thing', { can: ['prefetch'], domains: ['a.test'] }],
    ['all domains', { can: ['see'] }],
    ['no domain', { other: ['freshet:ListCaches'], domains: [] }],
    ['no lines', { can: ['purge'], mostLines: 0 }],
  ])('of %s comes back from its statement, which can be read', (_, form) => {
    const whole = { ...emptyForm, ...form }
    const statement = fromForm(whole, 1)
    expect(toForm(statement, 1)).toEqual(whole)
    const document = { Version: '1' as const, Statement: [statement] }
    expect(parsePolicy(formatPolicy(document))).toEqual({ document })
  })
})

describe('a statement', () => {
  const plain: Statement = { Effect: 'Allow', Action: [preload], Resource: [on('a.test')] }

  it.each<[string, Statement, Partial<StatementForm>]>([
    ['in another order', { ...plain, Action: [byTag, preload, refresh] }, { can: ['purge', 'prefetch'] }],
    ['with half of what a word means', { ...plain, Action: [refresh] }, { can: [], other: [refresh] }],
    ['with a wildcard', { ...plain, Action: ['dcdn:*'] }, { can: [], other: ['dcdn:*'] }],
    [
      'with no condition in its conditions',
      { ...plain, Condition: { StringLike: {} } },
      { can: ['prefetch'] },
    ],
  ])('%s has a form', (_, statement, form) => {
    expect(toForm(statement, 1)).toEqual({ ...emptyForm, domains: ['a.test'], ...form })
  })

  it.each<[string, Partial<Statement> & { Condition?: Statement['Condition'] }]>([
    ['of all other actions', { Action: undefined as never, NotAction: ['a:b'] }],
    ['of all other resources', { Resource: undefined as never, NotResource: ['*'] }],
    ['of another resource', { Resource: ['acs:freshet:*:1:cache/x'] }],
    ['of another account', { Resource: ['acs:dcdn:*:*:domain/a.test'] }],
    ['of everything and a domain', { Resource: ['*', on('a.test')] }],
    ['with another key', { Condition: { Bool: { 'acs:SecureTransport': ['true'] } } }],
    ['with another operator', { Condition: { StringEquals: { 'freshet:Path': ['/a'] } } }],
    ['with two numbers', { Condition: { NumericLessThanEquals: { 'freshet:LineCount': ['1', '2'] } } }],
    [
      'with a number in other words',
      { Condition: { NumericLessThanEquals: { 'freshet:LineCount': ['010'] } } },
    ],
  ])('%s has none', (_, more) => {
    const { Action, Resource, ...rest } = { ...plain, ...more }
    expect(toForm({ ...rest, ...(Action && { Action }), ...(Resource && { Resource }) }, 1)).toBeNull()
  })
})

describe('a grant', () => {
  const domains = ['a.test', 'b.test', 'c.test']
  const granted = (can: StatementForm['can']): Caller => ({
    accountId: 1,
    userId: 2,
    name: 'ines',
    role: 'user',
    policies: [
      { name: 'grant', group: null, document: grantDocument({ domains: ['a.test', 'b.*'], can }, 1) },
    ],
    source: 'console',
    ...noRequest,
    address: '',
  })

  it('is what was clicked on those domains, with what the pages ask for', () => {
    const purger = granted(['purge'])
    expect(coveredDomains(purger, refresh, domains, 1)).toEqual(['a.test', 'b.test'])
    expect(coveredDomains(purger, 'dcdn:DescribeDcdnRefreshTasks', domains, 1)).toEqual(['a.test', 'b.test'])
    expect(coveredDomains(purger, 'freshet:PreviewSubmission', domains, 1)).toEqual(['a.test', 'b.test'])
    expect(mayAnywhere(purger, preload)).toBe(false)
    expect(mayAnywhere(granted(['see']), 'freshet:PreviewSubmission')).toBe(false)
    for (const action of [
      'dcdn:DescribeDcdnRefreshTaskById',
      'dcdn:DescribeDcdnRefreshQuota',
      'dcdn:DescribeDcdnUserQuota',
    ])
      expect(evaluate(purger, action, ['*']).allowed).toBe(true)
    for (const action of [
      'freshet:DescribeOverview',
      'freshet:ListViews',
      'freshet:RequestAccess',
      'freshet:RequestQuota',
    ])
      expect(mayAnywhere(purger, action)).toBe(true)
    for (const action of ['freshet:SaveCache', 'freshet:ListUsers', 'freshet:ListAudit'])
      expect(mayAnywhere(purger, action)).toBe(false)
  })

  it('is read, warns of nothing, and each statement has a form', () => {
    const document = grantDocument({ domains: ['*'], can: ['purge', 'prefetch'] }, 1)
    expect(parsePolicy(formatPolicy(document))).toEqual({ document })
    expect(lint(document, { domains, accountId: 1 })).toEqual([])
    expect(document.Statement.map((each) => toForm(each, 1))).toMatchObject([
      { can: ['see', 'purge', 'prefetch'], other: [], domains: ['*'] },
      { can: [], domains: ['*'] },
      { can: [], domains: [] },
    ])
  })
})
