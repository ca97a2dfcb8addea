import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '#lib/core/caller.ts'
import { attachedSystem, type SystemPolicy } from '#lib/core/system-policies.ts'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { closeStore, db, transaction } from '#lib/store/client.ts'
import { describeRefreshQuota, listQuotaRequests } from './describe-refresh-quota.ts'
import { describeRefreshTasks } from './describe-refresh-tasks.ts'
import { listCaches } from './list-caches.ts'
import { preloadObjectCaches } from './preload-object-caches.ts'
import { probeCache } from './probe-cache.ts'
import { refreshObjectCaches } from './refresh-object-caches.ts'
import { decideQuota, requestQuota, saveLimits } from './request-quota.ts'
import { removeCache, saveCache } from './save-cache.ts'
import { listDomains, removeDomain, saveDomain } from './save-domain.ts'
import { attachPolicies } from './save-policy.ts'
import { addUser, choosePassword, disableUser, inviteAgain, listUsers, ownerOfLink } from './save-user.ts'
import { removeDemo } from './set-up.ts'
import { callerOfSession, openSession, resetPassword } from './sign-in.ts'

await testDatabase()

const owner = await testOwner()
const password = 'correct horse battery'
const from = { address: '192.0.2.2', userAgent: 'test' }
let cacheId = 0

beforeAll(async () => {
  const cache = { name: 'one', kind: 'edge', address: 'http://one:80', tier: 'edge' } as const
  cacheId = (await saveCache(owner, { ...cache, secret: 'sixteen-characters' })).id
  await saveDomain(owner, { name: 'a.test', cacheIds: [cacheId] })
})
afterAll(closeStore)

let added = 0
const add = (policy: SystemPolicy = 'FreshetReadOnlyAccess', name = `user-${++added}`) =>
  addUser(owner, { name, policy })

/** Adds a user who has used the link and is signed in. */
async function signedIn(policy: SystemPolicy = 'FreshetReadOnlyAccess') {
  const { id, name, token } = await add(policy)
  await choosePassword({ token, password })
  return { id, name, session: await openSession({ name, password }, from) }
}

const viewOf = async (id: number) => (await listUsers(owner, {})).find((user) => user.id === id)
const stamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)

describe('a user who is added', () => {
  it('is invited until the link is used, and active from then on', async () => {
    const { id, name, token, expiresAt } = await add('FreshetPurgeAndPrefetchAccess')
    expect(Math.round((Date.parse(expiresAt) - Date.now()) / 3_600_000)).toBe(72)
    expect(await viewOf(id)).toEqual({
      id,
      name,
      role: 'user',
      policies: [expect.objectContaining({ name: 'FreshetPurgeAndPrefetchAccess', group: null })],
      state: 'invited',
      signIn: true,
      mustChange: false,
      lastSeenAt: null,
      linkExpiresAt: stamp,
    })
    await choosePassword({ token, password })
    expect(await viewOf(id)).toMatchObject({ state: 'active', lastSeenAt: null, linkExpiresAt: null })
    await openSession({ name, password }, from)
    expect(await viewOf(id)).toMatchObject({ state: 'active', lastSeenAt: stamp })
  })

  it('cannot sign in before', async () => {
    const { name } = await add()
    await expect(openSession({ name, password: '' }, from)).rejects.toMatchObject({ code: 'SignInFailed' })
  })

  it('has a name that nobody of the account has, however it is written', async () => {
    await add('FreshetFullAccess', 'Maria')
    for (const name of ['Maria', 'maria', ' MARIA ', 'editor'])
      await expect(add('FreshetFullAccess', name)).rejects.toMatchObject({
        code: 'EntityAlreadyExists.User',
        details: { field: 'name' },
      })
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => add('FreshetFullAccess', 'jo')))
    expect(tries.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
    for (const each of tries)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'EntityAlreadyExists.User' })
  })

  it('is told from others by every character of the name', async () => {
    for (const name of ['a_b', 'axb']) {
      const { token } = await add('FreshetReadOnlyAccess', name)
      await choosePassword({ token, password: `${password} ${name}` })
    }
    for (const name of ['a_b', 'axb', 'A_B'])
      expect(await openSession({ name, password: `${password} ${name.toLowerCase()}` }, from)).toBeTruthy()
    expect(await resetPassword('a_b', password)).toEqual(['a_b@Test'])
  })

  it.each([
    ['', 'FreshetReadOnlyAccess', 'name'],
    ['two words', 'FreshetReadOnlyAccess', 'name'],
    ['x'.repeat(64), 'FreshetReadOnlyAccess', 'name'],
    ['ann', '', 'policy'],
  ])('named “%s” with %s is refused', async (name, policy, field) => {
    await expect(addUser(owner, { name, policy })).rejects.toMatchObject({
      code: 'InvalidParameter',
      details: { field },
    })
  })

  it('leaves an audit row with the policy, and none with the token', async () => {
    const { name, token } = await add('FreshetFullAccess')
    const rows = await db().$queryRaw<{ action: string; resources: string[]; detail: object }[]>`
      select action, resources, detail from audit order by id`
    expect(rows.filter(({ resources }) => resources[0]?.endsWith(`/${name}`))).toMatchObject([
      { action: 'freshet:SaveUser', detail: { before: null, after: { policies: ['FreshetFullAccess'] } } },
    ])
    expect(JSON.stringify(rows)).not.toContain(token)
  })
})

