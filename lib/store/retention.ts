import { db, type Tx, transaction } from './client.ts'

/** Tasks that are deleted at once; what follows them, such as notes, goes with them. */
const batch = 1_000
/** A day of ten million lines takes minutes to index; a paused client must not hold up the next try for ever. */
const longMs = 30 * 60_000

/** Days for which an account keeps its records. */
export async function readRetention(accountId: number): Promise<number> {
  const [row] = await db().$queryRaw<{ days: number }[]>`
    select retention_days as days from account where id = ${accountId}`
  return row?.days ?? 90
}

/** Sets for how many days an account keeps its records. */
export async function writeRetention(tx: Tx, accountId: number, days: number): Promise<void> {
  await tx.$executeRaw`update account set retention_days = ${days} where id = ${accountId}`
}

/**
 * Lets records go that are older than their account keeps them, and makes closed days searchable.
 * One process of a deployment does it at a time; the others pass.
 */
export async function keepRecords(): Promise<void> {
  await closeOld()
  while ((await deleteTasks()) === batch) {}
  for (const partition of await readDays()) {
    if (partition.isGone) await dropDay(partition.name)
    else if (partition.isClosed && !partition.isIndexed) await indexDay(partition.name)
  }
}

/**
 * Ends tasks that no cache will end in time: a record must not go while it says "in progress". Caches
 * that had not confirmed are named, with the cause.
 */
export async function closeOld(): Promise<void> {
  await db().$executeRaw`
    with old as (
      select t.id, t.account_id, t.last_seq, t.route_id from task t join account a on a.id = t.account_id
      where t.state in ('pending', 'running') and t.accepted_at < now() - make_interval(days => a.retention_days)
      limit ${batch}
    ), noted as (
      insert into note (cache_id, seq, cause, account_id, task_id, state)
      select c.id, old.last_seq, 'closed', old.account_id, old.id, 'released'
      from old join route r on r.id = old.route_id
      cross join lateral unnest(r.caches) with ordinality as member(cache_id, place)
      join cache c on c.id = member.cache_id
      left join task_times tt on tt.task_id = old.id
      where tt.confirmed[member.place] is null
      on conflict do nothing
    )
    update task t set state = case when exists(
        select from task_times tt where tt.task_id = t.id and array_remove(tt.confirmed, null) <> '{}')
      then 'partial' else 'failed' end, has_failed = true, revision = nextval('task_revision')
    from old where t.id = old.id`
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
    await tx.$executeRawUnsafe(`drop table "${name}"`)
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
