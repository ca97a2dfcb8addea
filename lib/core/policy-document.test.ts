import { describe, expect, it } from 'vitest'
import { formatPolicy, parsePolicy, placeOf } from './policy-document.ts'

const policy = (statement: object, more: object = {}) =>
  JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', ...statement }],
    ...more,
  })
const withCondition = (condition: unknown) => policy({ Condition: condition })

function problemsOf(text: string) {
  const parsed = parsePolicy(text)
  return 'problems' in parsed ? parsed.problems : []
}

const brief = (text: string) =>
  problemsOf(text).map(({ path, code, given }) => `${path.join('.')} ${code} ${given}`)

describe('a policy of the vendor', () => {
  it('is read as it is, single things as lists', () => {
    const text = `{
      "Version": "1",
      "Statement": {
        "Effect": "Allow",
        "Action": "dcdn:Refresh*",
        "NotResource": ["acs:dcdn:*:*:*", "acs:dcdn::1234567890123456:domain/a.test"],
        "Condition": {
          "IpAddress": {"acs:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
          "Bool": {"acs:SecureTransport": true, "acs:MFAPresent": "true"},
          "NumericLessThan": {"freshet:LineCount": 100},
          "DateLessThan": {"acs:CurrentTime": "2026-08-12T17:00:00+08:00"},
          "StringEquals": {"acs:SourceVpc": "vpc-1", "acs:ResourceTag/team": ["a", "b"]}
        }
      }
    }`
    expect(parsePolicy(text)).toEqual({
      document: {
        Version: '1',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['dcdn:Refresh*'],
            NotResource: ['acs:dcdn:*:*:*', 'acs:dcdn::1234567890123456:domain/a.test'],
            Condition: {
              IpAddress: { 'acs:SourceIp': ['203.0.113.0/24', '2001:db8::/32'] },
              Bool: { 'acs:SecureTransport': ['true'], 'acs:MFAPresent': ['true'] },
              NumericLessThan: { 'freshet:LineCount': ['100'] },
              DateLessThan: { 'acs:CurrentTime': ['2026-08-12T17:00:00+08:00'] },
              StringEquals: { 'acs:SourceVpc': ['vpc-1'], 'acs:ResourceTag/team': ['a', 'b'] },
            },
          },
        ],
      },
    })
  })

  it('reads the same once it is written', () => {
    const parsed = parsePolicy(policy({ Action: ['ecs:*', 'dcdn:Describe*'], NotResource: undefined }))
    if (!('document' in parsed)) throw new Error('not read')
    expect(parsePolicy(formatPolicy(parsed.document))).toEqual(parsed)
  })
})

