import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AuditEntry } from '#lib/core/audit.ts'
import type { AuditFilter } from '#lib/core/audit-filter.ts'
import type { Caller } from '#lib/core/caller.ts'
import { attachedSystem } from '#lib/core/system-policies.ts'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { closeStore, db } from '#lib/store/client.ts'
import { answerQuestion, readOpenQuestions } from '#lib/store/probes.ts'
import { verifyAudit } from '#lib/store/verify-audit.ts'
import { exportAudit } from './export-audit.ts'
import { describeAuditEntry, listAudit } from './list-audit.ts'
import { probeCache } from './probe-cache.ts'
import { readSitemap } from './read-sitemap.ts'
import { refreshObjectCaches } from './refresh-object-caches.ts'
import { decideQuota, requestQuota, saveLimits } from './request-quota.ts'
import { removeCache, saveCache, tryCache } from './save-cache.ts'
import { removeDomain, saveDomain } from './save-domain.ts'
import { attachPolicies } from './save-policy.ts'
import { saveRetention } from './save-retention.ts'
import { addUser, choosePassword, disableUser } from './save-user.ts'
import { listViews, removeView, saveView } from './saved-views.ts'
import { closeSession, openSession, resetPassword } from './sign-in.ts'

const url = await testDatabase()
const owner = await testOwner()
const reader: Caller = {
  ...owner,
  name: 'reader',
  userId: 77,
  role: 'user',
  policies: attachedSystem(['FreshetReadOnlyAccess']),
}
const password = 'correct horse battery'
const cache = { name: 'fra1', kind: 'edge', address: 'http://fra1:80', tier: 'edge', pop: 'FRA' } as const
const secret = 'a-secret-of-a-cache'
const ids = { cache: 0, domain: 0 }

beforeAll(async () => {
  ids.cache = (await saveCache(owner, { ...cache, secret })).id
  ids.domain = (await saveDomain(owner, { name: 'www.a.test', cacheIds: [ids.cache] })).id
})
afterAll(closeStore)

const entries = async (filter: AuditFilter = {}, caller = owner) =>
  (await listAudit(caller, { filter, limit: 200 })).entries

async function newest(): Promise<AuditEntry> {
  const { entries } = await listAudit(owner, { limit: 1 })
  if (!entries[0]) throw new Error('the log is empty')
  return entries[0]
}

