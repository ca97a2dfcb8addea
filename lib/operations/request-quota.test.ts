import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Caller, noRequest } from '#lib/core/caller.ts'
import { type Method, methods } from '#lib/core/line.ts'
import { callNames, dayEnd, defaultLimits, type Limits, type OwnLimits } from '#lib/core/quota.ts'
import { attachedSystem } from '#lib/core/system-policies.ts'
import { testDatabase } from '#lib/fleet/test-database.ts'
import { closeStore, db } from '#lib/store/client.ts'
import { describeRefreshQuota, listQuotaRequests } from './describe-refresh-quota.ts'
import { preloadObjectCaches } from './preload-object-caches.ts'
import { refreshObjectCaches } from './refresh-object-caches.ts'
import { decideQuota, requestQuota, saveLimits, withdrawQuotaRequest } from './request-quota.ts'
import { saveCache } from './save-cache.ts'
import { saveDomain } from './save-domain.ts'

await testDatabase()
afterAll(closeStore)

type Account = { admin: Caller; editor: Caller; domains: [string, string] }

let accounts = 0

/** An account of its own, so that no test uses up what another needs. */
async function makeAccount(limits: OwnLimits = {}): Promise<Account> {
  const name = `account-${++accounts}`
  const { id: accountId } = await db().account.create({ data: { name } })
  const add = (user: string, role: 'owner' | 'user') =>
    db().user.create({ data: { accountId, name: user, role } })
  const [owner, editor] = [await add('owner', 'owner'), await add('editor', 'user')]
  const shared = { accountId, source: 'console', address: '192.0.2.1', ...noRequest } as const
  const policies = attachedSystem(['FreshetPurgeAndPrefetchAccess'])
  const account: Account = {
    admin: { ...shared, userId: owner.id, name: owner.name, role: 'owner', policies: [] },
    editor: { ...shared, userId: editor.id, name: editor.name, role: 'user', policies },
    domains: [`a.${name}.test`, `b.${name}.test`],
  }
  const cache = { name: 'one', kind: 'edge', address: 'http://one:80', tier: 'edge' } as const
  const { id } = await saveCache(account.admin, { ...cache, secret: 'sixteen-characters' })
  for (const domain of account.domains) await saveDomain(account.admin, { name: domain, cacheIds: [id] })
  if (Object.keys(limits).length > 0) await saveLimits(account.admin, limits)
  return account
}

let lines = 0

/** New lines of a method, as a person would write them. */
function write(method: Method, domain: string, count: number): string {
  const line = {
    url: (n: number) => `https://${domain}/${n}`,
    directory: (n: number) => `https://${domain}/${n}/`,
    regex: (n: number) => `https://${domain}/${n}/[0-9]`,
    'ignore-parameters': (n: number) => `https://${domain}/${n}`,
    tag: (n: number) => `tag-${n}`,
    prefetch: (n: number) => `https://${domain}/${n}`,
  }[method]
  return Array.from({ length: count }, () => line(++lines)).join('\n')
}

function submit({ editor, domains }: Account, method: Method, count: number, domain = domains[0]) {
  const text = write(method, domain, count)
  const key = randomUUID()
  if (method === 'prefetch') return preloadObjectCaches(editor, { text, key })
  return refreshObjectCaches(editor, { text, key, method, mode: 'soft', tagDomain: domain })
}

const stateOf = async ({ admin }: Account, pool: Method = 'url') =>
  (await describeRefreshQuota(admin, {})).pools.find((state) => state.pool === pool)

/** Everything that a refused submission must leave as it was. */
async function footprint({ admin: { accountId } }: Account): Promise<unknown> {
  const [row] = await db().$queryRaw<object[]>`
    select (select jsonb_object_agg(pool, used) from quota_use where account_id = ${accountId} and used > 0) as used,
      (select sum(c) from rate_window, unnest(counts) c where account_id = ${accountId})::int as minute,
      (select count(*) from task where account_id = ${accountId})::int as tasks,
      (select count(*) from line where account_id = ${accountId})::int as lines,
      (select count(*) from submission_key where account_id = ${accountId})::int as keys`
  return row
}

