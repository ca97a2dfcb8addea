import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { changeAccessKey, createAccessKey } from '#lib/operations/access-keys.ts'
import { listAudit } from '#lib/operations/list-audit.ts'
import { saveLimits } from '#lib/operations/request-quota.ts'
import { saveCache } from '#lib/operations/save-cache.ts'
import { saveDomain } from '#lib/operations/save-domain.ts'
import { attachPolicies, savePolicy } from '#lib/operations/save-policy.ts'
import { addUser, disableUser } from '#lib/operations/save-user.ts'
import { closeStore, db } from '#lib/store/client.ts'
import { caller as callerOf, type Key, openApi, type Said, type Wire } from './test-stand.ts'

await testDatabase()
const owner = await testOwner()
const { server, port } = await openApi()
const own = await openApi('all')
const call = callerOf(port)
const domains = Array.from({ length: 12 }, (_, at) => `c${String(at + 1).padStart(2, '0')}.test`)
let all: Key
let none: Key
let scoped: Key

/** A key of a user who holds these statements and nothing else. */
async function keyFor(name: string, ...Statement: object[]): Promise<Key & { userId: number }> {
  const { id: userId } = await addUser(owner, { name, policy: 'FreshetReadOnlyAccess' })
  const policy = `for-${name}`
  if (Statement.length > 0)
    await savePolicy(owner, { name: policy, text: JSON.stringify({ Version: '1', Statement }) })
  const holder = { is: 'user', id: userId } as const
  await attachPolicies(owner, { holder, policies: Statement.length > 0 ? [policy] : [] })
  return { ...(await createAccessKey(owner, { userId })), userId }
}

const resource = (name: string) => `acs:dcdn:*:*:domain/${name}`

beforeAll(async () => {
  const cache = {
    kind: 'edge',
    address: 'http://one:80',
    tier: 'edge',
    secret: 'sixteen-characters',
  } as const
  const { id } = await saveCache(owner, { ...cache, name: 'one', region: 'domestic' })
  for (const name of domains) await saveDomain(owner, { name, cacheIds: [id] })
  const layers = [
    { name: 'shield', tier: 'shield' },
    { name: 'at-home', tier: 'edge', region: 'domestic' },
    { name: 'abroad', tier: 'edge', region: 'overseas' },
  ] as const
  const cacheIds = await Promise.all(
    layers.map(async (layer) => (await saveCache(owner, { ...cache, ...layer })).id),
  )
  await saveDomain(owner, {
    ...{ name: 'layers.test', cacheIds },
    settings: {
      prefetchEdges: false,
      rewrites: [{ from: '/old/*', to: '/new/$1' }],
      query: { is: 'without', names: ['utm'] },
    },
  })
  await saveLimits(owner, {
    ...{ perDay: { url: 1_000_000, directory: 1_000, regex: 1_000, prefetch: 1_000 } },
    ...{ perMinute: { url: 1_000_000, directory: 10_000 } },
    // Each test calls as often as it likes; rates have a test of their own.
    callsPerSecond: {
      ...{
        RefreshDcdnObjectCaches: 1_000,
        PreloadDcdnObjectCaches: 1_000,
        DescribeDcdnRefreshTaskById: 1_000,
      },
      ...{
        DescribeDcdnRefreshQuota: 1_000,
        DescribeDcdnUserQuota: 1_000,
        RefreshDcdnObjectCacheByCacheTag: 1_000,
      },
    },
  })
  all = await createAccessKey(owner, { userId: owner.userId ?? 0 })
  none = await keyFor('none')
  scoped = await keyFor(
    'scoped',
    {
      ...{ Effect: 'Allow', Resource: [resource('c01.test'), resource('c03.test')] },
      Action: ['dcdn:RefreshDcdnObjectCaches', 'dcdn:DescribeDcdnRefreshTasks'],
    },
    { Effect: 'Deny', Action: 'dcdn:RefreshDcdnObjectCaches', Resource: resource('c03.test') },
  )
})
afterAll(async () => {
  for (const each of [server, own.server]) {
    each.close()
    each.closeAllConnections()
  }
  await closeStore()
})

const purge = (text: string, more: Record<string, string> = {}, wire: Wire = {}) =>
  call(all, 'RefreshDcdnObjectCaches', { ObjectPath: text, ...more }, wire)
const byId = (ids: string) => call(all, 'DescribeDcdnRefreshTaskById', { TaskId: ids })
const urls = (count: number, host = 'c01.test') =>
  Array.from({ length: count }, (_, at) => `http://${host}/${at}`).join('\n')
const odd = "http://c01.test/a%20b~*'()!.jpg\r\nhttp://c01.test/%E4%B8%AD.txt?x=1&y=2+3\n\nc01.test/no-scheme"

/** A refusal has its five strings, and says which. */
function expectRefusal({ status, is }: Said, expected: number, code: string | RegExp) {
  expect(is.Code).toMatch(code)
  expect(status).toBe(expected)
  for (const name of ['RequestId', 'HostId', 'Code', 'Message', 'Recommend']) expect(is[name]).toMatch(/./)
}