describe('an effect leaves what was before and what is after', () => {
  const domain = { name: 'www.a.test', cacheIds: [] as number[] }
  const withHeaders = (value: string) => ({
    ...domain,
    id: ids.domain,
    cacheIds: [ids.cache],
    settings: { allowCredentials: true, headers: `Authorization: ${value}` },
  })
  const headers = 'Authorization: (hidden)'

  it.each<[string, () => Promise<unknown>, object]>([
    [
      'of a cache',
      () => saveCache(owner, { ...cache, id: ids.cache, pop: 'Frankfurt' }),
      { before: { ...cache }, after: { ...cache, pop: 'Frankfurt' } },
    ],
    [
      'of a secret, in a word',
      () => saveCache(owner, { ...cache, id: ids.cache, secret: 'another-secret-of-it' }),
      { before: { ...cache, pop: 'Frankfurt' }, after: { ...cache, secret: 'changed' } },
    ],
    [
      'of a domain',
      () => saveDomain(owner, withHeaders('one')),
      {
        before: { caches: ['fra1'], settings: {} },
        after: { caches: ['fra1'], settings: { allowCredentials: true, headers } },
      },
    ],
    [
      'of a credential, in a word',
      () => saveDomain(owner, withHeaders('two')),
      { before: { settings: { headers } }, after: { settings: { headers }, credentials: 'changed' } },
    ],
    [
      'of the retention',
      () => saveRetention(owner, { days: 30 }),
      { before: { days: 90 }, after: { days: 30 } },
    ],
    [
      'of the limits',
      () => saveLimits(owner, { perDay: { url: 5 } }),
      { before: { perDay: { url: 10_000 } }, after: { perDay: { url: 5 } } },
    ],
    [
      'of a new view',
      () => saveView(owner, { name: 'V', query: 'mode=hard' }),
      { before: null, after: { query: 'mode=hard' } },
    ],
    [
      'of a view that is gone',
      async () => removeView(owner, { id: (await listViews(owner, {}))[0]?.id ?? 0 }),
      { before: { query: 'mode=hard' }, after: null },
    ],
    ['of a try', () => tryCache(owner, { id: ids.cache }), {}],
    ['of a test', () => probeCache(owner, { id: ids.cache }), {}],
  ])('%s', async (_, act, detail) => {
    const { id } = await newest()
    await act()
    const entry = await newest()
    expect(Number(entry.id)).toBeGreaterThan(Number(id))
    expect(entry).toMatchObject({ actor: 'editor', outcome: 'done', address: '192.0.2.1', detail })
  })

  it('of a decision on a quota', async () => {
    const wish = { pool: 'url', wanted: 20_000, until: null, reason: 'launch', peakMbps: null } as const
    const { id } = await requestQuota(owner, wish)
    expect(await newest()).toMatchObject({ detail: { request: id, reason: 'launch' } })
    await decideQuota(owner, { id, approve: true, granted: 15_000, note: 'enough' })
    expect(await newest()).toMatchObject({
      action: 'freshet:DecideQuota',
      detail: {
        note: 'enough',
        before: { state: 'pending', perDay: 5 },
        after: { state: 'approved', perDay: 15_000 },
      },
    })
  })

  it('of a sitemap that is read, for a cache fetches it', async () => {
    const read = readSitemap(owner, { url: 'https://www.a.test/sitemap.xml', since: null })
    const id = await vi.waitFor(async () => {
      const open = (await readOpenQuestions()).find(({ question }) => question.is === 'sitemap')
      if (!open) throw new Error('nobody was asked')
      return open.id
    })
    await answerQuestion(id, { urls: [], found: 0 })
    await read
    expect(await newest()).toMatchObject({
      action: 'freshet:ReadSitemap',
      resources: [`acs:dcdn:*:${owner.accountId}:domain/www.a.test`],
      detail: { url: 'https://www.a.test/sitemap.xml', cache: 'fra1' },
    })
  })

  it('of a user’s rights', async () => {
    const { id } = await addUser(owner, { name: 'ines', policy: 'FreshetReadOnlyAccess' })
    expect(await newest()).toMatchObject({
      detail: { before: null, after: { policies: ['FreshetReadOnlyAccess'] } },
    })
    await attachPolicies(owner, { holder: { is: 'user', id }, policies: ['FreshetFullAccess'] })
    expect(await newest()).toMatchObject({
      detail: { before: ['FreshetReadOnlyAccess'], after: ['FreshetFullAccess'] },
    })
    await disableUser(owner, { id, disabled: true })
    expect(await newest()).toMatchObject({
      detail: { before: { disabled: false }, after: { disabled: true } },
    })
  })

  it('of what was removed, and no secret stands anywhere', async () => {
    const other = await saveCache(owner, { ...cache, name: 'gone', secret })
    await removeCache(owner, { id: other.id })
    expect(await newest()).toMatchObject({ detail: { before: { ...cache, name: 'gone' }, after: null } })
    const { id } = await saveDomain(owner, { name: 'gone.test', cacheIds: [ids.cache] })
    await removeDomain(owner, { id })
    expect(await newest()).toMatchObject({ detail: { before: { caches: ['fra1'] }, after: null } })
    const all = JSON.stringify(await entries())
    for (const hidden of [secret, 'another-secret-of-it', 'one', 'two'])
      expect(all).not.toMatch(new RegExp(`Authorization: ${hidden}|${hidden}-secret|"${hidden}"`))
    expect(all).not.toContain(secret)
  })
})