async function expectRefused(account: Account, act: () => Promise<unknown>, fault: object) {
  const before = await footprint(account)
  await expect(act()).rejects.toMatchObject({ name: 'Fault', ...fault })
  expect(await footprint(account)).toEqual(before)
}

describe('limits that nobody has set', () => {
  it('are the vendor’s, and nothing is used', async () => {
    const { admin } = await makeAccount()
    const { limits, pools, queued, raises } = await describeRefreshQuota(admin, {})
    expect({ limits, queued, raises }).toEqual({ limits: defaultLimits, queued: 0, raises: [] })
    expect(pools.map(({ pool, limit, left, used, warns }) => ({ pool, limit, left, used, warns }))).toEqual(
      methods.map((pool) => {
        const limit = defaultLimits.perDay[pool]
        return { pool, limit, left: limit, used: 0, warns: false }
      }),
    )
  })
})

describe('the limit of', () => {
  it.each(methods)('%s a day holds, and a refused submission uses nothing', async (pool) => {
    const account = await makeAccount({ perDay: { [pool]: 3 } })
    await submit(account, pool, 2)
    expect(await stateOf(account, pool)).toMatchObject({ used: 2, left: 1, limit: 3 })
    await expectRefused(account, () => submit(account, pool, 2), {
      code: pool === 'prefetch' ? 'QuotaExceeded.Preload' : 'QuotaExceeded.Refresh',
      details: { pool, asked: 2, left: 1, limit: 3 },
    })
    await submit(account, pool, 1)
    expect(await stateOf(account, pool)).toMatchObject({ used: 3, left: 0 })
    await expectRefused(account, () => submit(account, pool, 1), { details: { left: 0 } })
  })

  it.each(methods)('%s of one submission holds', async (pool) => {
    const account = await makeAccount({ perSubmission: { [pool]: 2 } })
    await submit(account, pool, 2)
    await expectRefused(account, () => submit(account, pool, 3), {
      code: 'SingleRequest.OverLimit',
      details: { given: 3, limit: 2, pool },
    })
  })

  it.each(['url', 'directory'] as const)('%s a minute holds for each domain apart', async (pool) => {
    const account = await makeAccount({ perMinute: { [pool]: 3 } })
    const [a, b] = account.domains
    await submit(account, pool, 2, a)
    await expectRefused(account, () => submit(account, pool, 2, a), {
      code: 'QuotaPerMinuteExceeded.Refresh',
      details: { domain: a, pool, asked: 2, left: 1, limit: 3 },
    })
    await submit(account, pool, 3, b)
    await submit(account, pool, 1, a)
    await db().$executeRaw`
      update rate_window set second = second - 62 where account_id = ${account.admin.accountId}`
    await submit(account, pool, 3, a)
  })

  it.each(['regex', 'ignore-parameters', 'tag', 'prefetch'] as const)(
    'a minute does not count %s',
    async (pool) => {
      const account = await makeAccount({ perMinute: { url: 0, directory: 0 } })
      await submit(account, pool, 3)
    },
  )

  it('what goes ahead of long submissions a minute holds', async () => {
    const account = await makeAccount({ urgentPerMinute: 2 })
    const { accountId } = account.admin
    for (let nth = 0; nth < 3; nth++) await submit(account, 'url', 1)
    const classes = async () => {
      const rows = await db().$queryRaw<{ class: number }[]>`
        select class::int from task where account_id = ${accountId} order by id`
      return rows.map((row) => row.class)
    }
    expect(await classes()).toEqual([0, 0, 1])
    await db().$executeRaw`update task_window set second = second - 61 where account_id = ${accountId}`
    await submit(account, 'url', 1)
    expect(await classes()).toEqual([0, 0, 1, 0])
    await saveLimits(account.admin, { urgentPerMinute: 0 })
    await submit(account, 'url', 1)
    expect(await classes()).toEqual([0, 0, 1, 0, 1])
  })

  it('the prefetch queue holds until some are done', async () => {
    const account = await makeAccount({ queue: 3 })
    await submit(account, 'prefetch', 2)
    await expectRefused(account, () => submit(account, 'prefetch', 2), {
      code: 'PreloadQueueFull',
      details: { queued: 4, limit: 3 },
    })
    await submit(account, 'prefetch', 1)
    expect(await describeRefreshQuota(account.admin, {})).toMatchObject({ queued: 3 })
    await db().$executeRaw`update task set state = 'complete' where account_id = ${account.admin.accountId}`
    await submit(account, 'prefetch', 3)
    await submit(account, 'url', 1)
    expect(await describeRefreshQuota(account.admin, {})).toMatchObject({ queued: 3 })
  })

  it('nothing is what a limit of 0 leaves', async () => {
    const account = await makeAccount({ perDay: { regex: 0 } })
    await expectRefused(account, () => submit(account, 'regex', 1), { details: { left: 0, limit: 0 } })
  })
})