async function counts() {
  const [row] = await db().$queryRaw<object[]>`
    select (select count(*) from task)::int as tasks, (select count(*) from line)::int as lines,
      (select coalesce(sum(used), 0) from quota_use)::int as used`
  return row
}

describe('a call is understood', () => {
  test.for([
    ['v3', 'POST', 'query'],
    ['v3', 'POST', 'form'],
    ['v3', 'POST', 'both'],
    ['v3', 'GET', 'query'],
    ['v1', 'POST', 'query'],
    ['v1', 'POST', 'form'],
    ['v1', 'GET', 'query'],
  ] as const)('signed by %s, %s, parameters in %s', async ([scheme, method, place]) => {
    const wire = { scheme, method, place, format: 'JSON' }
    const said = await purge(odd, { ObjectType: 'File', Force: 'true', OwnerId: '7', Unknown: 'x' }, wire)
    expect(said).toMatchObject({ status: 200, is: { RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/) } })
    const { is } = await byId(said.is.RefreshTaskId)
    expect(is.Tasks.map((task: { ObjectPath: string }) => task.ObjectPath)).toEqual(
      odd.split(/\r?\n/).filter(Boolean),
    )
  })

  it('as XML, which version 1 has unless it is asked for JSON', async () => {
    const said = await call(all, 'DescribeDcdnRefreshQuota', {}, { scheme: 'v1' })
    expect(said.type).toBe('text/xml;charset=utf-8')
    expect(said.text).toMatch(
      /<DescribeDcdnRefreshQuotaResponse>.*<UrlQuota>1000000<\/UrlQuota>.*<RequestId>/,
    )
    const wrong = await call(all, 'RefreshDcdnObjectCaches', {}, { scheme: 'v1', format: 'xml' })
    expect(wrong.text).toMatch(/<Error><RequestId>[0-9A-F-]+<\/RequestId>.*<Code>MissingObjectPath<\/Code>/)
    await purge('http://c01.test/%3Cxml%3E&x')
    const list = await call(
      all,
      'DescribeDcdnRefreshTasks',
      { PageSize: '1' },
      { scheme: 'v1', format: 'XML' },
    )
    expect(list.text).toContain('<Tasks><Task><TaskId>')
    expect(list.text).toContain('<ObjectPath>http://c01.test/%3Cxml%3E&#38;x</ObjectPath>')
  })

  it('with a thousand URLs in its address: 45 characters each beside the console, 1,024 on its own port', async () => {
    const short = Array.from({ length: 1_000 }, (_, at) => `http://c02.test/${String(at).padEnd(29, 'x')}`)
    expect((await purge(short.join('\n'), {}, { place: 'query' })).status).toBe(200)
    const long = Array.from({ length: 1_000 }, (_, at) => `http://c02.test/${String(at).padEnd(1_008, 'x')}`)
    const alone = callerOf(own.port)
    const said = await alone(
      all,
      'RefreshDcdnObjectCaches',
      { ObjectPath: long.join('\n') },
      { place: 'query' },
    )
    expect(said.status).toBe(200)
    expect((await purge(long.join('\n'), {}, { place: 'form' })).status).toBe(200)
  })

  it('and pages are left alone', async () => {
    const page = await fetch(`http://127.0.0.1:${port}/`)
    expect(await page.text()).toBe('a page')
    expect((await fetch(`http://127.0.0.1:${own.port}/records`)).status).toBe(404)
  })
})

