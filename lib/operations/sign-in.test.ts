import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '#lib/core/caller.ts'
import { attachedSystem } from '#lib/core/system-policies.ts'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { closeStore, db } from '#lib/store/client.ts'
import { changePassword, endOwnSession, listOwnSessions } from './own-sign-in.ts'
import { addUser, choosePassword, disableUser, inviteAgain, listUsers } from './save-user.ts'
import { createAccount } from './set-up.ts'
import { callerOfSession, openSession, readName, resetPassword, type SignedIn } from './sign-in.ts'
import { askNewPassword, endSession, listSessions, setSignIn } from './user-sign-in.ts'

await testDatabase()

const owner = await testOwner()
const password = 'correct horse battery'
const wrong = 'wrong horse battery'
const from = { address: '192.0.2.2', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Firefox/143.0' }
const failed = { code: 'SignInFailed' }

let other: Caller

beforeAll(async () => {
  const made = await createAccount({ account: 'Second House', owner: 'head' })
  await choosePassword({ token: made.token, password })
  other = (await callerOfSession(await openSession({ name: 'head', password }, from))) as Caller
})
afterAll(closeStore)

let added = 0

/** Adds a user who has chosen the password of these tests. */
async function add(by = owner, name = `user-${++added}`): Promise<{ id: number; name: string }> {
  const { id, token } = await addUser(by, { name, policy: 'FreshetReadOnlyAccess' })
  await choosePassword({ token, password })
  return { id, name }
}

async function signIn(name: string): Promise<SignedIn & { session: string }> {
  const session = await openSession({ name, password }, from)
  const caller = await callerOfSession(session)
  if (!caller) throw new Error('not signed in')
  return { ...caller, session }
}

const isOpen = async (session: string) => (await callerOfSession(session)) !== null
const viewOf = async (id: number) => (await listUsers(owner, {})).find((user) => user.id === id)

describe('wrong tries', () => {
  let now = new Date()
  beforeEach(async () => {
    now = new Date('2026-12-01T12:00:00Z')
    await db().$executeRaw`delete from sign_in_try`
  })
  const pass = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000)
  }

  /** What a try is answered: `in`, or the code of the refusal with the seconds to wait. */
  const attempt = (name: string, given = wrong, address = from.address) =>
    openSession({ name, password: given }, { ...from, address }, { now }).then(
      () => 'in',
      ({ code, details }) => (details?.seconds ? `${code} ${details.seconds}` : code),
    )
  const attempts = async (count: number, name: string, address = from.address) => {
    const answers: string[] = []
    for (let turn = 0; turn < count; turn += 1) answers.push(await attempt(name, wrong, address))
    return answers
  }
  const four = Array(4).fill('SignInFailed')

  it.each(['known', 'unknown'])('of a name that is %s are delayed alike', async (is) => {
    const name = is === 'known' ? (await add()).name : `nobody-${++added}`
    expect(await attempts(7, name)).toEqual([...four, ...Array(3).fill('TooManyWrongSignIns 30')])
    pass(10)
    expect(await attempt(name)).toBe('TooManyWrongSignIns 20')
    pass(20)
    // The next one is answered, and the one after it waits for twice as long.
    expect(await attempts(2, name)).toEqual(Array(2).fill('TooManyWrongSignIns 60'))
    pass(59)
    expect(await attempt(name)).toBe('TooManyWrongSignIns 1')
    pass(1)
    expect(await attempt(name)).toBe('TooManyWrongSignIns 120')
  })

  it('let nobody in while they wait, not with the right password either, and then they do', async () => {
    const { name } = await add()
    await attempts(5, name)
    expect(await attempt(name, password)).toBe('TooManyWrongSignIns 30')
    pass(30)
    expect(await attempt(name, password)).toBe('in')
    expect(await attempts(5, name)).toEqual([...four, 'TooManyWrongSignIns 30'])
  })

  it('from one address delay nobody at another', async () => {
    const { name } = await add()
    await attempts(5, name, '203.0.113.9')
    expect(await attempt(name, password, '203.0.113.9')).toBe('TooManyWrongSignIns 30')
    expect(await attempt(name, password, '203.0.113.10')).toBe('in')
  })

  it('from all of an IPv6 network count together', async () => {
    const { name } = await add()
    const answers: string[] = []
    for (const host of [1, 2, 3, 4, 5, 6]) answers.push(await attempt(name, wrong, `2001:db8:0:7::${host}`))
    expect(answers.slice(-2)).toEqual(Array(2).fill('TooManyWrongSignIns 30'))
    expect(await attempt(name, password, '2001:db8:0:8::1')).toBe('in')
  })

  it('of a name count together however it is written', async () => {
    const { name } = await add()
    const answers: string[] = []
    for (const each of [name, name.toUpperCase(), ` ${name}`, `${name} `, name])
      answers.push(await attempt(each))
    expect(answers.at(-1)).toBe('TooManyWrongSignIns 30')
  })

  it.each(['known', 'unknown'])(
    'of a name that is %s count together with and without an account',
    async (is) => {
      const name = is === 'known' ? (await add()).name : `nobody-${++added}`
      expect(await attempts(4, name)).toEqual(four)
      expect(await attempt(`${name}@Test`)).toBe('TooManyWrongSignIns 30')
      expect(await attempt(`${name}@Second House`)).toBe('TooManyWrongSignIns 30')
    },
  )

  it('of a name of two accounts are not forgotten with who signs in as one of them', async () => {
    const { name } = await add()
    await add(other, name)
    for (let turn = 0; turn < 4; turn += 1) {
      expect(await attempt(`${name}@Test`)).toBe('SignInFailed')
      expect(await attempt(`${name}@Second House`, password)).toBe('in')
    }
    expect(await attempt(`${name}@Test`)).toBe('TooManyWrongSignIns 30')
    pass(30)
    // A right one takes nothing but itself back, also the delay that it would have brought.
    expect(await attempt(`${name}@Second House`, password)).toBe('in')
    expect(await attempt(`${name}@Test`)).toBe('TooManyWrongSignIns 60')
  })

  it('with any names from one address delay all at that address, and nobody elsewhere', async () => {
    const { name } = await add()
    const answers: string[] = []
    for (let turn = 0; turn < 49; turn += 1) answers.push(await attempt(`guess-${turn}`))
    expect(new Set(answers)).toEqual(new Set(['SignInFailed']))
    // Right ones do not count.
    for (let turn = 0; turn < 3; turn += 1) expect(await attempt(name, password)).toBe('in')
    pass(60)
    expect(await attempt('guess-50')).toBe('TooManyWrongSignIns 840')
    expect(await attempt(name, password)).toBe('TooManyWrongSignIns 840')
    expect(await attempt(name, password, '203.0.113.10')).toBe('in')
    pass(840)
    expect(await attempt(name, password)).toBe('in')
  })

  it('are not those who are sent away because too many sign in at once', async () => {
    const { name } = await add()
    const crowd = await Promise.all(Array.from({ length: 60 }, () => attempt(name, password)))
    expect(crowd).toContain('TooManySignIns')
    expect(await attempt(name, password)).toBe('in')
  })

  it('at the same moment are all counted', async () => {
    const { name } = await add()
    const answers = await Promise.all(Array.from({ length: 12 }, () => attempt(name)))
    expect(answers.filter((answer) => answer === 'SignInFailed')).toHaveLength(4)
  })

  it('are forgotten with a link that was used there', async () => {
    const { id, name } = await add()
    await attempts(5, `${name}@test`)
    const { token } = await inviteAgain(owner, { id })
    const full = await choosePassword(
      { token, password: 'another battery staple' },
      { ...from, requestId: '' },
    )
    expect(await attempt(full, 'another battery staple')).toBe('in')
  })

  it('leave no rows behind for ever, and no names', async () => {
    await attempts(1, 'somebody')
    const rows = await db().$queryRaw<{ all: string }[]>`select t::text as all from sign_in_try t`
    // One of the name and one of the network.
    expect(rows).toHaveLength(2)
    expect(JSON.stringify(rows)).not.toContain('somebody')
    pass(15 * 60)
    await attempts(1, 'somebody else')
    expect(await db().$queryRaw`select count(*)::int as count from sign_in_try`).toEqual([{ count: 2 }])
  })

  it('of a present password count with those at the door', async () => {
    const { name } = await add()
    const caller = await signIn(name)
    const change = (present: string) =>
      changePassword(caller, { present, password: 'another battery staple' }).then(
        () => 'changed',
        ({ code, details }) => details.rule ?? code,
      )
    expect(await change(wrong)).toBe('password-present')
    for (let turn = 0; turn < 4; turn += 1) await change(wrong)
    expect(await change(password)).toBe('TooManyWrongSignIns')
    await expect(openSession({ name: `${name}@Test`, password }, from)).rejects.toMatchObject({
      code: 'TooManyWrongSignIns',
    })
  })
})

