import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { Config } from '@alicloud/openapi-client'
import type PopCore from '@alicloud/pop-core'
import type { Page } from '@playwright/test'
import { request } from 'undici'
import { type Edge, startEdge } from '#lib/edge/server.ts'
import { startVarnish, varnishAvailable } from '#lib/fleet/real-caches.ts'
import { startTestOrigin, type TestOrigin } from '#lib/fleet/test-origin.ts'
import { type AccessKey, createKey } from './api-keys.ts'
import { addCache, axe, expect, owner, test } from './fixtures.ts'
import { addUser, hold } from './people.ts'

// The vendor's own packages against a production build: only the endpoint is another one.

test.describe.configure({ mode: 'serial' })

// They are CommonJS, and what an import of theirs holds differs between loaders.
const load = createRequire(import.meta.url)
const Dcdn = load('@alicloud/dcdn20180115') as typeof import('@alicloud/dcdn20180115')
const Cdn = load('@alicloud/cdn20180510') as typeof import('@alicloud/cdn20180510')
const { RPCClient } = load('@alicloud/pop-core') as { RPCClient: typeof PopCore }

const secret = 'shared-with-the-cache'
const host = 'www.sdk.test'
const domains = [host, ...Array.from({ length: 10 }, (_, at) => `d${at}.sdk.test`)]
let origin: TestOrigin
let edge: Edge
let site: string
let key: AccessKey
let nobody: AccessKey
const closing: (() => Promise<unknown>)[] = []

test.beforeAll(async () => {
  origin = await startTestOrigin()
  closing.push(() => origin.stop())
})
test.afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

const get = async (address: string, path: string) =>
  (await request(`${address}${path}`, { headers: { host } })).body.text()

/** The package of DCDN; `v2` is its name for the signature of version 1. */
function dcdn(url: string, { id, secret }: AccessKey, signatureAlgorithm?: 'v2') {
  const config = new Config({
    ...{ accessKeyId: id, accessKeySecret: secret, endpoint: new URL(url).host, protocol: 'HTTP' },
    ...(signatureAlgorithm && { signatureAlgorithm }),
  })
  return new Dcdn.default(config)
}

function cdn(url: string, { id, secret }: AccessKey) {
  const config = { accessKeyId: id, accessKeySecret: secret, endpoint: new URL(url).host, protocol: 'HTTP' }
  return new Cdn.default(config as never)
}

/** The older package, which is told the version. */
function core(url: string, { id, secret }: AccessKey, apiVersion = '2018-01-15') {
  return new RPCClient({ accessKeyId: id, accessKeySecret: secret, endpoint: url, apiVersion })
}

const refresh = (objectPath: string, more = {}) =>
  new Dcdn.RefreshDcdnObjectCachesRequest({ objectPath, ...more })

/** Waits as a script would: until every line is over. */
async function finished(client: ReturnType<typeof dcdn>, taskId = '') {
  const ask = new Dcdn.DescribeDcdnRefreshTaskByIdRequest({ taskId })
  let tasks: { status?: string; objectPath?: string; process?: string }[] = []
  await expect
    .poll(
      async () => {
        tasks = (await client.describeDcdnRefreshTaskById(ask)).body?.tasks ?? []
        return tasks.length > 0 && tasks.every(({ status }) => status === 'Complete' || status === 'Failed')
      },
      { timeout: 15_000 },
    )
    .toBe(true)
  return tasks
}

test('a key, an edge, a Varnish and their domains are there', async ({ page }) => {
  test.skip(!varnishAvailable(), 'varnishd with varnish-modules is missing')
  const varnish = await startVarnish({ origin: origin.url, secret })
  closing.push(() => varnish.stop())
  site = varnish.site
  const origins = Object.fromEntries(domains.map((name) => [name, origin.url]))
  edge = await startEdge({
    ...{ name: 'sdk', secret, version: 'test', origins, shield: undefined, port: 0, controlPort: 0 },
  })
  closing.push(() => edge.close())
  await addCache(page, { name: 'sdk-varnish', kind: 'varnish', address: varnish.address, secret })
  await addCache(page, { name: 'sdk-edge', address: edge.control, secret })
  await page.goto('/domains?list=1')
  await page.getByLabel('Domains, one a line').fill(domains.join('\n'))
  for (const name of ['sdk-varnish', 'sdk-edge'])
    await page.getByRole('checkbox', { name: new RegExp(`^${name} `) }).check()
  await page.getByRole('button', { name: 'Add these domains' }).click()
  await expect(page.getByText(`${domains.length} domains added.`)).toBeVisible()
  key = await createKey(page, owner.name)
  await addUser(page, 'powerless')
  await hold(page, 'powerless', [])
  nobody = await createKey(page, 'powerless')
})