describe('a day', () => {
  it('of the vendor begins at 00:00 UTC+8, and what was used before it no longer counts', async () => {
    const account = await makeAccount({ perDay: { url: 2 } })
    const { accountId } = account.admin
    await submit(account, 'url', 2)
    const [row] = await db().$queryRaw<{ is: boolean }[]>`
      select day = ((now() at time zone 'UTC') + interval '8 hours')::date as is
      from quota_use where account_id = ${accountId}`
    expect(row).toEqual({ is: true })
    const { resetsAtMs } = await describeRefreshQuota(account.admin, {})
    expect(resetsAtMs).toBe(dayEnd(Date.now(), 480))
    expect(new Date(resetsAtMs).toISOString()).toMatch(/T16:00:00\.000Z$/)
    await expectRefused(account, () => submit(account, 'url', 1), {
      details: { resetsAt: expect.stringContaining('16:00') },
    })
    await db().$executeRaw`update quota_use set day = day - 1 where account_id = ${accountId}`
    expect(await stateOf(account)).toMatchObject({ used: 0, left: 2 })
    await submit(account, 'url', 2)
  })

  it('begins where the account says', async () => {
    // So far apart that it is never the same day in both.
    const [east, west] = [840, -720]
    const account = await makeAccount({ perDay: { url: 2 }, dayOffsetMinutes: east })
    await submit(account, 'url', 2)
    expect(await stateOf(account)).toMatchObject({ left: 0 })
    await saveLimits(account.admin, { perDay: { url: 2 }, dayOffsetMinutes: west })
    expect(await stateOf(account)).toMatchObject({ used: 0, left: 2 })
    await submit(account, 'url', 1)
    await saveLimits(account.admin, { perDay: { url: 2 }, dayOffsetMinutes: east })
    expect(await stateOf(account)).toMatchObject({ used: 2, left: 0 })
  })
})