describe('a signature', () => {
  test.for(['v1', 'v3'] as const)('of %s that is wrong, old or repeated is refused', async (scheme) => {
    const wire = { scheme, format: 'JSON' } as const
    const ask = (key: Key, more: Wire = {}) => call(key, 'DescribeDcdnRefreshQuota', {}, { ...wire, ...more })
    expectRefusal(await ask({ ...all, secret: 'another' }), 400, /^SignatureDoesNotMatch$/)
    expectRefusal(await ask({ ...none, secret: 'another' }), 400, /^SignatureDoesNotMatch$/)
    expectRefusal(await ask({ ...all, id: 'LTAInobody' }), 404, /^InvalidAccessKeyId.NotFound$/)
    const minutes = (count: number) => new Date(Date.now() + count * 60_000)
    for (const count of [-10, 10]) expect((await ask(all, { time: minutes(count) })).status).toBe(200)
    for (const count of [-16, 16])
      expectRefusal(await ask(all, { time: minutes(count) }), 400, /^InvalidTimeStamp.Expired$/)
    const nonce = randomUUID()
    const eight = await Promise.all(Array.from({ length: 8 }, () => ask(all, { nonce })))
    expect(eight.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const said of eight.filter(({ status }) => status !== 200))
      expectRefusal(said, 400, /^SignatureNonceUsed$/)
  })

  it('covers the body, the query, the method, the host and what it says of itself', async () => {
    const tampers: Wire['tamper'][] = [
      (sent) => {
        sent.body = sent.body.replace('c01', 'c02')
      },
      (sent) => {
        sent.path = '/?Force=true'
      },
      (sent) => {
        sent.method = 'GET'
        sent.body = ''
      },
      ...[
        'host',
        'x-acs-action',
        'x-acs-version',
        'x-acs-date',
        'x-acs-signature-nonce',
        'x-acs-content-sha256',
      ].flatMap((name): Wire['tamper'][] => [
        (sent) => {
          const value = sent.headers[name] ?? ''
          sent.headers[name] = value.slice(0, -1) + (value.endsWith('7') ? '8' : '7')
        },
        (sent) => {
          sent.headers.authorization =
            sent.headers.authorization?.replace(`${name};`, '').replace(`;${name},`, ',') ?? ''
        },
      ]),
    ]
    for (const tamper of tampers) {
      const said = await purge(urls(1), {}, { tamper })
      expect(said.status, String(tamper)).toBeGreaterThanOrEqual(400)
      expect(said.is.Code).toMatch(/./)
    }
    const asPost = await purge(
      urls(1),
      {},
      {
        scheme: 'v1',
        place: 'query',
        format: 'JSON',
        method: 'GET',
        tamper: (sent) => {
          sent.method = 'POST'
        },
      },
    )
    expectRefusal(asPost, 400, /^SignatureDoesNotMatch$/)
  })

  it('is no way to make us work for strangers', async () => {
    const names = (sent: { headers: Record<string, string> }, more: string) => {
      sent.headers.authorization =
        sent.headers.authorization?.replace('SignedHeaders=', `SignedHeaders=${more}`) ?? ''
    }
    const stranger = { id: 'LTAInobody', secret: 'x' }
    const repeated = await call(
      stranger,
      'DescribeDcdnRefreshQuota',
      {},
      { tamper: (sent) => names(sent, 'host;'.repeat(3_000)) },
    )
    expectRefusal(repeated, 400, 'IncompleteSignature')
    const absent = await call(
      stranger,
      'DescribeDcdnRefreshQuota',
      {},
      { tamper: (sent) => names(sent, 'x-not-there;') },
    )
    expectRefusal(absent, 400, 'IncompleteSignature')
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`p${at}`, 'x']))
    expectRefusal(await call(stranger, 'DescribeDcdnRefreshQuota', many), 400, 'InvalidParameter')
    const long = { ObjectPath: 'x'.repeat(100_000) }
    const wrong = await call({ ...all, secret: 'x' }, 'RefreshDcdnObjectCaches', long, {
      scheme: 'v1',
      format: 'JSON',
    })
    expectRefusal(wrong, 400, 'SignatureDoesNotMatch')
    expect(wrong.text.length).toBeLessThan(10_000)
    const stripped = await purge(
      urls(1),
      {},
      {
        tamper: (sent) => {
          sent.headers['content-type'] = 'application/json'
        },
      },
    )
    expectRefusal(stripped, 400, 'IncompleteSignature')
  })

  it('is not what a proxy signs in with', async () => {
    const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: 'Basic eDp5' } })
    expect(await page.text()).toBe('a page')
    const wire = {
      scheme: 'v1',
      format: 'JSON',
      tamper: (sent: { headers: Record<string, string> }) => {
        Object.assign(sent.headers, {
          authorization: 'Basic eDp5',
          'x-acs-action': 'DescribeDcdnRefreshQuota',
        })
      },
    } as const
    expect((await call(all, 'DescribeDcdnRefreshQuota', {}, wire)).status).toBe(200)
  })

  it('with a security token is nobody’s, since there are none', async () => {
    const said = await call(all, 'DescribeDcdnRefreshQuota', { SecurityToken: 'STS.x' })
    expectRefusal(said, 400, /^InvalidSecurityToken/)
    const tamper = (sent: { headers: Record<string, string> }) => {
      sent.headers['x-acs-security-token'] = ''
    }
    expectRefusal(
      await call(all, 'DescribeDcdnRefreshQuota', { SecurityToken: 'STS.x' }, { tamper }),
      400,
      /^InvalidSecurityToken/,
    )
  })

  it('of a key that is disabled, expired, elsewhere or of somebody who left opens nothing', async () => {
    const key = await keyFor('leaver', { Effect: 'Allow', Action: '*', Resource: '*' })
    const ask = () => call(key, 'DescribeDcdnRefreshQuota')
    const change = { id: key.id, enabled: true, networks: [], expiresAt: null }
    expect((await ask()).status).toBe(200)
    await changeAccessKey(owner, { ...change, networks: ['198.51.100.0/24'] })
    expectRefusal(await ask(), 403, /^Forbidden.SourceIp$/)
    await changeAccessKey(owner, { ...change, networks: ['127.0.0.0/8'] })
    expect((await ask()).status).toBe(200)
    await changeAccessKey(owner, { ...change, expiresAt: '2020-01-01T00:00:00Z' })
    expectRefusal(await ask(), 400, /^InvalidAccessKeyId.Inactive$/)
    await changeAccessKey(owner, { ...change, enabled: false })
    expectRefusal(await ask(), 400, /^InvalidAccessKeyId.Inactive$/)
    const nonce = randomUUID()
    const rows = async () => {
      const [row] = await db().$queryRaw<{ rows: number }[]>`
        select count(*)::int as rows from audit where action = 'freshet:UseAccessKey'`
      return row?.rows ?? 0
    }
    const before = await rows()
    for (let round = 0; round < 3; round += 1) await call(key, 'DescribeDcdnRefreshQuota', {}, { nonce })
    expect(await rows()).toBe(before + 1)
    await changeAccessKey(owner, change)
    await disableUser(owner, { id: key.userId, disabled: true })
    expectRefusal(await ask(), 400, /^InvalidAccessKeyId.Inactive$/)
  })
})