/** What each package is, by how it signs, and how it purges one URL. */
const packages: [string, (url: string, path: string) => Promise<string | undefined>][] = [
  [
    'dcdn20180115, ACS3-HMAC-SHA256',
    async (url, path) => (await dcdn(url, key).refreshDcdnObjectCaches(refresh(path))).body?.refreshTaskId,
  ],
  [
    'dcdn20180115, HMAC-SHA1',
    async (url, path) =>
      (await dcdn(url, key, 'v2').refreshDcdnObjectCaches(refresh(path))).body?.refreshTaskId,
  ],
  [
    'cdn20180510, ACS3-HMAC-SHA256',
    async (url, path) =>
      (await cdn(url, key).refreshObjectCaches(new Cdn.RefreshObjectCachesRequest({ objectPath: path }))).body
        ?.refreshTaskId,
  ],
  [
    'pop-core, HMAC-SHA1 in a form',
    async (url, path) =>
      (
        await core(url, key).request<{ RefreshTaskId: string }>(
          'RefreshDcdnObjectCaches',
          { ObjectPath: path },
          { method: 'POST' },
        )
      ).RefreshTaskId,
  ],
  [
    'pop-core, HMAC-SHA1 in the address',
    async (url, path) =>
      (
        await core(url, key, '2018-05-10').request<{ RefreshTaskId: string }>('RefreshObjectCaches', {
          ObjectPath: path,
        })
      ).RefreshTaskId,
  ],
]

for (const [name, purge] of packages)
  test(`a URL is purged everywhere by ${name}`, async ({ product }) => {
    const path = `/${name.replaceAll(/\W/g, '')}`
    const bodies = () => Promise.all([get(site, path), get(edge.site, path)])
    origin.set(path, { body: 'old' })
    expect(await bodies()).toEqual(['old', 'old'])
    origin.set(path, { body: 'new' })
    expect(await bodies()).toEqual(['old', 'old'])
    const id = await purge(product.url, `http://${host}${path}`)
    expect(await finished(dcdn(product.url, key), id)).toMatchObject([
      { objectPath: `http://${host}${path}`, objectType: 'file', status: 'Complete', process: '100%' },
    ])
    expect(await bodies()).toEqual(['new', 'new'])
  })

test('directories, patterns, tags and a thousand URLs go through the packages', async ({ product }) => {
  const client = dcdn(product.url, key)
  const directory = await client.refreshDcdnObjectCaches(
    refresh(`http://${host}/a/`, { objectType: 'Directory', force: true }),
  )
  const regex = await client.refreshDcdnObjectCaches(
    refresh(`http://${host}/[0-9][a-z].*.jpg`, { objectType: 'Regex' }),
  )
  const tag = await client.refreshDcdnObjectCacheByCacheTag(
    new Dcdn.RefreshDcdnObjectCacheByCacheTagRequest({ domainName: host, cacheTag: 'one,two' }),
  )
  const many = Array.from({ length: 1_000 }, (_, at) => `http://${host}/${String(at).padEnd(24, 'x')}`)
  const inAddress = await client.refreshDcdnObjectCaches(refresh(many.join('\n')))
  const inForm = await cdn(product.url, key).refreshObjectCaches(
    new Cdn.RefreshObjectCachesRequest({ objectPath: many.join('\r\n') }),
  )
  for (const [{ body }, count] of [
    [directory, 1],
    [regex, 1],
    [tag, 2],
    [inAddress, 1_000],
    [inForm, 1_000],
  ] as const) {
    const tasks = await finished(client, body?.refreshTaskId)
    expect(tasks).toHaveLength(count)
    expect(tasks.every(({ status }) => status === 'Complete')).toBe(true)
  }
})

test('a thousand URLs of 1,024 characters go in one address, on the port of the API', async ({ product }) => {
  const longest = Array.from({ length: 1_000 }, (_, at) => `http://${host}/${at}`.padEnd(1_024, '~'))
  const { RefreshTaskId } = await core(product.apiUrl, key).request<{ RefreshTaskId: string }>(
    'RefreshDcdnObjectCaches',
    { ObjectPath: longest.join('\n') },
    { method: 'GET' },
  )
  expect(await finished(dcdn(product.url, key), RefreshTaskId)).toHaveLength(1_000)
})