describe('the limits of the account', () => {
  it('warn from their share on', async () => {
    const account = await makeAccount({ perDay: { url: 5 } })
    await submit(account, 'url', 3)
    expect(await stateOf(account)).toMatchObject({ warns: false })
    await submit(account, 'url', 1)
    expect(await stateOf(account)).toMatchObject({ warns: true })
    await saveLimits(account.admin, { perDay: { url: 5 }, warnAtPercent: 81 })
    expect(await stateOf(account)).toMatchObject({ warns: false })
  })

  it('are all set and all given back', async () => {
    const { admin } = await makeAccount()
    const every = (value: number) => Object.fromEntries(methods.map((pool) => [pool, value]))
    const all = {
      perDay: every(1),
      perSubmission: every(2),
      perMinute: { url: 3, directory: 4 },
      urgentPerMinute: 5,
      queue: 6,
      dayOffsetMinutes: -330,
      considerFromMbps: every(7),
      warnAtPercent: 8,
      perCall: every(9),
      domainsPerCall: 10_000,
      callsPerSecond: Object.fromEntries(callNames.map((name) => [name, 11])),
    } as Limits
    await saveLimits(admin, all)
    expect((await describeRefreshQuota(admin, {})).limits).toEqual(all)
    await saveLimits(admin, {})
    expect((await describeRefreshQuota(admin, {})).limits).toEqual(defaultLimits)
  })

  it.each<[string, OwnLimits]>([
    ['a number below nothing', { perDay: { url: -1 } }],
    ['a part of one', { perSubmission: { tag: 1.5 } }],
    ['more than ten million', { queue: 10_000_001 }],
    ['a share of more than everything', { warnAtPercent: 101 }],
    ['an offset that is none', { dayOffsetMinutes: 841 }],
    ['a pool that there is not', { perDay: { urls: 1 } } as OwnLimits],
  ])('are not %s', async (_, limits) => {
    const { admin } = await makeAccount()
    await expect(saveLimits(admin, limits)).rejects.toMatchObject({ code: 'InvalidParameter' })
  })
})