describe('a name', () => {
  it.each([
    ['maria', 'maria', null],
    [' maria ', 'maria', null],
    ['maria@Second House', 'maria', 'Second House'],
    ['maria @ Second House ', 'maria', 'Second House'],
    ['maria@a@b', 'maria', 'a@b'],
    ['maria@', 'maria', ''],
    ['ma\0ria', 'maria', null],
  ])('written %j is %s of %s', (given, name, account) => {
    expect(readName(given)).toEqual({ name, account })
  })

  it('of one account alone needs no account, and takes it in any letters', async () => {
    const { name } = await add(other)
    for (const given of [name, `${name}@Second House`, `${name.toUpperCase()}@second HOUSE`])
      expect((await signIn(given)).accountName).toBe('Second House')
    await expect(signIn(`${name}@Test`)).rejects.toMatchObject(failed)
    await expect(signIn(`${name}@`)).rejects.toMatchObject(failed)
  })

  it('of two accounts needs the account, and says no more than a wrong password', async () => {
    const name = 'twin'
    await add(owner, name)
    expect((await signIn(name)).accountName).toBe('Test')
    await add(other, name)
    const said = await Promise.all(
      [name, 'nobody-at-all'].map((each) => signIn(each).catch(({ code, message }) => ({ code, message }))),
    )
    expect(said[0]).toEqual(said[1])
    expect(said[0]).toMatchObject({ ...failed, message: expect.stringContaining('NAME@ACCOUNT') })
    expect((await signIn('twin@Test')).accountName).toBe('Test')
    expect((await signIn('twin@second house')).accountName).toBe('Second House')
  })
})