describe('a link', () => {
  const refused = { code: 'LinkUsed', status: 403 }

  /** A link that leads to nothing, and looks like one that never was. */
  async function expectDead(token: string) {
    expect(await ownerOfLink(token)).toBeNull()
    await expect(choosePassword({ token, password })).rejects.toMatchObject(refused)
  }

  it('of nobody is dead', () => expectDead('no-such-token'))

  it('is used once', async () => {
    const { name, token } = await add()
    expect(await ownerOfLink(token)).toMatchObject({ name, account: 'Test' })
    expect(await choosePassword({ token, password })).toBe(`${name}@Test`)
    await expectDead(token)
  })

  it('is used once by two at once', async () => {
    const { token } = await add()
    const tries = await Promise.allSettled([
      choosePassword({ token, password: `${password} 1` }),
      choosePassword({ token, password: `${password} 2` }),
    ])
    expect(tries.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('waits for a password that fits', async () => {
    const { name, token } = await add()
    await expect(choosePassword({ token, password: 'too short' })).rejects.toMatchObject({
      code: 'InvalidParameter',
      details: { field: 'password', given: '', rule: 'password' },
    })
    expect(await ownerOfLink(token)).toMatchObject({ name })
  })

  it('is dead once a newer one was made', async () => {
    const { id, token } = await add()
    const { token: newer } = await inviteAgain(owner, { id })
    await expectDead(token)
    await choosePassword({ token: newer, password })
  })

  it('is dead once it has expired, and the list says that there is none', async () => {
    const { id, token } = await add()
    await db()
      .$executeRaw`update user_link set expires_at = now() - interval '1 second' where user_id = ${id}`
    await expectDead(token)
    expect(await viewOf(id)).toMatchObject({ state: 'invited', linkExpiresAt: null })
  })

  it('of a disabled user is dead, also when the user is enabled again', async () => {
    const { id, token } = await add()
    await disableUser(owner, { id, disabled: true })
    await expectDead(token)
    await disableUser(owner, { id, disabled: false })
    await expectDead(token)
    const { token: newer } = await inviteAgain(owner, { id })
    await disableUser(owner, { id, disabled: true })
    await expectDead(newer)
  })

  it('for a lost password ends the sessions of the old one, when it is used', async () => {
    const { id, name, session } = await signedIn()
    const { token } = await inviteAgain(owner, { id })
    expect(await callerOfSession(session)).not.toBeNull()
    await choosePassword({ token, password: `${password} 2` })
    expect(await callerOfSession(session)).toBeNull()
    await expect(openSession({ name, password }, from)).rejects.toMatchObject({ code: 'SignInFailed' })
  })

  it('for a lost password leaves no session to whoever signs in with the old one at that moment', async () => {
    const { id, name } = await signedIn()
    const again = await inviteAgain(owner, { id })
    const signing = Promise.allSettled(Array.from({ length: 6 }, () => openSession({ name, password }, from)))
    await choosePassword({ token: again.token, password: 'another battery staple' })
    const opened = (await signing).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    for (const session of opened) expect(await callerOfSession(session)).toBeNull()
  })

  it('is dead once the server’s command line has set a password', async () => {
    const { name, token } = await add()
    await resetPassword(name, password)
    await expectDead(token)
  })
})

describe('a user who is disabled', () => {
  it('is out at once in every session, and in again with the same password when enabled', async () => {
    const { id, name, session } = await signedIn()
    const other = await openSession({ name, password }, from)
    await disableUser(owner, { id, disabled: true })
    expect(await callerOfSession(session)).toBeNull()
    expect(await callerOfSession(other)).toBeNull()
    await expect(openSession({ name, password }, from)).rejects.toMatchObject({ code: 'SignInFailed' })
    expect(await viewOf(id)).toMatchObject({ state: 'disabled' })

    await disableUser(owner, { id, disabled: false })
    expect(await callerOfSession(session)).toBeNull()
    expect(await callerOfSession(await openSession({ name, password }, from))).toMatchObject({ name })
  })

  it('is out also where only the row of the user says so', async () => {
    const { id, session } = await signedIn()
    await db().$executeRaw`update "user" set disabled_at = now() where id = ${id}`
    expect(await callerOfSession(session)).toBeNull()
  })
})

const hold = (caller: Caller, id: number, policy: SystemPolicy) =>
  attachPolicies(caller, { holder: { is: 'user', id }, policies: [policy] })

describe('nobody', () => {
  it('changes the owner, or shuts themselves out', async () => {
    const { id, name } = await signedIn('FreshetFullAccess')
    const policies = attachedSystem(['FreshetFullAccess'])
    const admin: Caller = { ...owner, userId: id, name, role: 'user', policies }
    const ownerId = owner.userId ?? 0
    const tries = [
      hold(admin, ownerId, 'FreshetReadOnlyAccess'),
      disableUser(admin, { id: ownerId, disabled: true }),
      inviteAgain(admin, { id: ownerId }),
      disableUser(admin, { id, disabled: true }),
      hold(admin, id, 'FreshetReadOnlyAccess'),
    ]
    for (const each of await Promise.allSettled(tries))
      expect(each).toMatchObject({
        status: 'rejected',
        reason: { code: expect.stringMatching(/^(OwnerIsFixed|OwnRights)$/) },
      })
  })

  it('reaches users of another account', async () => {
    const { id } = await add()
    const [{ account } = { account: 0 }] = await db().$queryRaw<{ account: number }[]>`
      insert into account (name) values ('B') returning id as account`
    const stranger: Caller = { ...owner, accountId: account }
    expect(await listUsers(stranger, {})).toEqual([])
    for (const act of [
      () => disableUser(stranger, { id, disabled: true }),
      () => inviteAgain(stranger, { id }),
      () => hold(stranger, id, 'FreshetFullAccess'),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'EntityNotExist.User' })
  })
})

describe('what a user may do', () => {
  const key = () => randomUUID()
  const purge = { text: 'https://a.test/1', method: 'url', mode: 'hard' } as const
  const wish = { pool: 'url', wanted: 20_000, until: null, reason: 'launch', peakMbps: null } as const

  /** Every operation, tried; those of a kind stand together. */
  const acts: Record<'read' | 'submit' | 'manage', Record<string, (caller: Caller) => Promise<unknown>>> = {
    read: {
      listDomains: (caller) => listDomains(caller, {}),
      listCaches: (caller) => listCaches(caller, {}),
      listUsers: (caller) => listUsers(caller, {}),
      listQuotaRequests: (caller) => listQuotaRequests(caller, {}),
      describeRefreshQuota: (caller) => describeRefreshQuota(caller, {}),
      describeRefreshTasks: (caller) => describeRefreshTasks(caller, { submissionId: '1' }),
    },
    submit: {
      refreshObjectCaches: (caller) => refreshObjectCaches(caller, { ...purge, key: key() }),
      preloadObjectCaches: (caller) => preloadObjectCaches(caller, { text: purge.text, key: key() }),
      probeCache: (caller) => probeCache(caller, { id: cacheId }),
      requestQuota: (caller) => requestQuota(caller, wish),
    },
    manage: {
      addUser: (caller) => addUser(caller, { name: `by-${key()}`, policy: 'FreshetFullAccess' }),
      attachPolicies: (caller) => hold(caller, 0, 'FreshetFullAccess'),
      disableUser: (caller) => disableUser(caller, { id: 0, disabled: true }),
      inviteAgain: (caller) => inviteAgain(caller, { id: 0 }),
      decideQuota: (caller) => decideQuota(caller, { id: 0, approve: true }),
      saveLimits: (caller) => saveLimits(caller, {}),
      saveDomain: (caller) => saveDomain(caller, { name: `${key()}.test`, cacheIds: [] }),
      removeDomain: (caller) => removeDomain(caller, { id: 0 }),
      removeCache: (caller) => removeCache(caller, { id: 0 }),
      removeDemo: (caller) => removeDemo(caller, {}),
    },
  }

  it.each<[SystemPolicy, (keyof typeof acts)[]]>([
    ['FreshetReadOnlyAccess', ['read']],
    ['FreshetPurgeAndPrefetchAccess', ['read', 'submit']],
    ['FreshetFullAccess', ['read', 'submit', 'manage']],
  ])('with %s is to %j, and nothing else', async (policy, allowed) => {
    const { session } = await signedIn(policy)
    const caller = await callerOfSession(session)
    if (!caller) throw new Error('not signed in')
    for (const kind of Object.keys(acts) as (keyof typeof acts)[]) {
      for (const [name, act] of Object.entries(acts[kind])) {
        const code = await act(caller).then(
          () => 'done',
          (error) => error.code ?? error,
        )
        // One that is allowed may still find nothing to act on.
        expect(`${name} ${code === 'NoPermission' ? 'refused' : 'allowed'}`).toBe(
          `${name} ${allowed.includes(kind) ? 'allowed' : 'refused'}`,
        )
        expect(`${name} ${code}`).toMatch(/ (done|NoPermission|EntityNotExist\.\w+)$/)
      }
    }
  })

  it('changes with the next request', async () => {
    const { id, session } = await signedIn('FreshetPurgeAndPrefetchAccess')
    const tryPurge = async () => {
      const caller = await callerOfSession(session)
      if (!caller) throw new Error('not signed in')
      return refreshObjectCaches(caller, { ...purge, key: key() }).then(
        () => 'accepted',
        (error) => error.code,
      )
    }
    expect(await tryPurge()).toBe('accepted')
    await hold(owner, id, 'FreshetReadOnlyAccess')
    expect(await tryPurge()).toBe('NoPermission')
    await hold(owner, id, 'FreshetFullAccess')
    expect(await tryPurge()).toBe('accepted')
  })
})
