import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Caller, noRequest } from '#lib/core/caller.ts'
import type { Statement } from '#lib/core/policy-document.ts'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { closeStore } from '#lib/store/client.ts'
import { createAccessKey, listAccessKeys } from './access-keys.ts'

import { decideAccess, listAccessRequests, listOwnRequests, requestAccess } from './access-requests.ts'

import { describeRefreshTaskById } from './describe-refresh-tasks.ts'
import { listAudit } from './list-audit.ts'
import { listRecords } from './list-records.ts'
import { previewSubmission } from './preview-submission.ts'
import { readSitemap } from './read-sitemap.ts'
import { recentLines } from './recent-lines.ts'
import { refreshObjectCaches } from './refresh-object-caches.ts'
import { saveCache } from './save-cache.ts'
import { listDomains, saveDomain, saveDomains } from './save-domain.ts'
import { saveGroup } from './save-group.ts'
import { attachPolicies, grantAccess, listPolicies, removePolicy, savePolicy } from './save-policy.ts'
import { addUser, disableUser, listUsers } from './save-user.ts'
import { callerOfSession } from './sign-in.ts'

await testDatabase()
const owner = await testOwner()
const secret = 'sixteen-characters'
const ids = { cache: 0, a: 0, bank: 0, user: 0 }

beforeAll(async () => {
  ids.user = (await addUser(owner, { name: 'ines', policy: 'FreshetReadOnlyAccess' })).id
  const cache = { name: 'fra1', kind: 'edge', address: 'http://fra1:80', tier: 'edge' } as const
  ids.cache = (await saveCache(owner, { ...cache, secret })).id
  ids.a = (await saveDomain(owner, { name: 'a.test', cacheIds: [ids.cache] })).id
  ids.bank = (await saveDomain(owner, { name: 'bank.test', cacheIds: [ids.cache] })).id
})
afterAll(closeStore)

const on = (domain: string) => [`acs:dcdn:*:${owner.accountId}:domain/${domain}`]
const allow = (Action: string[], Resource = ['*'], Condition?: Statement['Condition']): Statement => ({
  ...{ Effect: 'Allow', Action, Resource },
  ...(Condition ? { Condition } : {}),
})
const deny = (...given: Parameters<typeof allow>): Statement => ({ ...allow(...given), Effect: 'Deny' })

/** A user of the account who holds these statements. */
const who = (...Statement: Statement[]): Caller => ({
  accountId: owner.accountId,
  // Made before any test, and asked for later.
  get userId() {
    return ids.user
  },
  name: 'ines',
  role: 'user',
  source: 'console',
  address: '192.0.2.1',
  ...noRequest,
  policies: [{ name: 'test', group: null, document: { Version: '1', Statement } }],
})

type Given = { method?: 'url' | 'directory' | 'regex' | 'tag'; mode?: 'hard' | 'soft'; tagDomain?: string }
const purge = (by: Caller, text: string, given: Given = {}) =>
  refreshObjectCaches(by, {
    text,
    method: 'url',
    mode: 'hard',
    key: randomUUID(),
    ...given,
    confirmed: ['a.test'],
  })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => error.code ?? String(error),
  )

describe('what lines reach', () => {
  const live = { StringLike: { 'freshet:Path': ['/live/*'] } }
  const desk = who(
    allow(['dcdn:RefreshDcdnObjectCaches', 'freshet:PreviewSubmission'], on('a.test'), {
      ...live,
      StringNotEquals: { 'freshet:Method': ['regex'] },
    }),
    deny(['*'], on('a.test'), { StringLike: { 'freshet:Path': ['/live/secret/*'] } }),
  )

  it.each<[string, Given, string]>([
    ['https://a.test/live/1', {}, 'done'],
    ['https://a.test/other', {}, 'NoPermission'],
    ['https://a.test/live/1\nhttps://a.test/other', {}, 'NoPermission'],
    ['https://a.test/live/secret/1', {}, 'NoPermission'],
    ['https://a.test/live/%73ecret/1', {}, 'NoPermission'],
    ['https://a.test/live/', { method: 'directory', mode: 'soft' }, 'NoPermission'],
    ['https://a.test/live/news/', { method: 'directory', mode: 'soft' }, 'done'],
    ['https://a.test/', { method: 'directory', mode: 'soft' }, 'NoPermission'],
    ['https://a.test/live/n.*', { method: 'regex', mode: 'soft' }, 'NoPermission'],
    ['https://bank.test/live/1', {}, 'NoPermission'],
  ])('decides: %s by %j is %s', async (text, given, code) => {
    expect(await codeOf(purge(desk, text, given))).toBe(code)
  })

  it('decides over previews too', async () => {
    const ask = (text: string) => codeOf(previewSubmission(desk, { text, method: 'directory' }))
    expect(await ask('https://a.test/live/news/')).toBe('done')
    expect(await ask('https://a.test/live/secret/')).toBe('NoPermission')
  })

  it('counts with the mode in which it is done', async () => {
    const noSoft = who(allow(['*']), deny(['*'], ['*'], { StringEquals: { 'freshet:Mode': ['soft'] } }))
    expect(await codeOf(purge(noSoft, 'https://a.test/x'))).toBe('done')
    // A directory among URLs is soft.
    expect(await codeOf(purge(noSoft, 'https://a.test/x/*'))).toBe('NoPermission')
  })

  it('by a tag is an action of its own', async () => {
    const tag: Given = { method: 'tag', mode: 'soft', tagDomain: 'a.test' }
    const noTags = who(allow(['*']), deny(['dcdn:RefreshDcdnObjectCacheByCacheTag']))
    expect(await codeOf(purge(noTags, 'news', tag))).toBe('NoPermission')
    expect(
      await codeOf(purge(who(allow(['dcdn:RefreshDcdnObjectCacheByCacheTag'], on('a.test'))), 'news', tag)),
    ).toBe('done')
    expect(await codeOf(purge(who(allow(['dcdn:RefreshDcdnObjectCaches'], on('a.test'))), 'news', tag))).toBe(
      'NoPermission',
    )
  })
})