describe('a password that the server’s command line sets', () => {
  it('is set for one user and no other, and has to be changed', async () => {
    const name = 'double'
    const [one, two] = [await add(owner, name), await add(other, name)]
    expect(await resetPassword(name, 'set by the server')).toEqual(['double@Test', 'double@Second House'])
    expect((await signIn('double@Test')).mustChange).toBe(false)

    const { session } = await signIn('double@Test')
    expect(await resetPassword('double@test', 'set by the server')).toEqual(['double@Test'])
    expect(await isOpen(session)).toBe(false)
    const opened = await openSession({ name: 'double@Test', password: 'set by the server' }, from)
    expect(await callerOfSession(opened)).toMatchObject({ userId: one.id, mustChange: true })
    expect(await signIn('double@Second House')).toMatchObject({ userId: two.id, mustChange: false })
    expect(await resetPassword('nobody-here', 'set by the server')).toEqual([])
  })
})

describe('another account', () => {
  it('has a name that no account has, however it is written', async () => {
    for (const account of ['Test', 'TEST', ' second house '])
      await expect(createAccount({ account, owner: 'head' })).rejects.toMatchObject({
        code: 'EntityAlreadyExists.Account',
      })
  })

  it.each([
    ['', 'head', 'account'],
    ['x'.repeat(61), 'head', 'account'],
    ['two\nlines', 'head', 'account'],
    ['Third', 'two words', 'owner'],
  ])('named “%s” of “%s” is refused', async (account, name, field) => {
    await expect(createAccount({ account, owner: name })).rejects.toMatchObject({
      code: 'InvalidParameter',
      details: { field },
    })
  })

  it('has an owner, who sees none of the first', async () => {
    expect(other.role).toBe('owner')
    expect((await listUsers(other, {})).map(({ role }) => role)).toContain('owner')
    expect((await listUsers(other, {})).some(({ name }) => name === 'editor')).toBe(false)
  })
})