test('a prefetch fills the caches, with the fields that were asked for', async ({ product }) => {
  origin.set('/film', { body: 'film', headers: { vary: 'Accept-Encoding' } })
  const client = dcdn(product.url, key)
  const { body } = await client.preloadDcdnObjectCaches(
    new Dcdn.PreloadDcdnObjectCachesRequest({
      ...{ objectPath: `http://${host}/film`, l2Preload: true, queryHashkey: false },
      withHeader: JSON.stringify({ 'Accept-Encoding': ['gzip', 'br'] }),
    }),
  )
  await finished(client, body?.preloadTaskId)
  const asked = origin.requests.filter(({ path }) => path === '/film').length
  // Varnish asks for gzip whatever it is asked, so it has one copy for both.
  expect(asked).toBe(3)
  for (const address of [site, edge.site])
    await request(`${address}/film`, { headers: { host, 'accept-encoding': 'gzip' } }).then(({ body }) =>
      body.text(),
    )
  expect(origin.requests.filter(({ path }) => path === '/film')).toHaveLength(asked)
  const pushed = await cdn(product.url, key).pushObjectCache(
    new Cdn.PushObjectCacheRequest({ objectPath: `http://${host}/film` }),
  )
  expect(pushed.body?.pushTaskId).toMatch(/^\d+$/)
})

test('records, quotas and domains are read into the packages’ own types', async ({ product }) => {
  const client = dcdn(product.url, key)
  const list = await client.describeDcdnRefreshTasks(
    new Dcdn.DescribeDcdnRefreshTasksRequest({ domainName: host, objectType: 'file', pageSize: 50 }),
  )
  expect(list.body).toMatchObject({ pageNumber: 1, pageSize: 50 })
  expect(list.body?.totalCount).toBeGreaterThanOrEqual(2_005)
  expect(list.body?.tasks?.task).toHaveLength(50)
  const twin = await cdn(product.url, key).describeRefreshTasks(
    new Cdn.DescribeRefreshTasksRequest({ objectPath: `http://${host}/film`, pageSize: 100 }),
  )
  expect(twin.body?.tasks?.CDNTask?.[0]).toMatchObject({ objectType: 'preload' })
  const quota = await client.describeDcdnRefreshQuota(new Dcdn.DescribeDcdnRefreshQuotaRequest({}))
  expect(quota.body).toMatchObject({ dirQuota: '100', regexQuota: '20', regexRemain: '19' })
  const user = await client.describeDcdnUserQuota(new Dcdn.DescribeDcdnUserQuotaRequest({}))
  expect(user.body).toMatchObject({ refreshDirQuota: 100, preloadQuota: 1_000 })
  const named = await client.describeDcdnUserDomains(
    new Dcdn.DescribeDcdnUserDomainsRequest({ domainName: 'sdk.test', domainSearchType: 'suf_match' }),
  )
  expect(named.body?.totalCount).toBe(domains.length)
})

/** A time so many hours from now, as the API writes one. */
const utc = (hours: number) => `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19)}Z`

/** Sets limits through the page; an empty one is the vendor's. */
async function setLimits(page: Page, limits: Record<string, string>): Promise<void> {
  await page.goto('/quotas?limits=1')
  for (const [name, value] of Object.entries(limits)) await page.locator(`input[name="${name}"]`).fill(value)
  await page.getByRole('button', { name: 'Save the limits' }).click()
  await page.waitForURL(/quotas$/)
}

/** Each package throws what it understood: a code, and a status or a message. */
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: { code?: string }) => error.code,
  )

