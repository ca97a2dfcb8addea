import { describe, expect, it } from 'vitest'
import { type Caller, noRequest } from './caller.ts'
import type { Statement } from './policy-document.ts'
import { lint } from './policy-lint.ts'
import { attachedSystem, type SystemPolicy } from './system-policies.ts'

const domains = ['www.example.com', 'static.example.com']
const on = (name: string) => `acs:dcdn:*:1:domain/${name}`
const purge = 'dcdn:RefreshDcdnObjectCaches'

const author = (...policies: SystemPolicy[]): Caller => ({
  accountId: 1,
  userId: 2,
  name: 'ines',
  role: 'user',
  policies: attachedSystem(policies),
  source: 'console',
  ...noRequest,
  address: '192.0.2.7',
})

const allow = (statement: Partial<Statement>): Statement => ({
  Effect: 'Allow',
  Action: [purge],
  Resource: ['*'],
  ...statement,
})
const deny = (statement: Partial<Statement>): Statement => ({ ...allow(statement), Effect: 'Deny' })

function warnings(statements: Statement[], who?: Caller): string[] {
  const ground = { domains, accountId: 1, ...(who && { author: who }) }
  return lint({ Version: '1', Statement: statements }, ground).map(
    ({ path, code, detail }) => `${path.slice(1).join('.')} ${code} ${detail}`,
  )
}

const when = (operator: string, key: string, value = 'x') => ({
  Condition: { [operator]: { [key]: [value] } },
})
const byId = 'dcdn:DescribeDcdnRefreshTaskById'
const quotas = 'dcdn:DescribeDcdnRefreshQuota, dcdn:DescribeDcdnUserQuota'