describe('a new password that is asked for', () => {
  it('is told with the next request, until it is chosen', async () => {
    const { id, name } = await add()
    const caller = await signIn(name)
    await askNewPassword(owner, { id, mustChange: true })
    expect(await callerOfSession(caller.session)).toMatchObject({ mustChange: true })
    expect(await viewOf(id)).toMatchObject({ mustChange: true })
    await expect(changePassword(caller, { present: password, password })).rejects.toMatchObject({
      details: { field: 'password', rule: 'password-same' },
    })
    await changePassword(caller, { present: password, password: 'another battery staple' })
    expect(await callerOfSession(caller.session)).toMatchObject({ mustChange: false })
  })

  it('is chosen by a link too', async () => {
    const { id, name } = await add()
    await askNewPassword(owner, { id, mustChange: true })
    const { token } = await inviteAgain(owner, { id })
    await choosePassword({ token, password })
    expect((await signIn(name)).mustChange).toBe(false)
  })
})

describe('one’s own password', () => {
  it('is changed with the present one, ends the other sessions and links, and goes on here', async () => {
    const { id, name } = await add()
    const [caller, elsewhere] = [await signIn(name), await signIn(name)]
    const { token } = await inviteAgain(owner, { id })
    await expect(
      changePassword(caller, { present: wrong, password: 'another battery staple' }),
    ).rejects.toMatchObject({ details: { field: 'present', rule: 'password-present' } })
    expect(await isOpen(elsewhere.session)).toBe(true)
    await changePassword(caller, { present: password, password: 'another battery staple' })
    expect(await isOpen(elsewhere.session)).toBe(false)
    expect(await isOpen(caller.session)).toBe(true)
    await expect(choosePassword({ token, password })).rejects.toMatchObject({ code: 'LinkUsed' })
    await expect(signIn(name)).rejects.toMatchObject(failed)
    await openSession({ name, password: 'another battery staple' }, from)
  })

  it.each([
    ['too short', 'password'],
    ['x'.repeat(201), 'password'],
    ['🔑🔑🔑🔑🔑🔑', 'password'],
    ['maria-anna is here', 'password-user'],
    ['at the Test House', null],
    ['password 123456', 'password-common'],
    ['qwertyuiop[]', 'password-sequence'],
  ])('“%s” is refused as %s', async (given, rule) => {
    const name = 'maria-anna'
    if (!(await listUsers(owner, {})).some((user) => user.name === name)) await add(owner, name)
    const { token } = await inviteAgain(owner, {
      id: (await listUsers(owner, {})).find((user) => user.name === name)?.id ?? 0,
    })
    const answer = await choosePassword({ token, password: given }).then(
      () => null,
      ({ details }) => details.rule,
    )
    // “Test” is the account’s name.
    expect(answer).toBe(rule ?? 'password-account')
  })

  it('may have blanks and any characters, is compared whole, and however it was typed', async () => {
    const { id, name } = await add()
    const long = `${'é une clé bleue '.repeat(12)}fin de la clé`
    const { token } = await inviteAgain(owner, { id })
    await choosePassword({ token, password: long.normalize('NFC').slice(0, 200) })
    const given = long.normalize('NFC').slice(0, 200)
    await openSession({ name, password: given.normalize('NFD') }, from)
    for (const almost of [given.slice(0, 199), `${given}x`])
      await expect(openSession({ name, password: almost }, from)).rejects.toMatchObject(failed)
  })
})