describe('a domain that shares its cache', () => {
  const mine = who(allow(['*'], on('a.test')), deny(['*'], on('bank.test')))

  it('is joined to no other one without a right on that', async () => {
    const join = saveDomain(mine, {
      id: ids.a,
      name: 'a.test',
      cacheIds: [ids.cache],
      sharesWithId: ids.bank,
    })
    expect(await codeOf(join)).toBe('NoPermission')
  })

  it('is purged only by who may purge the other one', async () => {
    await saveDomain(owner, { id: ids.a, name: 'a.test', cacheIds: [ids.cache], sharesWithId: ids.bank })
    expect(await codeOf(purge(mine, 'https://a.test/shared'))).toBe('NoPermission')
    expect(
      await codeOf(purge(who(allow(['*'], [...on('a.test'), ...on('bank.test')])), 'https://a.test/shared')),
    ).toBe('done')
    await saveDomain(owner, { id: ids.a, name: 'a.test', cacheIds: [ids.cache] })
    expect(await codeOf(purge(mine, 'https://a.test/shared-no-more'))).toBe('done')
  })
})

describe('reading', () => {
  it('shows the domains that one may see, in lists, by number and by filter', async () => {
    const { taskIds } = await purge(owner, 'https://bank.test/hidden')
    await purge(owner, 'https://a.test/seen')
    const reader = who(
      allow(['dcdn:DescribeDcdnRefreshTasks', 'dcdn:DescribeDcdnUserDomains'], on('a.test')),
      allow(['dcdn:DescribeDcdnRefreshTaskById']),
    )
    const { rows } = await listRecords(reader, { filter: {} })
    expect([...new Set(rows.flatMap((row) => row.tasks.map((task) => task.domain)))]).toEqual(['a.test'])
    expect(await codeOf(listRecords(reader, { filter: { domain: 'bank.test' } }))).toBe('NoPermission')
    expect(await codeOf(describeRefreshTaskById(reader, { id: taskIds[0] ?? '' }))).toBe(
      'EntityNotExist.Task',
    )
    expect((await listDomains(reader, {})).map((domain) => domain.name)).toEqual(['a.test'])
    const lines = await recentLines(reader, { domains: ['*'] })
    expect([...new Set(lines.map((line) => line.domain))]).toEqual(['a.test'])
  })

  it.each([
    ['may purge its domain', [], 'done'],
    ['may purge it and is denied to see it', on('bank.test'), 'EntityNotExist.Task'],
    ['is denied to see another one', on('a.test'), 'done'],
  ])('of a task by its number, by who %s', async (_, hidden, code) => {
    const { taskIds } = await purge(owner, `https://bank.test/by-number-${randomUUID()}`)
    const purger = who(
      allow(['dcdn:RefreshDcdnObjectCaches'], on('bank.test')),
      allow(['dcdn:DescribeDcdnRefreshTaskById']),
      deny(['dcdn:DescribeDcdnRefreshTasks'], hidden),
    )
    expect(await codeOf(describeRefreshTaskById(purger, { id: taskIds[0] ?? '' }))).toBe(code)
  })

  it('of a sitemap goes to the domain that was asked for', async () => {
    const reader = who(allow(['freshet:ReadSitemap'], on('a.test')))
    for (const url of [
      'https://a.test@bank.test/sitemap.xml',
      'https:\\\\bank.test/s.xml',
      'https://bank.test/s.xml',
    ])
      expect(await codeOf(readSitemap(reader, { url, since: null }))).toBe('NoPermission')
  })
})

