import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { testDatabase, testOwner } from '#lib/fleet/test-database.ts'
import { makePartitions } from './accept.ts'
import { refuseSignIn, writeAudit, writeRefusal } from './audit.ts'
import { sealAudit } from './audit-chain.ts'
import { readAudit } from './audit-entries.ts'
import { closeStore, transaction } from './client.ts'
import { openConsoleRole } from './console-role.ts'
import { verifyAudit } from './verify-audit.ts'

const ownerUrl = await testDatabase()
const caller = await testOwner()
const resource = 'acs:freshet:*:1:cache/fra1'
/** Stands for everybody who has the database and not the key. */
const superuser = new pg.Client({ connectionString: ownerUrl })

beforeAll(() => superuser.connect())
afterAll(async () => {
  await superuser.end()
  await closeStore()
})

const write = (detail: Record<string, unknown> = {}) =>
  transaction((tx) => writeAudit(tx, caller, 'freshet:SaveCache', [resource], detail))

/** The log as an attacker leaves it, until the test is over. */
async function bend(...statements: string[]): Promise<void> {
  for (const table of ['audit', 'audit_link'])
    await superuser.query(`alter table ${table} disable trigger all`)
  for (const statement of statements) await superuser.query(statement)
  for (const table of ['audit', 'audit_link']) {
    await superuser.query(`alter table ${table} enable trigger all`)
    await superuser.query(`alter table ${table} enable always trigger ${table}_only_grows`)
  }
}

async function state() {
  const { accounts } = await verifyAudit(ownerUrl)
  const [first] = accounts
  if (!first) throw new Error('no account')
  return first
}

async function newest(offset = 0): Promise<string> {
  const { rows } = await superuser.query(
    `select id::text from audit order by audit.id desc limit 1 offset ${offset}`,
  )
  return rows[0].id
}

describe('the role of the console', () => {
  let client: pg.Client

  beforeAll(async () => {
    // At each start anew.
    await openConsoleRole(ownerUrl)
    client = new pg.Client({ connectionString: await openConsoleRole(ownerUrl) })
    await client.connect()
  })
  afterAll(() => client.end())

  it('adds rows, makes partitions, and writes all other tables', async () => {
    await client.query(
      `begin; insert into audit (account_id, actor, action, resources, mac) values (1, 'x', 'y', '{}', '\\x00'); rollback`,
    )
    await client.query('select make_partitions()')
    await client.query(
      `update account set name = 'renamed'; listen freshet_log; select pg_notify('freshet_log', '')`,
    )
    await client.query(`select nextval('submission_id')`)
  })

  it.each([
    `update audit set actor = 'x'`,
    'delete from audit',
    'truncate audit',
    `update audit_link set number = 1`,
    `insert into audit_link values (1, 1, 1, '\\x00')`,
    'delete from audit_link',
    'truncate audit_link',
    'update audit_head set number = 1',
    'delete from audit_unsealed',
    'alter table audit disable trigger all',
    'drop trigger audit_only_grows on audit',
    'drop table audit',
    'alter function refuse_audit_change() rename to x',
    `create or replace function refuse_audit_change() returns trigger language plpgsql as 'begin return new; end'`,
    'set session_replication_role = replica',
    'set role freshet',
    'alter role freshet_console superuser',
    'create table public.x (y int)',
    'select * from _prisma_migrations',
    `copy (select 1) to program 'true'`,
  ])('may not: %s', async (statement) => {
    const error = await client.query(statement).catch((thrown) => thrown)
    // Its rights are too few, before any trigger has a say.
    expect(String(error)).toMatch(/permission denied|must be (?:owner|able)/)
  })
})