describe('sessions', () => {
  it('are listed with where and when, the caller’s own among them', async () => {
    const { id, name } = await add()
    const [first, second] = [await signIn(name), await signIn(name)]
    const { sessions, here } = await listOwnSessions({
      ...second,
      via: { is: 'session', id: second.session },
    })
    expect(here).toBe(second.session)
    expect(sessions.map((each) => each.id).sort()).toEqual([first.session, second.session].sort())
    expect(sessions[0]).toEqual({
      id: expect.any(String),
      address: from.address,
      browser: 'Firefox',
      system: 'Linux',
      startedAt: expect.stringMatching(/Z$/),
      lastSeenAt: expect.stringMatching(/Z$/),
    })
    expect(await listSessions(owner, { id })).toHaveLength(2)
  })

  it('of one’s own end one by one, or all others', async () => {
    const { name } = await add()
    const [here, second, third] = [await signIn(name), await signIn(name), await signIn(name)]
    await endOwnSession(here, { session: second.session })
    expect(await Promise.all([here, second, third].map((each) => isOpen(each.session)))).toEqual([
      true,
      false,
      true,
    ])
    await endOwnSession(here, {})
    expect(await Promise.all([here, third].map((each) => isOpen(each.session)))).toEqual([true, false])
    await expect(endOwnSession(here, { session: second.session })).rejects.toMatchObject({
      code: 'EntityNotExist.Session',
    })
  })

  it('of others are not one’s own to end', async () => {
    const [mine, theirs] = [await signIn((await add()).name), await signIn((await add()).name)]
    await expect(endOwnSession(mine, { session: theirs.session })).rejects.toMatchObject({
      code: 'EntityNotExist.Session',
    })
    expect(await isOpen(theirs.session)).toBe(true)
  })

  it('are ended by an admin, one or all, with a row in the audit', async () => {
    const { id, name } = await add()
    const [first, second] = [await signIn(name), await signIn(name)]
    await endSession(owner, { id, session: first.session })
    expect([await isOpen(first.session), await isOpen(second.session)]).toEqual([false, true])
    await endSession(owner, { id })
    expect(await isOpen(second.session)).toBe(false)
    const rows = await db().$queryRaw`
      select action, resources, detail from audit where action = 'freshet:EndSession' order by id desc limit 1`
    const resource = `acs:freshet:*:${owner.accountId}:user/${name}`
    expect(rows).toEqual([{ action: 'freshet:EndSession', resources: [resource], detail: { ended: 1 } }])
  })

  it('of another account, and of its owner, are out of reach', async () => {
    const { id, name } = await add()
    const { session } = await signIn(name)
    for (const act of [listSessions, endSession])
      await expect(act(other, { id })).rejects.toMatchObject({ code: 'EntityNotExist.User' })
    await expect(endSession(other, { id, session })).rejects.toMatchObject({ code: 'EntityNotExist.User' })
    await expect(endSession(owner, { id: owner.userId ?? 0 })).rejects.toMatchObject({ code: 'OwnerIsFixed' })
    expect(await isOpen(session)).toBe(true)
  })

  it('are ended by nobody without the right to', async () => {
    const { id } = await add()
    const reader = await signIn((await add()).name)
    await expect(endSession(reader, { id })).rejects.toMatchObject({ code: 'NoPermission' })
    for (const act of [
      () => setSignIn(reader, { id, signIn: false }),
      () => askNewPassword(reader, { id, mustChange: true }),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'NoPermission' })
  })
})

describe('sign-in that is off', () => {
  it('ends sessions and links at once, and is not disabled', async () => {
    const { id, name } = await add()
    const { session } = await signIn(name)
    const { token } = await inviteAgain(owner, { id })
    await setSignIn(owner, { id, signIn: false })
    expect(await isOpen(session)).toBe(false)
    await expect(signIn(name)).rejects.toMatchObject(failed)
    await expect(choosePassword({ token, password })).rejects.toMatchObject({ code: 'LinkUsed' })
    expect(await viewOf(id)).toMatchObject({ signIn: false, state: 'active' })
    await setSignIn(owner, { id, signIn: true })
    expect(await isOpen(session)).toBe(false)
    await signIn(name)
  })

  it('is out also where only the row of the user says so', async () => {
    const { id, name } = await add()
    const { session } = await signIn(name)
    await db().$executeRaw`update "user" set sign_in = false where id = ${id}`
    expect(await isOpen(session)).toBe(false)
  })

  it('and a new password are asked of nobody by themselves', async () => {
    const { id, name } = await add()
    const self: Caller = { ...(await signIn(name)), policies: attachedSystem(['FreshetFullAccess']) }
    for (const act of [
      () => setSignIn(self, { id, signIn: false }),
      () => askNewPassword(self, { id, mustChange: true }),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'OwnerIsFixed' })
  })
})

it('disabling takes away sessions and links in one act', async () => {
  const { id, name } = await add()
  const { session } = await signIn(name)
  const { token } = await inviteAgain(owner, { id })
  await disableUser(owner, { id, disabled: true })
  expect(await isOpen(session)).toBe(false)
  await expect(choosePassword({ token, password })).rejects.toMatchObject({ code: 'LinkUsed' })
  await expect(signIn(name)).rejects.toMatchObject(failed)
})