describe('a Deny on a name', () => {
  it('holds in pasted lists', async () => {
    const adder = who(allow(['freshet:SaveDomain']), deny(['*'], on('blocked.test')))
    expect(await codeOf(saveDomains(adder, { text: 'fine.test\nblocked.test', cacheIds: [ids.cache] }))).toBe(
      'InvalidList',
    )
    expect((await listDomains(owner, {})).map((domain) => domain.name)).not.toContain('fine.test')
  })
})

describe('nobody', () => {
  it('is sent the secret of a cache by naming another address', async () => {
    const moved = {
      id: ids.cache,
      name: 'fra1',
      kind: 'edge',
      address: 'http://elsewhere:80',
      tier: 'edge',
    } as const
    await expect(saveCache(owner, moved)).rejects.toMatchObject({ details: { rule: 'cache-secret-again' } })
  })

  it('gets more by adding a user than who may attach policies', async () => {
    const adder = who(allow(['freshet:SaveUser']))
    expect(await codeOf(addUser(adder, { name: 'puppet', policy: 'FreshetFullAccess' }))).toBe('NoPermission')
    expect((await listUsers(owner, {})).map((user) => user.name)).not.toContain('puppet')
  })

  it('is added with a policy that is not there', async () => {
    expect(await codeOf(addUser(owner, { name: 'nobody', policy: 'not-there' }))).toBe(
      'EntityNotExist.Policy',
    )
    expect((await listUsers(owner, {})).map((user) => user.name)).not.toContain('nobody')
    await savePolicy(owner, {
      name: 'news',
      text: JSON.stringify({ Version: '1', Statement: [allow(['dcdn:*'])] }),
    })
    const { id } = await addUser(owner, { name: 'newsdesk', policy: 'news' })
    const [user] = await listUsers(owner, { id })
    expect(user?.policies.map((policy) => policy.name)).toEqual(['news'])
  })

  it('changes their own rights', async () => {
    const { id } = await addUser(owner, { name: 'admin', policy: 'FreshetUserAdminAccess' })
    const document = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"dcdn:*","Resource":"*"}]}'
    await savePolicy(owner, { name: 'brake', text: document })
    const holder = { is: 'user', id } as const
    await attachPolicies(owner, { holder, policies: ['FreshetUserAdminAccess', 'brake'] })
    const group = await saveGroup(owner, { name: 'admins', userIds: [id] })
    const self: Caller = { ...who(allow(['*'])), userId: id, name: 'admin' }
    const request = await requestAccess(self, { can: 'purge', domain: 'a.test' })
    for (const act of [
      () => savePolicy(self, { name: 'brake', text: document.replace('Deny', 'Allow'), after: 1 }),
      () => removePolicy(self, { name: 'brake' }),
      () => attachPolicies(self, { holder, policies: ['FreshetFullAccess'] }),
      () => attachPolicies(self, { holder: { is: 'group', id: group.id }, policies: ['FreshetFullAccess'] }),
      () => saveGroup(self, { id: group.id, name: 'admins', userIds: [] }),
      () => grantAccess(self, { holder, domains: ['*'], can: ['purge'] }),
      () => decideAccess(self, { id: request.id, granted: { can: 'purge', domain: 'a.test' } }),
    ])
      expect(await codeOf(act())).toBe('OwnRights')
    const { entries } = await listAudit(owner, { filter: { actor: ['admin'], outcome: 'refused' } })
    expect(entries.map(({ action }) => action.replace('freshet:', '')).toReversed()).toEqual([
      ...['SavePolicy', 'RemovePolicy', 'AttachPolicy', 'AttachPolicy'],
      ...['SaveGroup', 'GrantAccess', 'DecideAccess'],
    ])
    expect(entries.at(-1)).toMatchObject({
      resources: [`acs:freshet:*:${owner.accountId}:policy/brake`],
      detail: { reason: 'OwnRights', given: 'brake' },
    })
  })

  it('but the owner has a key of the owner', async () => {
    const admin = { ...who(allow(['*'])), userId: 901 }
    expect(await codeOf(createAccessKey(admin, { userId: owner.userId ?? 0 }))).toBe('OwnerIsFixed')
    const { id, secret: told } = await createAccessKey(owner, { userId: owner.userId ?? 0 })
    expect(id).toMatch(/^LTAI[A-Za-z0-9]{20}$/)
    expect(JSON.stringify(await listAccessKeys(owner, {}))).not.toContain(told)
    await createAccessKey(owner, { userId: owner.userId ?? 0 })
    expect(await codeOf(createAccessKey(owner, { userId: owner.userId ?? 0 }))).toBe(
      'LimitExceeded.AccessKey',
    )
  })
})