describe('a request for more', () => {
  const wish = { pool: 'url', wanted: 20_000, until: null, reason: 'launch', peakMbps: 300 } as const
  /** The day of the account, some days from now. */
  const day = (days: number) =>
    new Date(Date.now() + 480 * 60_000 + days * 86_400_000).toISOString().slice(0, 10)
  const approve = ({ admin }: Account, id: number, granted?: number) =>
    decideQuota(admin, { id, approve: true, ...(granted === undefined ? {} : { granted }) })

  it('says who asks for what, and waits', async () => {
    const account = await makeAccount()
    const { id } = await requestQuota(account.editor, { ...wish, until: day(3) })
    expect(await listQuotaRequests(account.editor, {})).toMatchObject([
      {
        id,
        pool: 'url',
        wanted: 20_000,
        until: day(3),
        reason: 'launch',
        peakMbps: 300,
        requestedBy: 'editor',
        state: 'pending',
        granted: null,
        decidedBy: null,
      },
    ])
    expect(await stateOf(account)).toMatchObject({ limit: 10_000 })
  })

  it.each<[string, Partial<Parameters<typeof requestQuota>[1]>, string, string]>([
    ['for no more than there is', { wanted: 10_000 }, 'wanted', 'quota-more'],
    ['for a day that has passed', { until: day(-1) }, 'until', 'quota-until'],
    ['until no day', { until: '2026-02-30' }, 'until', 'quota-until'],
    ['for nothing', { wanted: 0 }, 'wanted', 'quota-amount'],
    ['for too much', { wanted: 10_000_001 }, 'wanted', 'quota-amount'],
    ['without a reason', { reason: ' ' }, 'reason', 'quota-reason'],
    ['with a negative peak', { peakMbps: -1 }, 'peakMbps', 'quota-peak'],
  ])('%s is refused', async (_, change, field, rule) => {
    const account = await makeAccount()
    await expect(requestQuota(account.editor, { ...wish, ...change })).rejects.toMatchObject({
      code: 'InvalidParameter',
      details: { field, rule },
    })
    expect(await listQuotaRequests(account.editor, {})).toEqual([])
  })

  it('waits once for each person and pool, also for eight presses at once', async () => {
    const account = await makeAccount()
    const pending = { code: 'QuotaRequestPending', status: 409, details: { pool: 'url' } }
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => requestQuota(account.editor, wish)),
    )
    expect(tries.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
    for (const each of tries) if (each.status === 'rejected') expect(each.reason).toMatchObject(pending)
    await requestQuota(account.editor, { ...wish, pool: 'tag' })
    await requestQuota(account.admin, wish)
    const [own] = (await listQuotaRequests(account.editor, {})).filter(
      (one) => one.pool === 'url' && one.requestedBy === 'editor',
    )
    await withdrawQuotaRequest(account.editor, { id: own?.id ?? 0 })
    await requestQuota(account.editor, wish)
  })

  it('is found however many were decided since', async () => {
    const account = await makeAccount()
    const { id } = await requestQuota(account.editor, { ...wish, wanted: 15_000 })
    await db().$executeRaw`
      insert into quota_request (account_id, pool, wanted, reason, requested_by, state)
      select ${account.admin.accountId}, 'url', 1, '', 'x', 'rejected' from generate_series(1, 250)`
    expect(await listQuotaRequests(account.editor, {})).toHaveLength(201)
    await expect(requestQuota(account.editor, wish)).rejects.toMatchObject({ code: 'QuotaRequestPending' })
    await approve(account, id)
    expect(await stateOf(account)).toMatchObject({ limit: 15_000 })
  })

  it('that is approved raises the limit at once, to what was granted', async () => {
    const account = await makeAccount({ perDay: { url: 2 } })
    await submit(account, 'url', 2)
    const { id } = await requestQuota(account.editor, { ...wish, until: day(0) })
    await expect(submit(account, 'url', 1)).rejects.toMatchObject({ code: 'QuotaExceeded.Refresh' })
    await approve(account, id, 4)
    expect(await stateOf(account)).toMatchObject({ limit: 4, used: 2, left: 2 })
    await submit(account, 'url', 2)
    expect(await stateOf(account)).toMatchObject({ left: 0 })
    expect(await listQuotaRequests(account.editor, {})).toMatchObject([
      { state: 'approved', wanted: 20_000, granted: 4, decidedBy: 'owner', decisionNote: '' },
    ])
  })

  it('for some days ends by itself after the last one', async () => {
    const account = await makeAccount()
    const { id } = await requestQuota(account.editor, { ...wish, until: day(1) })
    await approve(account, id)
    const raises = async () => (await describeRefreshQuota(account.editor, {})).raises
    expect(await raises()).toEqual([{ pool: 'url', limit: 20_000, until: day(1), after: 10_000 }])
    const lastDay = (days: number) =>
      db().$executeRaw`update quota_request set until = ${day(days)}::date where id = ${id}`
    await lastDay(0)
    expect(await stateOf(account)).toMatchObject({ limit: 20_000 })
    await lastDay(-1)
    expect(await stateOf(account)).toMatchObject({ limit: 10_000 })
    expect(await raises()).toEqual([])
  })

  it('is the highest of several raises, and the next one after it', async () => {
    const account = await makeAccount()
    for (const [wanted, until] of [
      [12_000, day(9)],
      [15_000, day(5)],
      [30_000, day(2)],
    ] as const) {
      const { accountId } = account.admin
      await db().$executeRaw`
        insert into quota_request (account_id, pool, wanted, granted, until, reason, requested_by, state)
        values (${accountId}, 'url', ${wanted}, ${wanted}, ${until}::date, '', 'x', 'approved')`
    }
    const { raises } = await describeRefreshQuota(account.admin, {})
    expect(raises).toEqual([{ pool: 'url', limit: 30_000, until: day(2), after: 15_000 }])
    expect(await stateOf(account)).toMatchObject({ limit: 30_000 })
  })

  it('for good becomes the limit itself, which can be lowered again', async () => {
    const account = await makeAccount({ perDay: { tag: 7 } })
    const { id } = await requestQuota(account.editor, wish)
    await approve(account, id)
    const { limits, raises } = await describeRefreshQuota(account.admin, {})
    expect(limits.perDay).toEqual({ ...defaultLimits.perDay, tag: 7, url: 20_000 })
    expect(raises).toEqual([])
    await saveLimits(account.admin, { perDay: { url: 5 } })
    expect(await stateOf(account)).toMatchObject({ limit: 5 })
  })

  it('keeps the limit of every pool when all are approved at once', async () => {
    const account = await makeAccount()
    const ids: number[] = []
    for (const pool of methods) ids.push((await requestQuota(account.editor, { ...wish, pool })).id)
    await Promise.all(ids.map((id) => approve(account, id)))
    const { limits } = await describeRefreshQuota(account.admin, {})
    expect(new Set(Object.values(limits.perDay))).toEqual(new Set([20_000]))
  })

  it('is not approved where that would lower the limit, or for days that have passed', async () => {
    const account = await makeAccount()
    const { id } = await requestQuota(account.editor, { ...wish, until: day(0) })
    await expect(approve(account, id, 10_000)).rejects.toMatchObject({
      details: { field: 'granted', rule: 'quota-more' },
    })
    await db().$executeRaw`update quota_request set until = ${day(-1)}::date where id = ${id}`
    await expect(approve(account, id)).rejects.toMatchObject({
      details: { field: 'until', rule: 'quota-until' },
    })
    await decideQuota(account.admin, { id, approve: false })
    expect(await stateOf(account)).toMatchObject({ limit: 10_000 })
  })

  it('that is rejected changes nothing, and says why', async () => {
    const account = await makeAccount()
    const { id } = await requestQuota(account.editor, wish)
    await decideQuota(account.admin, { id, approve: false, granted: 15_000, note: 'use directories' })
    expect(await describeRefreshQuota(account.admin, {})).toMatchObject({ limits: defaultLimits, raises: [] })
    expect(await listQuotaRequests(account.editor, {})).toMatchObject([
      { state: 'rejected', granted: null, decidedBy: 'owner', decisionNote: 'use directories' },
    ])
  })

  it('is decided once, and withdrawn only by who asked', async () => {
    const account = await makeAccount()
    const gone = { code: 'EntityNotExist.QuotaRequest' }
    const { id } = await requestQuota(account.editor, wish)
    await expect(withdrawQuotaRequest(account.admin, { id })).rejects.toMatchObject(gone)
    const tries = await Promise.allSettled([
      approve(account, id),
      decideQuota(account.admin, { id, approve: false }),
    ])
    expect(tries.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(approve(account, id)).rejects.toMatchObject(gone)
    await expect(withdrawQuotaRequest(account.editor, { id })).rejects.toMatchObject(gone)

    const { id: next } = await requestQuota(account.editor, { ...wish, pool: 'regex' })
    await withdrawQuotaRequest(account.editor, { id: next })
    await expect(approve(account, next)).rejects.toMatchObject(gone)
    expect(await stateOf(account, 'regex')).toMatchObject({ limit: 20 })
  })

  it('is decided by its own account only', async () => {
    const [account, other] = [await makeAccount(), await makeAccount()]
    const { id } = await requestQuota(account.editor, wish)
    await expect(approve(other, id)).rejects.toMatchObject({ code: 'EntityNotExist.QuotaRequest' })
    expect(await listQuotaRequests(other.admin, {})).toEqual([])
  })

  it('leaves an audit row at each step', async () => {
    const account = await makeAccount()
    const [first, second] = [
      await requestQuota(account.editor, wish),
      await requestQuota(account.editor, { ...wish, pool: 'tag' }),
    ]
    await decideQuota(account.admin, { id: first.id, approve: true, note: 'ok' })
    await withdrawQuotaRequest(account.editor, second)
    const { accountId } = account.admin
    const rows = await db().$queryRaw<{ act: string }[]>`
      select actor || ' ' || action || ' ' || resources[1] as act from audit
      where account_id = ${accountId} and action like '%Quota' order by id`
    const quota = (pool: string) => `acs:freshet:*:${accountId}:quota/${pool}`
    expect(rows.map((row) => row.act)).toEqual([
      `editor freshet:RequestQuota ${quota('url')}`,
      `editor freshet:RequestQuota ${quota('tag')}`,
      `owner freshet:DecideQuota ${quota('url')}`,
      `editor freshet:RequestQuota ${quota('tag')}`,
    ])
  })
})