describe('the owner of the tables', () => {
  it.each([
    `update audit set actor = 'x'`,
    'update audit set actor = actor where false',
    'delete from audit',
    'truncate audit',
    'truncate audit, audit_link',
    'update audit_link set number = 0',
    'delete from audit_link',
    `set session_replication_role = replica; delete from audit`,
  ])('is refused by the trigger: %s', async (statement) => {
    const client = new pg.Client({ connectionString: ownerUrl })
    await client.connect()
    await expect(client.query(statement)).rejects.toThrow(/the audit log is only added to/)
    await client.end()
  })

  it('makes partitions with a search path of its own', async () => {
    const { rows } = await superuser.query(`select proconfig from pg_proc where proname = 'make_partitions'`)
    expect(rows).toEqual([{ proconfig: ['search_path=public, pg_temp'] }])
    await makePartitions()
  })
})

describe('an entry', () => {
  it('says who, how, from where, what, on what, before and after, and what decided', async () => {
    const decidedBy = { policy: 'Ops', statement: 2, group: 'on-call' }
    const proven = {
      ...caller,
      via: { is: 'key', id: 'k-1' },
      requestId: 'r-1',
      decidedBy,
      address: '2001:db8::1',
    } as const
    const detail = { before: { pop: 'a' }, after: { pop: 'b', list: [1, { z: 1, a: 'ü\0\uD800' }] } }
    await transaction((tx) => writeAudit(tx, proven, 'freshet:SaveCache', [resource], detail))
    const { entries } = await readAudit(caller.accountId, {}, { limit: 1 })
    expect(entries).toMatchObject([
      {
        actor: 'editor',
        userId: caller.userId,
        action: 'freshet:SaveCache',
        resources: [resource],
        outcome: 'done',
        address: '2001:db8::1',
        source: 'console',
        via: { is: 'key', id: 'k-1' },
        requestId: 'r-1',
        decidedBy,
        detail: { before: { pop: 'a' }, after: { pop: 'b', list: [1, { z: 1, a: 'ü\uFFFD\uFFFD' }] } },
        seal: null,
      },
    ])
    expect(await state()).toMatchObject({ bent: null })
  })

  it('is there only with its effect', async () => {
    const before = (await state()).rows
    const failing = transaction(async (tx) => {
      await writeAudit(tx, caller, 'freshet:SaveCache', [resource])
      throw new Error('no effect')
    })
    await expect(failing).rejects.toThrow('no effect')
    expect((await state()).rows).toBe(before)
  })

  it('of a refusal is kept short, and one that cannot be written changes nothing', async () => {
    const many = Array.from({ length: 3_000 }, (_, at) => `acs:dcdn:*:1:domain/${'x'.repeat(500)}${at}`)
    await writeRefusal(caller, 'dcdn:RefreshDcdnObjectCaches', many, { policies: '' })
    const { entries } = await readAudit(caller.accountId, { outcome: 'refused' }, { limit: 9 })
    expect(entries).toMatchObject([{ detail: { policies: '', moreResources: 2_900 } }])
    expect(entries[0]?.resources).toHaveLength(100)
    // An account of which no row can be.
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    await writeRefusal({ ...caller, accountId: 2 ** 40 }, 'freshet:SaveCache', [], {})
    refuseSignIn({ ...caller, userId: 2 ** 40, session: null })
    await vi.waitFor(() => expect(said).toHaveBeenCalledTimes(2))
    said.mockRestore()
  })
})

describe('the chain', () => {
  it('links what is written, in any number at once, and waits for nobody who writes', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, at) => write({ at })))
    const late = new pg.Client({ connectionString: ownerUrl })
    await late.connect()
    await late.query('begin')
    await late.query(
      `insert into audit (account_id, actor, action, resources, mac) values (1, 'late', 'x', '{}', '\\x00')`,
    )
    await write({ after: 'the late one' })
    // Two workers that both believe to have the lease: all of it is linked once.
    await Promise.allSettled([sealAudit(), sealAudit(), sealAudit()])
    const sealed = await state()
    expect(sealed).toMatchObject({ unsealed: 0, bent: null })
    expect(sealed.head.number).toBe(sealed.rows)
    await late.query('rollback')
    await late.end()
    await sealAudit()
    expect((await state()).head).toEqual(sealed.head)
  })

  it('links a row that becomes visible late behind those that were sooner', async () => {
    let commit = () => {}
    const open = new Promise<void>((resolve) => {
      commit = resolve
    })
    const written = Promise.withResolvers<void>()
    const late = transaction(async (tx) => {
      await writeAudit(tx, caller, 'freshet:TryCache', [resource])
      written.resolve()
      await open
    })
    await written.promise
    await write()
    await sealAudit()
    commit()
    await late
    await sealAudit()
    const { entries } = await readAudit(caller.accountId, {}, { limit: 2 })
    expect(entries[0]?.seal?.number).toBe((entries[1]?.seal?.number ?? 0) - 1)
    expect(await state()).toMatchObject({ unsealed: 0, bent: null })
  })
})