describe('what is granted', () => {
  it('to two whose names a policy’s name cannot hold is two policies', async () => {
    const users = [
      await addUser(owner, { name: '张三', policy: 'FreshetReadOnlyAccess' }),
      await addUser(owner, { name: '李四', policy: 'FreshetReadOnlyAccess' }),
    ]
    const names = []
    for (const { id } of users) {
      const granted = await grantAccess(owner, {
        holder: { is: 'user', id },
        domains: ['a.test'],
        can: ['purge'],
      })
      names.push(granted.name)
    }
    expect(new Set(names).size).toBe(2)
    const { own } = await listPolicies(owner, {})
    for (const name of names) expect(own.find((policy) => policy.name === name)?.users).toHaveLength(1)
  })

  it('once more is added once', async () => {
    const { id } = await addUser(owner, { name: 'twice', policy: 'FreshetReadOnlyAccess' })
    const grant = () => grantAccess(owner, { holder: { is: 'user', id }, domains: ['a.test'], can: ['see'] })
    const { name } = await grant()
    await grant()
    const { own } = await listPolicies(owner, {})
    expect(own.find((policy) => policy.name === name)?.document.Statement).toHaveLength(2)
  })

  it('on request is exactly what the decision says, which stands beside what was asked for', async () => {
    const name = 'asker'
    const { id: userId } = await addUser(owner, { name, policy: 'FreshetReadOnlyAccess' })
    const asker: Caller = { ...who(allow(['freshet:RequestAccess'])), userId, name }
    const wish = { can: 'purge' as const, domain: 'a.test', methods: ['url' as const], paths: ['/live/*'] }
    const { id } = await requestAccess(asker, wish)
    // The same once more is the same request.
    expect(await requestAccess(asker, wish)).toEqual({ id })
    await decideAccess(owner, { id, granted: wish })
    const { id: next } = await requestAccess(asker, wish)
    await decideAccess(owner, { id: next, granted: { ...wish, paths: ['/news/*'] } })

    const { own } = await listPolicies(owner, {})
    const purging = own
      .find((policy) => policy.users.some((user) => user.id === userId))
      ?.document.Statement.filter(({ Action }) => Action?.includes('dcdn:RefreshDcdnObjectCaches'))
    const limits = (path: string) => ({
      StringEquals: { 'freshet:Method': ['url'] },
      StringLike: { 'freshet:Path': [path] },
    })
    expect(purging?.map(({ Condition }) => Condition)).toEqual([limits('/live/*'), limits('/news/*')])
    const otherwise = { asked: { paths: ['/live/*'] }, granted: { paths: ['/news/*'] } }
    expect((await listOwnRequests(asker, {}))[0]).toMatchObject(otherwise)
    const { entries } = await listAudit(owner, { filter: { action: ['freshet:DecideAccess'] } })
    expect(entries[0]).toMatchObject({ outcome: 'done', detail: { of: name, ...otherwise } })
  })

  it('ends with the user, and so do keys', async () => {
    const { id } = await addUser(owner, { name: 'leaver', policy: 'FreshetReadOnlyAccess' })
    await createAccessKey(owner, { userId: id })
    await disableUser(owner, { id, disabled: true })
    expect((await listAccessKeys(owner, { userId: id })).map((key) => key.enabled)).toEqual([false])
    expect(await callerOfSession(randomUUID())).toBeNull()
  })
})

it('lists are read in parts, and searched by name', async () => {
  const names = async (part: Parameters<typeof listUsers>[1]) =>
    (await listUsers(owner, part)).map((user) => user.name)
  const all = await names({})
  expect(await names({ from: 1, limit: 2 })).toEqual(all.slice(1, 3))
  expect(await names({ search: 'LEAV' })).toEqual(['leaver'])
  expect(await names({ search: '%' })).toEqual([])
  expect(await names({ id: ids.user })).toEqual(['ines'])
  const { own } = await listPolicies(owner, { search: 'user-twice' })
  expect(own.map((policy) => policy.name)).toEqual([expect.stringMatching(/^granted-user-twice-/)])
  const [key] = await listAccessKeys(owner, { search: 'leaver' })
  expect(await listAccessKeys(owner, { search: key?.id ?? '', limit: 1 })).toEqual([key])
})

it('requests that wait stand first, the longest of them before the others', async () => {
  const { id: userId } = await addUser(owner, { name: 'waiter', policy: 'FreshetReadOnlyAccess' })
  const asker = { ...who(allow(['freshet:RequestAccess'])), userId, name: 'waiter' }
  for (const reason of ['first', 'second', 'third'])
    await requestAccess(asker, { can: 'purge', domain: 'a.test', paths: [`/${reason}/*`], reason })
  const listed = async () => (await listAccessRequests(owner, {})).filter((one) => one.userId === userId)
  const [first] = await listed()
  await decideAccess(owner, { id: first?.id ?? 0, granted: null })
  expect((await listed()).map(({ reason }) => reason)).toEqual(['second', 'third', 'first'])
})