describe('a refusal', () => {
  it('leaves who asked for what, on what, and what they have', async () => {
    const purge = { text: 'https://www.a.test/1', method: 'url', mode: 'hard', key: randomUUID() } as const
    await expect(refreshObjectCaches(reader, purge)).rejects.toMatchObject({ code: 'NoPermission' })
    expect(await newest()).toMatchObject({
      actor: 'reader',
      action: 'dcdn:RefreshDcdnObjectCaches',
      resources: [`acs:dcdn:*:${owner.accountId}:domain/www.a.test`],
      outcome: 'refused',
      detail: { policies: 'FreshetReadOnlyAccess', resource: expect.stringContaining('www.a.test') },
    })
  })

  it('stays one where it cannot be written', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    const broken = { ...reader, userId: 2 ** 40 }
    await expect(saveRetention(broken, { days: 1 })).rejects.toMatchObject({ code: 'NoPermission' })
    expect(said).toHaveBeenCalled()
    said.mockRestore()
  })
})

it('an effect whose row cannot be written does not happen', async () => {
  const broken = { ...owner, userId: 2 ** 40 }
  await expect(saveRetention(broken, { days: 7 })).rejects.toThrow()
  const [row] = await db().$queryRaw<{ days: number }[]>`select retention_days as days from account`
  expect(row?.days).toBe(30)
})

describe('a sign-in', () => {
  const from = { address: '192.0.2.9', userAgent: 'test', requestId: 'req-9' }
  const mine = async () =>
    (await entries({ actor: ['maria'] })).map(({ action, outcome }) => `${action} ${outcome}`)

  beforeAll(async () => {
    const { token } = await addUser(owner, { name: 'maria', policy: 'FreshetReadOnlyAccess' })
    await choosePassword({ token, password }, { address: '192.0.2.8', requestId: 'req-8' })
  })

  it('its failure and its end leave a row each, and so does a password that is chosen', async () => {
    const session = await openSession({ name: 'MARIA', password }, from)
    await closeSession(session)
    await closeSession(session)
    expect(await mine()).toEqual([
      'freshet:SignOut done',
      'freshet:SignIn done',
      'freshet:ChoosePassword done',
    ])
    const [, signIn] = await entries({ actor: ['maria'] })
    expect(signIn).toMatchObject({
      address: '192.0.2.9',
      requestId: 'req-9',
      via: { is: 'session', id: session },
      resources: [`acs:freshet:*:${owner.accountId}:user/maria`],
    })
    await expect(openSession({ name: 'maria', password: 'wrong' }, from)).rejects.toMatchObject({
      code: 'SignInFailed',
    })
    await vi.waitFor(async () => expect((await mine())[0]).toBe('freshet:SignIn refused'))
  })

  it('of nobody leaves nothing', async () => {
    const before = (await entries()).length
    await expect(openSession({ name: 'nobody', password: 'wrong' }, from)).rejects.toMatchObject({})
    expect(await entries()).toHaveLength(before)
  })

  it('leaves a row when the command line sets its password', async () => {
    await resetPassword('Maria', password)
    expect(await newest()).toMatchObject({
      actor: 'command line',
      source: 'system',
      action: 'freshet:ResetPassword',
      resources: [`acs:freshet:*:${owner.accountId}:user/maria`],
    })
  })
})