describe('what somebody bent who has the database and not the key', () => {
  let whole: Awaited<ReturnType<typeof state>>
  let id = ''

  beforeAll(async () => {
    for (const at of [1, 2, 3]) await write({ at })
    await sealAudit()
    whole = await state()
    id = await newest(1)
    for (const table of ['audit', 'audit_link', 'audit_head', 'audit_unsealed'])
      await superuser.query(`create table kept_${table} as select * from ${table}`)
  })

  afterEach(async () => {
    await bend('delete from audit_link', 'delete from audit', 'truncate audit_head, audit_unsealed')
    await superuser.query('alter table audit disable trigger audit_awaits_seal')
    for (const table of ['audit', 'audit_link', 'audit_head', 'audit_unsealed'])
      await superuser.query(`insert into ${table} overriding system value select * from kept_${table}`)
    await superuser.query('alter table audit enable trigger audit_awaits_seal')
    expect(await state()).toEqual(whole)
  })

  const atNumber = () => whole.head.number - 1

  it.each([
    [`actor = 'nobody'`],
    [`at = at + interval '1 microsecond'`],
    [`detail = '{"at": 7}'`],
    [`resources = '{}'`],
    [`outcome = 'refused'`],
    [`user_id = null`],
    [`account_id = account_id + 1`],
    [`decided_by = '{"policy": "X"}'`],
    [`mac = '\\x00'`],
  ])('a row with another %s is named', async (set) => {
    await bend(`update audit set ${set} where id = ${id}`)
    expect((await state()).bent).toEqual({ is: 'changed', auditId: id, number: atNumber() })
  })

  it('a row without its MAC is named', async () => {
    await bend(
      'alter table audit drop constraint audit_has_mac',
      `update audit set actor = 'nobody', mac = null where id = ${id}`,
    )
    expect((await state()).bent).toEqual({ is: 'unsigned', auditId: id, number: atNumber() })
    await bend(
      `update audit set mac = '\\x00' where mac is null`,
      'alter table audit add constraint audit_has_mac check (mac is not null) not valid',
    )
  })

  it('a row that is gone is named, with its link or without', async () => {
    await bend(`delete from audit where id = ${id}`)
    expect((await state()).bent).toEqual({ is: 'removed', auditId: id, number: atNumber() })
    await bend(`delete from audit_link where audit_id = ${id}`)
    expect((await state()).bent).toEqual({ is: 'gap', auditId: null, number: atNumber() })
  })

  it('the first of several is named', async () => {
    await bend(`update audit set actor = 'nobody' where id >= ${id}`)
    expect((await state()).bent).toMatchObject({ auditId: id })
  })

  it('links in another order are named', async () => {
    const other = await newest(0)
    await bend(
      `update audit_link set audit_id = -1 where audit_id = ${id}`,
      `update audit_link set audit_id = ${id} where audit_id = ${other}`,
      `update audit_link set audit_id = ${other} where audit_id = -1`,
    )
    expect((await state()).bent).toEqual({ is: 'moved', auditId: other, number: atNumber() })
  })

  it('a link that was put between is named', async () => {
    await write()
    await bend(
      `update audit_link set number = number + 1 where audit_id = ${await newest(1)}`,
      `insert into audit_link select account_id, ${whole.head.number}, ${await newest()}, hash from audit_link
       where audit_id = ${id}`,
    )
    expect((await state()).bent).toEqual({ is: 'moved', auditId: await newest(), number: whole.head.number })
  })

  it('a tail that is cut off is named by the head, and by one that was kept elsewhere', async () => {
    const last = whole.head.number
    await bend(
      `delete from audit_link where number = ${last}`,
      `delete from audit where id = ${await newest()}`,
    )
    expect((await state()).bent).toEqual({ is: 'cut-off', auditId: null, number: last })
    // Whoever also turns the head back is found by the head that was printed before.
    await bend(
      `update audit_head h set number = l.number, hash = l.hash from audit_link l where l.number = ${last - 1}`,
    )
    expect((await state()).bent).toBeNull()
    expect(await verifyAudit(ownerUrl, [whole.head])).toMatchObject({ missing: [whole.head] })
  })

  it('a row that stood there in another past is named by the one behind it', async () => {
    const last = whole.head.number
    await write({ at: 'in one past' })
    await sealAudit()
    const gone = await newest()
    await superuser.query(`create temp table past as select * from audit where id = ${gone}`)
    const { rows } = await superuser.query('select hash from audit_head where number = $1', [last + 1])
    // As a backup from before does.
    await bend(
      `delete from audit_link where audit_id = ${gone}`,
      `delete from audit where id = ${gone}`,
      `update audit_head h set number = l.number, hash = l.hash from audit_link l where l.number = ${last}`,
    )
    await write({ at: 'in another' })
    await write({ at: 'behind it' })
    await sealAudit()
    const [other, behind] = [await newest(1), await newest()]
    await bend(
      `delete from audit where id = ${other}`,
      'insert into audit overriding system value select * from past',
      `update audit_link set audit_id = ${gone}, hash = '\\x${rows[0].hash.toString('hex')}' where audit_id = ${other}`,
    )
    expect((await state()).bent).toEqual({ is: 'moved', auditId: behind, number: last + 2 })
  })

  it('a kept head is found while the chain goes on', async () => {
    await write()
    await sealAudit()
    expect(await verifyAudit(ownerUrl, [whole.head])).toMatchObject({ missing: [] })
  })

  it('a row that was added past Freshet is named before and after it is sealed', async () => {
    await superuser.query(
      `insert into audit (account_id, actor, action, resources, mac) values (1, 'x', 'y', '{}', '\\x00')`,
    )
    const added = await newest()
    expect((await state()).bent).toEqual({ is: 'changed', auditId: added, number: null })
    await sealAudit()
    expect((await state()).bent).toEqual({ is: 'changed', auditId: added, number: whole.head.number + 1 })
  })

  it('a row that is gone before it was sealed is named', async () => {
    await write()
    const added = await newest()
    await bend(`delete from audit where id = ${added}`)
    expect((await state()).bent).toEqual({ is: 'removed', auditId: added, number: null })
  })
})

describe('rows from before there were MACs', () => {
  it('are linked in front of the others and guarded from then on', async () => {
    await superuser.query('alter table audit drop constraint audit_has_mac')
    const old = () =>
      superuser.query(`insert into audit (account_id, actor, action, resources) values (9, 'old', 'y', '{}')`)
    await old()
    await old()
    const other = async () => (await verifyAudit(ownerUrl)).accounts.find((one) => one.accountId === 9)
    expect(await other()).toMatchObject({ rows: 2, unsealed: 2, bent: null })
    await sealAudit()
    expect(await other()).toMatchObject({ rows: 2, unsealed: 0, bent: null })
    await bend(`update audit set actor = 'new' where account_id = 9`)
    expect(await other()).toMatchObject({ bent: { is: 'changed', number: 1 } })
    await bend(`update audit set actor = 'old' where account_id = 9`)
    await transaction((tx) => writeAudit(tx, { ...caller, accountId: 9 }, 'x', []))
    await sealAudit()
    await old()
    expect(await other()).toMatchObject({ bent: { is: 'unsigned', number: null } })
  })
})