describe('a warning', () => {
  it.each<[string, Statement[], string[]]>([
    [
      'no query by id on domains',
      [allow({ Action: [purge, byId], Resource: [on('www.example.com')] })],
      [`0.Action.1 wrong-resource ${byId}`],
    ],
    [
      'what a wildcard takes in of that',
      [allow({ Action: ['dcdn:*'], Resource: [on('*')] })],
      [`0.Action.0 wrong-resource ${byId}, ${quotas}`],
    ],
    [
      'nothing where another statement allows it',
      [allow({ Action: ['dcdn:*'], Resource: [on('*')] }), allow({ Action: ['dcdn:Describe*'] })],
      [],
    ],
    [
      'caches on domains',
      [allow({ Action: ['freshet:ListCaches'], Resource: [on('*')] })],
      ['0.Action.0 wrong-resource freshet:ListCaches'],
    ],
    ['nothing that is denied on the wrong resource', [deny({ Action: [byId], Resource: [on('*')] })], []],
    [
      'an Allow of which nothing is left',
      [allow({ Resource: [on('www.*')] }), deny({ Action: ['DCDN:*'], Resource: [on('*')] })],
      ['0 denied-anyway 1'],
    ],
    ['nothing where a Deny leaves something', [allow({ Action: ['dcdn:*'] }), deny({})], []],
    [
      'nothing where a Deny is for some domains',
      [allow({ Resource: [on('w*')] }), deny({ Resource: [on('w?w*')] })],
      [],
    ],
    [
      'nothing where a Deny is for some time',
      [allow({}), deny(when('StringEquals', 'freshet:Weekday', 'sun'))],
      [],
    ],
    [
      'a domain that is none',
      [allow({ Resource: [on('*.example.com'), on('wwww.example.com')] })],
      [`0.Resource.1 no-domain ${on('wwww.example.com')}`],
    ],
    [
      'a domain of another account',
      [allow({ Resource: ['acs:dcdn:*:2:domain/www.example.com'] })],
      ['0.Resource.0 no-domain acs:dcdn:*:2:domain/www.example.com'],
    ],
    [
      'a domain that is excepted and none',
      [deny({ Resource: undefined as never, NotResource: [on('w.test')] })],
      [`0.NotResource.0 no-domain ${on('w.test')}`],
    ],
    [
      'a key of the vendor',
      [allow(when('StringEquals', 'acs:SourceVpc'))],
      ['0.Condition.StringEquals.acs:SourceVpc key-absent acs:SourceVpc'],
    ],
    [
      'MFA',
      [allow(when('Bool', 'acs:MFAPresent', 'true'))],
      ['0.Condition.Bool.acs:MFAPresent mfa-absent acs:MFAPresent'],
    ],
    [
      'a path where nothing has one',
      [allow({ Action: ['freshet:ListCaches'], ...when('StringLike', 'freshet:Path', '/*') })],
      ['0.Condition.StringLike.freshet:Path key-absent freshet:Path'],
    ],
    [
      'a path where something has none',
      [allow({ Action: [purge, byId], ...when('StringLike', 'freshet:Path', '/*') })],
      [`0.Condition.StringLike.freshet:Path key-absent-for ${byId}`],
    ],
    [
      'no path with a wildcard',
      [allow({ Action: ['dcdn:*'], ...when('StringLike', 'freshet:Path', '/*') })],
      [],
    ],
    ['no key that each request has', [allow(when('StringEquals', 'freshet:Weekday', 'mon'))], []],
    [
      'an action that is not here',
      [allow({ Action: ['dcdn:AddDcdnDomain', '*'] })],
      ['0.Action.0 unknown-action dcdn:AddDcdnDomain'],
    ],
    ['another service', [allow({ Action: ['ecs:Run*', '*'] })], ['0.Action.0 unknown-service ecs']],
    [
      'another service that is excepted',
      [deny({ Action: undefined as never, NotAction: ['ram:*'] })],
      ['0.NotAction.0 unknown-service ram'],
    ],
  ])('is of %s', (_, statements, expected) => {
    expect(warnings(statements)).toEqual(expected)
  })

  it('offers the statement that is missing', () => {
    const statements = [allow({ Action: [byId, 'freshet:ListCaches'], Resource: [on('*')] })]
    expect(lint({ Version: '1', Statement: statements }, { domains, accountId: 1 })).toMatchObject([
      { offer: { Effect: 'Allow', Action: [byId], Resource: ['*'] } },
      { offer: { Effect: 'Allow', Action: ['freshet:ListCaches'], Resource: ['acs:freshet:*:1:cache/*'] } },
    ])
  })

  it.each<[string, Statement, SystemPolicy, boolean]>([
    ['what the author may do', deny({}), 'FreshetFullAccess', true],
    ['what the author may do on some domains', deny({ Resource: [on('www.*')] }), 'FreshetFullAccess', true],
    ['what the author may not do anyway', deny({}), 'FreshetUserAdminAccess', false],
    [
      'who comes from elsewhere',
      deny(when('IpAddress', 'acs:SourceIp', '10.0.0.0/8')),
      'FreshetFullAccess',
      false,
    ],
    [
      'who does not come from elsewhere',
      deny(when('NotIpAddress', 'acs:SourceIp', '10.0.0.0/8')),
      'FreshetFullAccess',
      true,
    ],
    [
      'what the author may do on some days',
      deny(when('StringEquals', 'freshet:Weekday', 'sun')),
      'FreshetFullAccess',
      true,
    ],
    [
      'who is in a network that nobody is in',
      deny(when('StringEquals', 'acs:SourceVpc')),
      'FreshetFullAccess',
      false,
    ],
    ['who has MFA', deny(when('Bool', 'acs:MFAPresent', 'true')), 'FreshetFullAccess', false],
  ])('is of a Deny of %s', (_, statement, policy, caught) => {
    const found = warnings([statement], author(policy)).filter((each) => each.includes('catches-author'))
    expect(found).toEqual(caught ? [`0 catches-author ${purge}`] : [])
  })

  it('is of no Deny for an owner, whom no policy binds', () => {
    expect(warnings([deny({})], { ...author(), role: 'owner' })).toEqual([])
  })

  it('is of nothing in a policy that is well', () => {
    expect(
      warnings(
        [
          allow({
            Action: [purge, 'freshet:PreviewSubmission'],
            Resource: [on('*')],
            ...when('StringLike', 'freshet:Path', '/a/*'),
          }),
        ],
        author('FreshetFullAccess'),
      ),
    ).toEqual([])
  })
})