describe('a call that cannot be', () => {
  test.for([
    ['RefreshDcdnObjectCaches', {}, 400, 'MissingObjectPath'],
    ['RefreshDcdnObjectCaches', { ObjectPath: '\n\r\n' }, 400, 'MissingObjectPath'],
    ['RefreshDcdnObjectCaches', { ObjectPath: 'http://c01.test/a\n \n' }, 400, 'InvalidObjectPath.Malformed'],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: 'http://c01.test/a\rhttp://c01.test/b' },
      400,
      'InvalidObjectPath.Malformed',
    ],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: '\uFEFFhttp://c01.test/a' },
      400,
      'InvalidObjectPath.Malformed',
    ],
    ['RefreshDcdnObjectCaches', { ObjectPath: 'http://c01.test/\0' }, 400, 'InvalidParameter'],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: 'http://c01.test/', ClientToken: 'mine' },
      400,
      'InvalidParameter',
    ],
    [
      'RefreshDcdnObjectCacheByCacheTag',
      { DomainName: 'elsewhere.test', CacheTag: 'a' },
      404,
      'InvalidDomain.NotFound',
    ],
    ['RefreshDcdnObjectCaches', { ObjectPath: 'http://c01.test/中' }, 400, 'InvalidObjectPath.Malformed'],
    ['RefreshDcdnObjectCaches', { ObjectPath: 'http://c01.test/a b' }, 400, 'InvalidObjectPath.Malformed'],
    ['RefreshDcdnObjectCaches', { ObjectPath: ' http://c01.test/a' }, 400, 'InvalidObjectPath.Malformed'],
    ['RefreshDcdnObjectCaches', { ObjectPath: 'ftp://c01.test/a' }, 400, 'InvalidObjectPath.Malformed'],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: `http://c01.test/${'a'.repeat(1_009)}` },
      400,
      'InvalidObjectPath.Malformed',
    ],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: 'http://c01.test/a', ObjectType: 'Directory' },
      400,
      'InvalidObjectPath.Malformed',
    ],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: 'http://c01.test/a', ObjectType: 'Block' },
      400,
      'InvalidObjectType.Malformed',
    ],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: 'http://*.c01.test/a' },
      400,
      'InvalidExtensiveDomain.ValueNotSupported',
    ],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: `${urls(2)}\nhttp://elsewhere.test/` },
      404,
      'InvalidDomain.NotFound',
    ],
    ['RefreshDcdnObjectCaches', { ObjectPath: urls(1_001) }, 400, 'SingleRequest.OverLimit'],
    [
      'RefreshDcdnObjectCaches',
      {
        ObjectPath: domains
          .map((name) => `http://${name}/`)
          .slice(0, 11)
          .join('\n'),
      },
      400,
      'DomainNameOverLimit',
    ],
    ['RefreshDcdnObjectCaches', { ObjectPath: urls(1), Force: 'yes' }, 400, 'InvalidParameter'],
    ['PreloadDcdnObjectCaches', { ObjectPath: urls(101) }, 400, 'SingleRequest.OverLimit'],
    ['PreloadDcdnObjectCaches', { ObjectPath: 'http://c01.test/a/' }, 400, 'InvalidObjectPath.Malformed'],
    ['PreloadDcdnObjectCaches', { ObjectPath: urls(1), Area: 'mars' }, 400, 'InvalidParameter.Area'],
    ['PreloadDcdnObjectCaches', { ObjectPath: urls(1), Area: 'overseas' }, 400, 'InvalidParameter.Area'],
    [
      'PreloadDcdnObjectCaches',
      { ObjectPath: urls(1), WithHeader: '{"a":' },
      400,
      'InvalidParameter.WithHeader',
    ],
    ['DescribeDcdnRefreshTasks', { TaskId: 'x' }, 400, 'InvalidTaskId.Malformed'],
    ['DescribeDcdnRefreshTasks', { DomainName: 'c01.test' }, 400, 'MissingParameter.ObjectType'],
    ['DescribeDcdnRefreshTasks', { Status: 'Complete' }, 400, 'MissingParameter.ObjectType'],
    [
      'DescribeDcdnRefreshTasks',
      { Status: 'Done', ObjectType: 'file' },
      400,
      'InvalidStatus.ValueNotSupported',
    ],
    ['DescribeDcdnRefreshTasks', { ObjectType: 'tree' }, 400, 'InvalidObjectType.ValueNotSupported'],
    ['DescribeDcdnRefreshTasks', { StartTime: '2026-01-01T00:00:00Z' }, 400, 'MissingTimeParameter'],
    [
      'DescribeDcdnRefreshTasks',
      { StartTime: 'x', EndTime: '2026-01-01T00:00:00Z' },
      400,
      'InvalidStartTime.Malformed',
    ],
    [
      'DescribeDcdnRefreshTasks',
      { StartTime: '2026-01-01T00:00:00Z', EndTime: 'x' },
      400,
      'InvalidEndTime.Malformed',
    ],
    [
      'DescribeDcdnRefreshTasks',
      { StartTime: '2020-01-01T00:00:00Z', EndTime: '2026-01-01T00:00:00Z' },
      400,
      'InvalidStartTime.ValueNotSupported',
    ],
    [
      'DescribeDcdnRefreshTasks',
      { StartTime: '2099-01-02T00:00:00Z', EndTime: '2099-01-01T00:00:00Z' },
      400,
      'InvalidEndTime.Mismatch',
    ],
    ['DescribeDcdnRefreshTasks', { PageSize: '51' }, 400, 'InvalidParameter'],
    [
      'DescribeDcdnRefreshTasks',
      { StartTime: '2026-02-30T00:00:00Z', EndTime: '2026-03-05T00:00:00Z' },
      400,
      'InvalidStartTime.Malformed',
    ],
    [
      'DescribeDcdnRefreshTasks',
      { ObjectPath: `http://c01.test/${'a'.repeat(1_024)}` },
      400,
      'InvalidParameter',
    ],
    ['DescribeDcdnRefreshTaskById', {}, 400, 'MissingParameter'],
    [
      'DescribeDcdnRefreshTaskById',
      { TaskId: Array(11).fill('1').join(',') },
      400,
      'InvalidTaskId.Malformed',
    ],
    ['BlockDcdnObjectCaches', {}, 404, 'InvalidAction.NotFound'],
    ['toString', {}, 404, 'InvalidAction.NotFound'],
  ] as const)('%s %o is %i %s', async ([action, parameters, status, code]) => {
    const before = await counts()
    expectRefusal(await call(all, action, parameters), status, code)
    expect(await counts()).toEqual(before)
    // Rates of reading have a test of their own.
    await db().$executeRaw`delete from api_rate`
  })

  it('in another version, or with a parameter twice', async () => {
    expectRefusal(
      await call(all, 'RefreshDcdnObjectCaches', {}, { version: '2014-11-11' }),
      400,
      'InvalidVersion',
    )
    const twice = {
      tamper: (sent: { path: string }) => {
        sent.path = '/?ObjectType=File&ObjectType=Regex'
      },
    }
    expectRefusal(await purge(urls(1), {}, twice), 400, 'InvalidParameter')
  })

  it('says which line, and why', async () => {
    const said = await purge(`${urls(2)}\nhttp://c01.test/中`)
    expect(said.is.Message).toContain('Line 3, “http://c01.test/中”: “中” must be percent-encoded')
  })
})

