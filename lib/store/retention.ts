import { db, type Tx, transaction } from './client.ts'

/** Tasks that are deleted at once; what follows them, such as notes, goes with them. */
const batch = 1_000
/** A day of ten million lines takes minutes to index; a paused client must not hold up the next try for ever. */
const longMs = 30 * 60_000

/** Days for which an account keeps its records. */
export async function readRetention(accountId: number, client: Tx = db()): Promise<number> {
  const [row] = await client.$queryRaw<{ days: number }[]>`
    select retention_days as days from account where id = ${accountId}`
  return row?.days ?? 90
}

/** Sets for how many days an account keeps its records. */
export async function writeRetention(tx: Tx, accountId: number, days: number): Promise<void> {
  await tx.$executeRaw`update account set retention_days = ${days} where id = ${accountId}`
}

/** For how many days each account keeps its records. */
export async function readKeptDays(): Promise<Map<number, number>> {
  const rows = await db().$queryRaw<{ id: number; days: number }[]>`
    select id, retention_days as days from account`
  return new Map(rows.map((row) => [row.id, row.days]))
}

/**
 * Lets records go that are older than their account keeps them, and makes closed days searchable. Open
 * tasks stay until the settler has closed them. Any number of workers may do this at once.
 */
export async function keepRecords(): Promise<void> {
  while ((await deleteTasks()) === batch) {}
  for (const partition of await readDays()) {
    if (partition.isGone) await dropDay(partition.name)
    else if (partition.isClosed && !partition.isIndexed) await indexDay(partition.name)
  }
}

/** Deletes the oldest tasks that their accounts keep no more, at most a batch. @returns how many */
async function deleteTasks(): Promise<number> {
  return db().$executeRaw`
    delete from task where id in (
      select t.id from account a cross join lateral (
        select id from task where account_id = a.id
          and id < to_char(now() at time zone 'UTC' - make_interval(days => a.retention_days), 'YYYYMMDD')::bigint * 100000000
          and state not in ('pending', 'running')
        order by id limit ${batch}) t
      limit ${batch})`
}

type Day = { name: string; isClosed: boolean; isIndexed: boolean; isGone: boolean }

/** The partitions of lines, each a day (UTC). */
function readDays(): Promise<Day[]> {
  return db().$queryRaw`
    with day as (
      select c.oid, c.relname as name, to_date(right(c.relname, 8), 'YYYYMMDD') as date
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'line'::regclass
    )
    select name, date < (now() at time zone 'UTC')::date as "isClosed",
      exists(select from pg_class x where x.relname = day.name || '_text') as "isIndexed",
      date < (now() at time zone 'UTC')::date - (select max(retention_days) from account)
        and not exists(select from task where id >= to_char(date, 'YYYYMMDD')::bigint * 100000000
          and id < to_char(date + 1, 'YYYYMMDD')::bigint * 100000000) as "isGone"
    from day order by date`
}

/** Drops the lines of a day; who reads older days waits for it, so it waits for nobody longer than a second. */
export async function dropDay(name: string): Promise<void> {
  await alone(async (tx) => {
    await tx.$executeRaw`select set_config('lock_timeout', '1s', true)`
    await tx.$executeRawUnsafe(`drop table if exists "${name}"`)
  })
}

/** Makes a day searchable by parts of URLs, once nothing is added to it any more. */
export async function indexDay(name: string): Promise<void> {
  await alone(async (tx) => {
    await tx.$executeRaw`select set_config('statement_timeout', '0', true)`
    await tx.$executeRaw`select set_config('maintenance_work_mem', '256MB', true)`
    await tx.$executeRawUnsafe(
      `create index if not exists "${name}_text" on "${name}" using gin (account_id, text gin_trgm_ops)`,
    )
    await tx.$executeRawUnsafe(`analyze "${name}"`)
  })
}

/** Works in a transaction while nobody else of the deployment does such work; passes otherwise. */
async function alone(work: (tx: Tx) => Promise<void>): Promise<void> {
  await transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ taken: boolean }[]>`
      select pg_try_advisory_xact_lock(7270003) as taken`
    if (row?.taken) await work(tx)
  }, longMs)
}