test('what is documented as an error is one in each package', async ({ product, page }) => {
  const url = (count: number, at = host) =>
    Array.from({ length: count }, (_, each) => `http://${at}/${each}`).join('\n')
  const cases: [action: string, parameters: Record<string, string>, code: string][] = [
    ['RefreshDcdnObjectCaches', { ObjectPath: url(1_001) }, 'SingleRequest.OverLimit'],
    ['RefreshDcdnObjectCaches', { ObjectPath: url(1), ObjectType: 'Tree' }, 'InvalidObjectType.Malformed'],
    ['RefreshDcdnObjectCaches', { ObjectPath: `http://${host}/a b` }, 'InvalidObjectPath.Malformed'],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: `http://*.${host}/` },
      'InvalidExtensiveDomain.ValueNotSupported',
    ],
    ['RefreshDcdnObjectCaches', { ObjectPath: 'http://elsewhere.test/' }, 'InvalidDomain.NotFound'],
    [
      'RefreshDcdnObjectCaches',
      { ObjectPath: domains.map((at) => url(1, at)).join('\n') },
      'DomainNameOverLimit',
    ],
    ['RefreshDcdnObjectCaches', {}, 'MissingObjectPath'],
    [
      'RefreshDcdnObjectCaches',
      {
        ObjectType: 'Regex',
        ObjectPath: Array.from({ length: 20 }, (_, at) => `http://${host}/${at}.*`).join('\n'),
      },
      'QuotaExceeded.Refresh',
    ],
    ['PreloadDcdnObjectCaches', { ObjectPath: url(101) }, 'SingleRequest.OverLimit'],
    ['PreloadDcdnObjectCaches', { ObjectPath: `http://${host}/a/` }, 'InvalidObjectPath.Malformed'],
    ['PreloadDcdnObjectCaches', { ObjectPath: url(1), Area: 'mars' }, 'InvalidParameter.Area'],
    ['PreloadDcdnObjectCaches', { ObjectPath: url(1), WithHeader: 'x' }, 'InvalidParameter.WithHeader'],
    ['DescribeDcdnRefreshTasks', { TaskId: 'x' }, 'InvalidTaskId.Malformed'],
    ['DescribeDcdnRefreshTasks', { Status: 'Failed' }, 'MissingParameter.ObjectType'],
    ['DescribeDcdnRefreshTasks', { StartTime: '2026-01-01T00:00:00Z' }, 'MissingTimeParameter'],
    ['DescribeDcdnRefreshTasks', { Status: 'Done', ObjectType: 'file' }, 'InvalidStatus.ValueNotSupported'],
    ['DescribeDcdnRefreshTasks', { ObjectType: 'tree' }, 'InvalidObjectType.ValueNotSupported'],
    ['DescribeDcdnRefreshTasks', { StartTime: 'x', EndTime: utc(0) }, 'InvalidStartTime.Malformed'],
    ['DescribeDcdnRefreshTasks', { StartTime: utc(-1), EndTime: 'x' }, 'InvalidEndTime.Malformed'],
    ['DescribeDcdnRefreshTasks', { StartTime: utc(0), EndTime: utc(-1) }, 'InvalidEndTime.Mismatch'],
    [
      'DescribeDcdnRefreshTasks',
      { StartTime: utc(-80), EndTime: utc(0) },
      'InvalidStartTime.ValueNotSupported',
    ],
    ['DescribeDcdnRefreshTaskById', {}, 'MissingParameter'],
    ['DescribeDcdnRefreshTaskById', { TaskId: Array(11).fill('1').join(',') }, 'InvalidTaskId.Malformed'],
    ['BlockDcdnObjectProvider', {}, 'InvalidAction.NotFound'],
  ]
  await setLimits(page, { 'callsPerSecond.DescribeDcdnRefreshTasks': '1000' })
  for (const [action, parameters, code] of cases) {
    expect(await codeOf(core(product.url, key).request(action, parameters, { method: 'POST' }))).toBe(code)
    const generic = dcdn(product.url, key).callApi(
      {
        ...{ action, version: '2018-01-15', protocol: 'HTTP', pathname: '/', method: 'POST' },
        ...{ authType: 'AK', style: 'RPC', reqBodyType: 'formData', bodyType: 'json' },
      } as never,
      { query: parameters } as never,
      {} as never,
    )
    expect(await codeOf(generic)).toBe(code)
  }

  const one = refresh(url(1))
  for (const algorithm of [undefined, 'v2'] as const) {
    const wrong = dcdn(product.url, { ...key, secret: 'wrong' }, algorithm).refreshDcdnObjectCaches(one)
    expect(await codeOf(wrong)).toBe('SignatureDoesNotMatch')
    const unknown = dcdn(product.url, { ...key, id: 'LTAInobody' }, algorithm).refreshDcdnObjectCaches(one)
    expect(await codeOf(unknown)).toBe('InvalidAccessKeyId.NotFound')
  }
  const asked = (more: object) => codeOf(core(product.url, key).request('DescribeDcdnRefreshQuota', more))
  expect(await asked({ Timestamp: utc(-1) })).toBe('InvalidTimeStamp.Expired')
  expect(await asked({ Timestamp: 'x' })).toBe('InvalidTimeStamp.Format')
  expect(await asked({ SecurityToken: 'x' })).toBe('InvalidSecurityToken.Malformed')
  const SignatureNonce = randomUUID()
  expect(await asked({ SignatureNonce })).toBe('accepted')
  expect(await asked({ SignatureNonce })).toBe('SignatureNonceUsed')
  const elsewhere = core(product.url, key, '2014-11-11').request('RefreshObjectCaches', {})
  expect(await codeOf(elsewhere)).toBe('InvalidVersion')
  const denied = await dcdn(product.url, nobody)
    .refreshDcdnObjectCaches(one)
    .catch((error: object) => error)
  expect(denied).toMatchObject({ code: 'NoPermission', statusCode: 403 })
  expect((denied as { accessDeniedDetail: object }).accessDeniedDetail).toMatchObject({
    ...{
      AuthAction: 'dcdn:RefreshDcdnObjectCaches',
      NoPermissionType: 'ImplicitDeny',
      WhoCanGrant: owner.name,
    },
  })

  await setLimits(page, { 'callsPerSecond.DescribeDcdnRefreshTasks': '' })
  const list = () => codeOf(core(product.url, key).request('DescribeDcdnRefreshTasks', {}))
  const codes = await Promise.all(Array.from({ length: 40 }, list))
  expect(new Set(codes)).toEqual(new Set(['accepted', 'Throttling.User']))

  await setLimits(page, { 'perDay.prefetch': '0', 'perMinute.directory': '0' })
  const ask = (action: string, parameters: object) =>
    codeOf(core(product.url, key).request(action, parameters, { method: 'POST' }))
  expect(await ask('PreloadDcdnObjectCaches', { ObjectPath: url(1) })).toBe('QuotaExceeded.Preload')
  const directory = { ObjectPath: `http://${host}/b/`, ObjectType: 'Directory' }
  expect(await ask('RefreshDcdnObjectCaches', directory)).toBe('QuotaPerMinuteExceeded.Refresh')
  await setLimits(page, { 'perDay.prefetch': '', 'perMinute.directory': '', queue: '0' })
  expect(await ask('PreloadDcdnObjectCaches', { ObjectPath: url(1) })).toBe('PreloadQueueFull')
  await setLimits(page, { queue: '' })
})