describe('a task', () => {
  it('has one number for each domain and call, and a row for each line, repeated ones too', async () => {
    const lines = ['http://c01.test/1', 'http://c02.test/1', 'http://c01.test/1']
    const [one, two] = await Promise.all([purge(lines.join('\n')), purge(lines.join('\n'))])
    const ids = [one, two].flatMap(({ is }) => is.RefreshTaskId.split(','))
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^\d+$/)
    const { is } = await byId(one.is.RefreshTaskId)
    expect(is.TotalCount).toBe(3)
    expect(is.Tasks[0]).toMatchObject({
      ...{ ObjectType: 'file', Status: 'Pending', Process: '0%', Description: '' },
      CreationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    })
    expect((await byId('1,20260101000000001')).is).toMatchObject({ TotalCount: 0, Tasks: [] })
  })

  it('is soft or hard as Force and Mode say, and files are removed', async () => {
    const modeAfter = async (more: Record<string, string>, line = 'http://c01.test/a/') => {
      const { is } = await purge(line, more)
      const task = await db().$queryRaw<
        { mode: string }[]
      >`select mode from task where id = ${BigInt(is.RefreshTaskId)}`
      return task[0]?.mode
    }
    expect(await modeAfter({})).toBe('hard')
    expect(await modeAfter({ Force: 'false' })).toBe('hard')
    expect(await modeAfter({ ObjectType: 'Directory' })).toBe('soft')
    expect(await modeAfter({ ObjectType: 'Directory', Force: 'true' })).toBe('hard')
    expect(await modeAfter({ ObjectType: 'Directory', Force: 'true', Mode: 'soft' })).toBe('soft')
    expect(await modeAfter({ Mode: 'soft' })).toBe('soft')
  })

  it('of 21 patterns is one task, and their grammar is the vendor’s', async () => {
    const patterns = Array.from({ length: 21 }, (_, at) => `http://c01.test/${at}/[0-9][a-z][^/]*.*`)
    expect((await purge(patterns.join('\n'), { ObjectType: 'Regex' })).status).toBe(200)
    for (const bad of ['(', ')', '|', '\\', '{', '}', '^', '$', '+', '[A-Z]', 'a*'])
      expectRefusal(
        await purge(`http://c01.test/${bad}`, { ObjectType: 'Regex' }),
        400,
        'InvalidObjectPath.Malformed',
      )
  })

  it('is one for a token that is sent twice, and another with other lines', async () => {
    const ClientToken = randomUUID()
    const [one, again] = [await purge(urls(1), { ClientToken }), await purge(urls(1), { ClientToken })]
    expect(again.is.RefreshTaskId).toBe(one.is.RefreshTaskId)
    expectRefusal(await purge(urls(2), { ClientToken }), 409, 'IdempotentParameterMismatch')
    // What has changed since does not matter to what is done.
    await db().$executeRaw`
      update account set limits = jsonb_set(limits, '{perCall}', '{"url": 0}') where id = ${owner.accountId}`
    expectRefusal(await purge(urls(1)), 400, 'SingleRequest.OverLimit')
    expect((await purge(urls(1), { ClientToken })).is.RefreshTaskId).toBe(one.is.RefreshTaskId)
    await db().$executeRaw`update account set limits = limits - 'perCall' where id = ${owner.accountId}`
  })

  it('of a prefetch keeps what it was asked', async () => {
    const { is } = await call(all, 'PreloadDcdnObjectCaches', {
      ...{ ObjectPath: urls(2), Area: 'domestic', L2Preload: 'true', QueryHashkey: 'true' },
      WithHeader: '{"Accept-Encoding":["gzip","br"]}',
    })
    const [task] = await db().$queryRaw<object[]>`
      select kind, source, key_id, options from task where id = ${BigInt(is.PreloadTaskId)}`
    expect(task).toMatchObject({
      ...{ kind: 'prefetch', source: 'api', key_id: all.id },
      options: {
        asked: { Area: 'domestic', L2Preload: 'true', QueryHashkey: 'true' },
        headers: [[['Accept-Encoding', 'gzip']], [['Accept-Encoding', 'br']]],
      },
    })
  })

  it.each([
    [{}, ['shield']],
    [{ L2Preload: 'true' }, ['at-home', 'abroad', 'shield']],
    [{ L2Preload: 'true', Area: 'domestic' }, ['at-home', 'shield']],
    [{ L2Preload: 'true', Area: 'overseas' }, ['abroad', 'shield']],
  ])('of a prefetch with %o reaches %j', async (parameters, reached) => {
    const { is } = await call(all, 'PreloadDcdnObjectCaches', {
      ObjectPath: 'http://layers.test/film',
      ...parameters,
    })
    const caches = await db().$queryRaw<{ name: string }[]>`
      select c.name from task t join route r on r.id = t.route_id join cache c on c.id = any(r.caches)
      where t.id = ${BigInt(is.PreloadTaskId)}`
    expect(caches.map(({ name }) => name).toSorted()).toEqual(reached.toSorted())
  })

  it.each([
    ['false', '/old/film?a=1&utm=2'],
    ['true', '/new/film?a=1'],
  ])('of a prefetch with QueryHashkey=%s asks for %s', async (QueryHashkey, target) => {
    const ObjectPath = 'http://layers.test/old/film?a=1&utm=2'
    const { is } = await call(all, 'PreloadDcdnObjectCaches', { ObjectPath, QueryHashkey })
    const [body] = await db().$queryRaw<object[]>`
      select targets from command_body where task_id = ${BigInt(is.PreloadTaskId)}`
    expect(body).toEqual({ targets: [target] })
    expect((await byId(is.PreloadTaskId)).is.Tasks[0].ObjectPath).toBe(ObjectPath)
  })

  it('of tags is one of its domain', async () => {
    const said = await call(all, 'RefreshDcdnObjectCacheByCacheTag', {
      DomainName: 'c01.test',
      CacheTag: 'a, b',
    })
    expect((await byId(said.is.RefreshTaskId)).is.Tasks).toMatchObject([
      { ObjectPath: 'a', ObjectType: 'tag' },
      { ObjectPath: 'b', ObjectType: 'tag' },
    ])
  })
})