describe('a problem', () => {
  it.each<[string, string[]]>([
    ['[]', [' form []']],
    ['null', [' form null']],
    ['{}', ['Version version ', 'Statement no-statement ']],
    [policy({}, { Version: 1 }), ['Version version 1']],
    [policy({}, { Version: '2012-10-17', Id: 'x' }), ['Id field Id', 'Version version 2012-10-17']],
    [policy({}, { Statement: [] }), ['Statement no-statement []']],
    [policy({}, { Statement: ['x', 1] }), ['Statement.0 form x', 'Statement.1 form 1']],
    [policy({ Effect: 'allow' }), ['Statement.0.Effect effect allow']],
    [policy({ Sid: 'a' }), ['Statement.0.Sid field Sid']],
    [policy({ Principal: '*' }), ['Statement.0.Principal field Principal']],
    [policy({ Action: undefined }), ['Statement.0 action-missing ']],
    [policy({ Action: [] }), ['Statement.0.Action action-missing []']],
    [policy({ NotAction: '*' }), ['Statement.0 action-both Action, NotAction']],
    [
      policy({ Action: ['dcdn', 3] }),
      ['Statement.0.Action.0 action-form dcdn', 'Statement.0.Action.1 action-form 3'],
    ],
    [policy({ Action: 'dcdn:Refresh Dcdn' }), ['Statement.0.Action action-form dcdn:Refresh Dcdn']],
    [policy({ Action: 'Freshet:SaveUsers' }), ['Statement.0.Action action-unknown Freshet:SaveUsers']],
    [policy({ Action: ['DCDN:describe*', 'ecs:Anything', 'f?eshet:x'] }), []],
    [policy({ Resource: undefined }), ['Statement.0 resource-missing ']],
    [policy({ NotResource: '*' }), ['Statement.0 resource-both Resource, NotResource']],
    [
      policy({ Resource: ['a.test', 'acs:dcdn:*:1'] }),
      ['Statement.0.Resource.0 resource-form a.test', 'Statement.0.Resource.1 resource-form acs:dcdn:*:1'],
    ],
    [withCondition([]), ['Statement.0.Condition form []']],
    [withCondition({ StringLike: 'x' }), ['Statement.0.Condition.StringLike form x']],
    [
      withCondition({ StringLikeIfExists: { 'acs:x': '1' } }),
      ['Statement.0.Condition.StringLikeIfExists operator StringLikeIfExists'],
    ],
    [withCondition({ Null: { 'acs:x': 'true' } }), ['Statement.0.Condition.Null operator Null']],
    [
      withCondition({ Bool: { 'acs:SourceIp': 'true' } }),
      ['Statement.0.Condition.Bool.acs:SourceIp operator-type Bool'],
    ],
    [
      withCondition({ StringEquals: { 'freshet:LineCount': '1' } }),
      ['Statement.0.Condition.StringEquals.freshet:LineCount operator-type StringEquals'],
    ],
    [
      withCondition({ StringEquals: { 'freshet:Paths': '/a' } }),
      ['Statement.0.Condition.StringEquals.freshet:Paths key freshet:Paths'],
    ],
    [withCondition({ StringEquals: { Path: '/a' } }), ['Statement.0.Condition.StringEquals.Path key Path']],
    [
      withCondition({ StringEquals: { 'freshet:Method': ['url', 'purge'] } }),
      ['Statement.0.Condition.StringEquals.freshet:Method.1 value purge'],
    ],
    [withCondition({ StringLike: { 'freshet:Method': 'ignore-*' } }), []],
    [
      withCondition({ StringEquals: { 'freshet:Weekday': 'Mon' } }),
      ['Statement.0.Condition.StringEquals.freshet:Weekday value Mon'],
    ],
    [
      withCondition({ StringLike: { 'freshet:Path': ['live/*', '*.jpg'] } }),
      ['Statement.0.Condition.StringLike.freshet:Path.0 value live/*'],
    ],
    [
      withCondition({ StringLike: { 'freshet:Path': [] } }),
      ['Statement.0.Condition.StringLike.freshet:Path value []'],
    ],
    [
      withCondition({ StringLike: { 'freshet:Path': [null, {}] } }),
      [
        'Statement.0.Condition.StringLike.freshet:Path.0 value null',
        'Statement.0.Condition.StringLike.freshet:Path.1 value {}',
      ],
    ],
    [
      withCondition({ NumericEquals: { 'freshet:LineCount': '1e3' } }),
      ['Statement.0.Condition.NumericEquals.freshet:LineCount value 1e3'],
    ],
    [
      withCondition({ Bool: { 'acs:SecureTransport': 'yes' } }),
      ['Statement.0.Condition.Bool.acs:SecureTransport value yes'],
    ],
    ...[
      '10.0.0.0/33',
      '10.0.0',
      '010.0.0.1',
      '1::2::3',
      '1:2:3:4:5:6:7',
      'fe80::/129',
      '::ffff:1.2.3',
      '1.2.3.4::',
      'a',
    ].map((given): [string, string[]] => [
      withCondition({ IpAddress: { 'acs:SourceIp': given } }),
      [`Statement.0.Condition.IpAddress.acs:SourceIp value ${given}`],
    ]),
    ...['2026-02-30', '2026-13-01', '2026-01-01T10:00', '2026-01-01 10:00Z', 'tomorrow', '1767225600'].map(
      (given): [string, string[]] => [
        withCondition({ DateLessThan: { 'acs:CurrentTime': given } }),
        [`Statement.0.Condition.DateLessThan.acs:CurrentTime value ${given}`],
      ],
    ),
    [
      '{"Version":"1","Version":"1","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}',
      ['Version repeated Version', 'Statement.Effect repeated Effect'],
    ],
    [policy({}).replace('"Effect"', '"__proto__":{},"Effect"'), ['Statement.0.__proto__ field __proto__']],
  ])('in %s: %j', (text, problems) => {
    expect(brief(text)).toEqual(problems)
  })

  it('comes with all others, and tells what would fit', () => {
    const text = policy({
      Effect: 'allow',
      Action: ['freshet:Purge', 'x'],
      Condition: { Bool: { 'freshet:Path': 1 } },
    })
    expect(brief(text)).toHaveLength(4)
    expect(problemsOf(text).at(-1)).toMatchObject({ code: 'operator-type', detail: 'text' })
  })

  it.each<[string, number]>([
    ['', 0],
    ['{"Version": "1",}', 16],
    ['{"Version" "1"}', 11],
    ['{ // who\n}', 2],
    ['{} {}', 3],
    ["{'Version': '1'}", 1],
  ])('with the JSON %s is at %d', (text, offset) => {
    expect(problemsOf(text)).toMatchObject([{ code: 'json', path: [], offset }])
  })

  it('with the length is told before anything else', () => {
    expect(problemsOf(`${policy({})}${' '.repeat(6144)}`)).toMatchObject([{ code: 'size', detail: '6144' }])
    expect(problemsOf('['.repeat(6144))).toMatchObject([{ code: 'json' }])
    expect(problemsOf('['.repeat(3072) + ']'.repeat(3072))).toMatchObject([{ code: 'json', offset: 20 }])
  })
})

describe('a place', () => {
  const text = '{"Version":"1","Statement":{"Effect":"Allow","Action":["a","b"],"Resource":"*"}}'

  it.each<[(string | number)[], string]>([
    [['Version'], '"Version":"1"'],
    [['Statement', 'Action', 1], '"b"'],
    // As in the document that was read, where these are lists.
    [['Statement', 0, 'Resource', 0], '"Resource":"*"'],
    [
      ['Statement', 0, 'Condition', 'Bool'],
      '"Statement":{"Effect":"Allow","Action":["a","b"],"Resource":"*"}',
    ],
    [[], text],
  ])('for %j is %s', (path, marked) => {
    const { from, to } = placeOf(text, path)
    expect(text.slice(from, to)).toBe(marked)
  })

  it('is everything where the text is no JSON', () => {
    expect(placeOf('', ['Version'])).toEqual({ from: 0, to: 0 })
  })
})