test('a key that is disabled, or used from elsewhere, opens nothing for the packages', async ({
  page,
  product,
}) => {
  const quota = () => codeOf(core(product.url, nobody).request('DescribeDcdnRefreshQuota', {}))
  const change = async (act: () => Promise<unknown>) => {
    await page.goto(`/access/keys?change=${nobody.id}`)
    await act()
    await page.getByRole('button', { name: 'Save the key' }).click()
    await page.waitForURL(/keys$/)
  }
  await change(() => page.getByLabel('From').fill('198.51.100.0/24'))
  expect(await quota()).toBe('Forbidden.SourceIp')
  await change(() => page.getByRole('radio', { name: 'disabled' }).check())
  expect(await quota()).toBe('InvalidAccessKeyId.Inactive')
})

test('Records says that a key asked, and which one', async ({ page }) => {
  await page.goto('/records?source=api')
  await expect(page.getByRole('row').nth(1)).toContainText('API')
  await page.getByRole('row').nth(1).getByRole('link').first().click()
  await expect(page.getByText(`API key ${key.id}`)).toBeVisible()
})

for (const [name, file, command] of [
  ['Node.js', 'purge.mjs', process.execPath],
  ['Python', 'purge.py', 'python3'],
] as const)
  test(`the example in ${name} runs as the page shows it`, async ({ page, product }) => {
    await page.goto('/api')
    const summary = page.locator('summary', { hasText: file })
    await expect(summary).toContainText('run by our tests')
    if (name !== 'Node.js') await summary.click()
    const text = await page.getByRole('region', { name: file }).textContent()
    const copy = path.join(product.state, file)
    writeFileSync(copy, text ?? '')
    const { stdout } = await promisify(execFile)(command, [copy, `http://${host}/from-${file}`], {
      env: {
        ...process.env,
        ALIBABA_CLOUD_ACCESS_KEY_ID: key.id,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.secret,
      },
    })
    expect(await finished(dcdn(product.url, key), stdout.trim())).toMatchObject([
      { objectPath: `http://${host}/from-${file}`, status: 'Complete' },
    ])
  })

test('the API page shows what a key asked last, to everybody their own, in both languages', async ({
  page,
  context,
}) => {
  await page.goto('/api')
  const calls = page.getByRole('region', { name: 'Last calls' })
  await expect(calls.getByRole('row').nth(1)).toContainText('DescribeDcdnRefreshTaskById')
  await expect(calls.getByRole('row').nth(1)).toContainText('127.0.0.1')
  await expect(page.getByText(nobody.id)).toHaveCount(0)
  expect(await axe(page)).toEqual([])
  await context.addCookies([{ name: 'locale', value: 'zh-CN', url: page.url() }])
  await page.reload()
  await expect(page.getByRole('heading', { name: '接入地址' })).toBeVisible()
})