describe('the list', () => {
  it.each<[AuditFilter, number | 'some']>([
    [{ actor: ['READER'] }, 1],
    [{ actor: ['read*', 'nobody'] }, 1],
    [{ action: ['freshet:saveretention'] }, 1],
    [{ action: ['freshet:*Retention'], outcome: 'refused' }, 0],
    [{ domain: ['www.a.test'], outcome: 'refused' }, 1],
    [{ domain: ['*.a.test'], outcome: 'refused' }, 1],
    [{ domain: ['a.test'] }, 0],
    [{ resource: ['cache/gone'] }, 2],
    [{ resource: ['cache/g*'] }, 2],
    [{ resource: ['domain/gone.test'] }, 2],
    [{ address: ['192.0.2.9'], action: ['freshet:SignIn'] }, 2],
    [{ address: ['192.0.2.?'] }, 0],
    [{ request: ['req-8'] }, 1],
    [{ request: ['req-*'] }, 'some'],
    [{ words: ['RETENTION'] }, 1],
    [{ words: ['cache/gone', 'remove'] }, 1],
    [{ words: ['100%'] }, 0],
    [{ from: new Date(Date.now() + 60_000).toISOString() }, 0],
    [{ until: new Date(Date.now() - 60_000).toISOString() }, 0],
    [{ from: new Date(Date.now() - 60_000).toISOString(), words: ['retention'] }, 1],
  ])('with %j has %s', async (filter, count) => {
    const found = await entries(filter)
    if (count === 'some') expect(found.length).toBeGreaterThan(1)
    else expect(found).toHaveLength(count)
  })

  it('goes on page by page, and no entry stands twice', async () => {
    const all = (await entries()).map(({ id }) => id)
    const paged: string[] = []
    let before: string | undefined
    do {
      const page = await listAudit(owner, { before, limit: 7 })
      paged.push(...page.entries.map(({ id }) => id))
      before = page.next ?? undefined
    } while (before)
    expect(paged).toEqual(all)
    expect(await describeAuditEntry(owner, { id: all[3] ?? '' })).toMatchObject({ id: all[3] })
  })

  it('says where a search stopped that no index answers', async () => {
    await db().$executeRaw`
      insert into audit (account_id, actor, action, resources, mac)
      select ${owner.accountId}, 'many', 'x', '{}', '\\x00' from generate_series(1, 50000)`
    const first = await listAudit(owner, { filter: { words: ['retention'] } })
    expect(first).toMatchObject({ entries: [], next: expect.any(String) })
    const second = await listAudit(owner, { filter: { words: ['retention'] }, before: first.next ?? '' })
    expect(second).toMatchObject({ entries: [{ action: 'freshet:SaveRetention' }], next: null })
    // An index has them at once.
    expect(await entries({ action: ['freshet:SaveRetention'] })).toHaveLength(1)
  })

  it('and the export are nobody else’s', async () => {
    const stranger = { ...owner, accountId: owner.accountId + 1 }
    expect(await entries({}, stranger)).toEqual([])
    expect(await describeAuditEntry(stranger, { id: '1' })).toBeNull()
    const nobody: Caller = { ...reader, policies: [] }
    await expect(listAudit(nobody, {})).rejects.toMatchObject({ code: 'NoPermission' })
    await expect(exportAudit(reader, {})).rejects.toMatchObject({ code: 'NoPermission' })
  })
})

it('an export has every entry that fits, in parts, and is an entry itself', async () => {
  const filter = { actor: ['many'] }
  const parts = await Array.fromAsync(await exportAudit(owner, { filter }))
  expect(parts.flat()).toHaveLength(50_000)
  expect(Math.max(...parts.map((part) => part.length))).toBe(1_000)
  expect(await newest()).toMatchObject({ action: 'freshet:ExportAudit', detail: { filter } })
  const [[one] = []] = await Array.fromAsync(
    await exportAudit(owner, { filter: { action: ['freshet:SaveRetention'], outcome: 'done' } }),
  )
  expect(one).toMatchObject({ actor: 'editor', before: { days: 90 }, after: { days: 30 }, detail: {} })
})

it('every row that the product wrote proves itself', async () => {
  await db().$executeRawUnsafe('alter table audit disable trigger all')
  await db()
    .$executeRaw`delete from audit_unsealed where audit_id in (select id from audit where actor = 'many')`
  await db().$executeRaw`delete from audit where actor = 'many'`
  await db().$executeRawUnsafe('alter table audit enable trigger all')
  const { accounts } = await verifyAudit(url)
  expect(accounts).toMatchObject([{ bent: null }])
})