describe('records', () => {
  const list = (parameters: Record<string, string> = {}) => call(all, 'DescribeDcdnRefreshTasks', parameters)

  beforeAll(async () => {
    // A cache that is not there settles nothing, so states are set by hand.
    const { is: done } = await purge(urls(3, 'c05.test'))
    const { is: failed } = await purge(urls(4, 'c05.test'), { ObjectType: 'IgnoreParams' })
    await purge(urls(5, 'c05.test'))
    await db().$executeRaw`
      update task set state = 'complete' where id = ${BigInt(done.RefreshTaskId)}`
    await db().$executeRaw`
      insert into note (cache_id, seq, cause, account_id, task_id, state, targets, detail)
      select (select id from cache limit 1), first_seq, 'rejected', account_id, id, 'failed', '{1}', 'no'
      from task where id = ${BigInt(failed.RefreshTaskId)}`
    await db().$executeRaw`
      update task set state = 'partial', has_failed = true where id = ${BigInt(failed.RefreshTaskId)}`
    await db()
      .$executeRaw`update account set limits = limits || '{"callsPerSecond": {"DescribeDcdnRefreshTasks": 1000}}'`
  })

  it('are parted by their status, page by page, newest first', async () => {
    const of = (Status: string, more = {}) =>
      list({ Status, ObjectType: 'file', DomainName: 'c05.test', ...more }).then(({ is }) => is)
    expect(await of('Complete')).toMatchObject({ TotalCount: 3 })
    expect(await of('Refreshing')).toMatchObject({ TotalCount: 5 })
    expect(await of('Failed')).toMatchObject({ TotalCount: 0 })
    const failed = await of('Failed', { ObjectType: 'ignoreparams' })
    expect(failed).toMatchObject({
      TotalCount: 1,
      Tasks: { Task: [{ Status: 'Failed', ObjectPath: 'http://c05.test/1' }] },
    })
    expect(failed.Tasks.Task[0].Description).toContain('rejected')
    expect(await of('Complete', { ObjectType: 'ignoreparams' })).toMatchObject({ TotalCount: 3 })
    const pages = []
    for (const page of [1, 2, 3])
      pages.push(
        await list({
          ...{ ObjectType: 'file', DomainName: 'c05.test' },
          PageSize: '3',
          PageNumber: String(page),
        }),
      )
    const rows = pages.flatMap(({ is }) => is.Tasks.Task.map((task: { TaskId: string }) => task.TaskId))
    expect(rows).toHaveLength(8)
    expect(rows).toEqual(rows.toSorted().reverse())
    expect(pages[0]?.is).toMatchObject({ PageNumber: 1, PageSize: 3, TotalCount: 8 })
    expect((await list({ PageNumber: '1000' })).is).toMatchObject({ PageNumber: 1000, Tasks: { Task: [] } })
  })

  it('tell what failed of many lines without reading all of them', async () => {
    const { is } = await purge(urls(1_000, 'c06.test'))
    await db().$executeRaw`
      insert into note (cache_id, seq, cause, account_id, task_id, state, targets)
      select (select id from cache limit 1), l.seq, 'rejected', t.account_id, t.id, 'failed', '{}'
      from task t join log l on l.task_id = t.id where t.id = ${BigInt(is.RefreshTaskId)} and l.seq < t.first_seq + 2`
    await db().$executeRaw`
      update task set state = 'partial', has_failed = true where id = ${BigInt(is.RefreshTaskId)}`
    const of = async (Status: string, PageNumber: string) =>
      (await list({ ...{ Status, PageNumber, PageSize: '50' }, ObjectType: 'file', DomainName: 'c06.test' }))
        .is
    expect(await of('Failed', '1')).toMatchObject({ TotalCount: 400 })
    expect((await of('Failed', '8')).Tasks.Task.at(-1)).toMatchObject({ ObjectPath: 'http://c06.test/399' })
    expect(await of('Complete', '1')).toMatchObject({ TotalCount: 600 })
    expect((await of('Complete', '1')).Tasks.Task[0]).toMatchObject({ ObjectPath: 'http://c06.test/400' })
    await db().$executeRaw`update note set state = 'released' where task_id = ${BigInt(is.RefreshTaskId)}`
    expect(await of('Failed', '20')).toMatchObject({ TotalCount: 1_000 })
  })

  it('are found by line, by number and by time', async () => {
    const line = 'http://c05.test/2'
    expect((await list({ ObjectPath: line })).is.TotalCount).toBe(3)
    expect((await list({ ObjectPath: line, Status: 'Complete', ObjectType: 'file' })).is.TotalCount).toBe(1)
    expect((await list({ ObjectPath: 'http://c05.test/' })).is.TotalCount).toBe(0)
    const [task] = (await list({ ObjectPath: line })).is.Tasks.Task
    expect((await list({ TaskId: task.TaskId })).is.TotalCount).toBe(5)
    const at = (ms: number) => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`
    expect(
      (await list({ StartTime: at(-60_000), EndTime: at(60_000), TaskId: task.TaskId })).is.TotalCount,
    ).toBe(5)
    expect(
      (await list({ StartTime: at(-120_000), EndTime: at(-60_000), TaskId: task.TaskId })).is.TotalCount,
    ).toBe(0)
    const until = { StartTime: at(-60_000), EndTime: task.CreationTime, TaskId: task.TaskId }
    expect((await list(until)).is.TotalCount).toBe(5)
  })
})

describe('rights', () => {
  it('are asked for each action, after the signature', async () => {
    for (const [action, parameters] of [
      ['RefreshDcdnObjectCaches', { ObjectPath: urls(1) }],
      ['PreloadDcdnObjectCaches', { ObjectPath: urls(1) }],
      ['DescribeDcdnRefreshTasks', {}],
      ['DescribeDcdnRefreshTaskById', { TaskId: '1' }],
      ['DescribeDcdnRefreshQuota', {}],
      ['DescribeDcdnUserQuota', {}],
    ] as const) {
      const said = await call(none, action, parameters)
      expectRefusal(said, 403, 'NoPermission')
      expect(said.is.AccessDeniedDetail).toMatchObject({
        AuthAction: `dcdn:${action}`,
        NoPermissionType: 'ImplicitDeny',
      })
    }
  })

  it('reach as far as their domains, and a Deny wins', async () => {
    const ask = (text: string) => call(scoped, 'RefreshDcdnObjectCaches', { ObjectPath: text })
    expect((await ask('http://c01.test/')).status).toBe(200)
    expectRefusal(await ask('http://c01.test/\nhttp://c02.test/'), 403, 'NoPermission')
    const denied = await ask('http://c03.test/')
    expectRefusal(denied, 403, 'NoPermission')
    expect(denied.is.AccessDeniedDetail).toMatchObject({
      ...{ NoPermissionType: 'ExplicitDeny', DecidingPolicy: 'for-scoped', DecidingStatement: '1' },
    })
    const seen = { ObjectType: 'file', DomainName: 'c03.test' }
    expect((await call(scoped, 'DescribeDcdnRefreshTasks', seen)).status).toBe(200)
    expectRefusal(
      await call(scoped, 'DescribeDcdnRefreshTasks', { ...seen, DomainName: 'c02.test' }),
      403,
      'NoPermission',
    )
  })
})

it('a refusal names the path that was not allowed, and the audit log finds the key', async () => {
  const live = await keyFor('live', {
    ...{ Effect: 'Allow', Action: 'dcdn:RefreshDcdnObjectCaches', Resource: resource('c01.test') },
    Condition: { StringLike: { 'freshet:Path': '/live/*' } },
  })
  const ask = (text: string) => call(live, 'RefreshDcdnObjectCaches', { ObjectPath: text })
  expect((await ask('http://c01.test/live/a')).status).toBe(200)
  const said = await ask('http://c01.test/live/a\nhttp://c01.test/about.html')
  expectRefusal(said, 403, 'NoPermission')
  expect(said.is.Message).toContain('for /about.html (url)')
  expect(said.is.AccessDeniedDetail).toMatchObject({ AuthPath: '/about.html', AuthMethod: 'url' })
  const { entries } = await listAudit(owner, { filter: { key: [live.id] } })
  expect(entries.map(({ outcome }) => outcome)).toEqual(['refused', 'done'])
})

describe('quotas and rates', () => {
  it('give exactly what is left to those who come at once', async () => {
    await db().$executeRaw`update quota_use set used = 995 where pool = 'directory'`
    await db().$executeRaw`
      insert into quota_use (account_id, pool, day, used)
      select ${owner.accountId}, 'directory', (now() at time zone 'UTC' + interval '8 hours')::date, 995
      on conflict (account_id, pool, day) do update set used = 995`
    const ten = await Promise.all(
      Array.from({ length: 10 }, () => purge('http://c01.test/a/', { ObjectType: 'Directory' })),
    )
    expect(ten.filter(({ status }) => status === 200)).toHaveLength(5)
    for (const said of ten.filter(({ status }) => status !== 200))
      expectRefusal(said, 400, 'QuotaExceeded.Refresh')
    const { is } = await call(all, 'DescribeDcdnRefreshQuota')
    expect(is).toMatchObject({ DirQuota: '1000', DirRemain: '0', BlockQuota: '0' })
    expect((await call(all, 'DescribeDcdnUserQuota')).is).toMatchObject({
      RefreshDirQuota: 1000,
      RefreshDirRemain: 0,
    })
  })

  it('let a second’s calls through and not many more, and come back', async () => {
    await db()
      .$executeRaw`update account set limits = limits || '{"callsPerSecond": {"DescribeDcdnRefreshTasks": 10}}'`
    await db().$executeRaw`delete from api_rate`
    const ask = () => call(all, 'DescribeDcdnRefreshTasks', { PageSize: '1' })
    const eighty = await Promise.all(Array.from({ length: 80 }, ask))
    expect(eighty.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5)
    const refused = eighty.filter(({ status }) => status !== 200)
    expect(refused.length).toBeGreaterThan(0)
    for (const said of refused) expectRefusal(said, 429, 'Throttling.User')
    await expect
      .poll(() => db().$queryRaw`select count(*)::int as rows from api_call where code = 'Throttling.User'`)
      .toEqual([{ rows: 1 }])
    await expect.poll(async () => (await ask()).status, { timeout: 2_500 }).toBe(200)
  })
})

it('what a key asked last is noted, but for how far a task is; another secret is no use of it', async () => {
  const { is } = await call(all, 'RefreshDcdnObjectCaches', { ObjectPath: 'http://c01.test/far' })
  const asked = { TaskId: is.RefreshTaskId }
  const progress = await call(all, 'DescribeTaskProgress', asked, { version: '2026-11-26' })
  expect(progress.is.Tasks).toHaveLength(1)
  expectRefusal(await call({ ...scoped, secret: 'x' }, 'DescribeDcdnUserQuota'), 400, 'SignatureDoesNotMatch')
  await expect
    .poll(
      () =>
        db()
          .$queryRaw`select action from api_call where key_id = ${scoped.id} and code = 'SignatureDoesNotMatch'`,
    )
    .toEqual([{ action: 'DescribeDcdnUserQuota' }])
  await expect
    .poll(
      () => db().$queryRaw`select action, code from api_call where key_id = ${scoped.id} order by id limit 2`,
    )
    .toEqual([
      { action: 'RefreshDcdnObjectCaches', code: '' },
      { action: 'RefreshDcdnObjectCaches', code: 'NoPermission' },
    ])
  const [key] = await db().$queryRaw<
    object[]
  >`select last_used_action, last_used_address from access_key where id = ${scoped.id}`
  expect(
    await db().$queryRaw`select 1 from api_call where key_id = ${all.id} and action = 'DescribeTaskProgress'`,
  ).toEqual([])
  expect(key).toEqual({ last_used_action: 'DescribeDcdnRefreshTasks', last_used_address: '127.0.0.1' })
})
