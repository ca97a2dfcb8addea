import type { Command } from '#lib/core/command.ts'
import { type RecordFilter, statusFilters } from '#lib/core/records.ts'
import { dayOfTask } from '#lib/core/task.ts'
import { db, Prisma } from './client.ts'

/** A submission among records: its newest task that the filter lets through, and how many tasks it has in all. */
export type FoundSubmission = { submissionId: string; leadId: string }

/** From here on a count says "more than that"; counting all would read all. */
export const mostCounted = 10_000

/** Lines that a text is looked for in, one after the other, before the index of trigrams is asked. */
const mostRead = 30_000
const msPerDay = 86_400_000

/** A filter with names turned into numbers, ready for any number of queries. */
type Ground = { accountId: number; filter: RecordFilter; routeIds: number[] | null; keptSince: Date }

/** Submissions that a filter lets through, newest first, behind the task `before`. */
export async function findSubmissions(
  accountId: number,
  filter: RecordFilter,
  page: { before?: string | undefined; limit: number },
): Promise<FoundSubmission[]> {
  const ground = await groundOf(accountId, filter)
  const before = page.before === undefined ? newestBound() : BigInt(page.before)
  if (filter.url !== undefined) return search(ground, containing(filter.url), before, page.limit)
  const t = Prisma.raw('t')
  return db().$queryRaw`
    select t.id::text as "leadId", t.submission_id::text as "submissionId" from task t
    where ${conditions(ground, t)} and t.id < ${before}
      -- A submission stands where its newest task does that the filter lets through.
      and t.id = (select max(s.id) from task s
        where s.submission_id = t.submission_id and ${conditions(ground, Prisma.raw('s'))})
    order by t.id desc limit ${page.limit}`
}

/** How many tasks a filter lets through, counted up to `mostCounted` + 1; null where a text is looked for. */
export async function countTasks(accountId: number, filter: RecordFilter): Promise<number | null> {
  if (filter.url !== undefined) return null
  const ground = await groundOf(accountId, filter)
  const [row] = await db().$queryRaw<{ count: number }[]>`
    select count(*)::int as count from (
      select from task t where ${conditions(ground, Prisma.raw('t'))} limit ${mostCounted + 1}) counted`
  return row?.count ?? 0
}

/** The tasks of a submission that a filter lets through, but for the text of their lines. */
export async function tasksOf(
  accountId: number,
  filter: RecordFilter,
  submissionId: string,
): Promise<string[]> {
  const ground = await groundOf(accountId, filter)
  const t = Prisma.raw('t')
  const rows = await db().$queryRaw<{ id: string }[]>`
    select t.id::text from task t where t.submission_id = ${BigInt(submissionId)} and ${conditions(ground, t)}
    order by t.id`
  return rows.map((row) => row.id)
}

/** A number above that of every task. */
const newestBound = () => firstIdOf(new Date(Date.now() + 2 * msPerDay))

/** The smallest number that a task of this day may have. */
const firstIdOf = (day: Date) => BigInt(day.toISOString().slice(0, 10).replaceAll('-', '')) * 100_000_000n

async function groundOf(accountId: number, filter: RecordFilter): Promise<Ground> {
  const [[account], routes] = await Promise.all([
    db().$queryRaw<{ days: number }[]>`select retention_days as days from account where id = ${accountId}`,
    filter.cache === undefined
      ? null
      : db().$queryRaw<{ id: number }[]>`
          select r.id from route r where r.account_id = ${accountId} and r.caches && array(
            select c.id from cache c where c.account_id = ${accountId} and lower(c.name) = lower(${filter.cache}))`,
  ])
  const keptSince = new Date(Date.now() - (account?.days ?? 90) * msPerDay)
  return { accountId, filter, routeIds: routes && routes.map((route) => route.id), keptSince }
}

/** What a task `t` must be like, but for the text of its lines. */
function conditions({ accountId, filter, routeIds, keptSince }: Ground, t: Prisma.Sql): Prisma.Sql {
  const { from, until, operation, method, mode, domain, status, user, source, note, task } = filter
  const since = from === undefined ? keptSince : new Date(Math.max(Date.parse(from), keptSince.getTime()))
  const parts = [
    Prisma.sql`${t}.account_id = ${accountId}`,
    // The day in a task's number bounds the scan; the moment is exact.
    Prisma.sql`${t}.id >= ${firstIdOf(new Date(since.getTime() - msPerDay / 24))} and ${t}.accepted_at >= ${since}`,
  ]
  if (until !== undefined) {
    const end = new Date(until)
    parts.push(
      Prisma.sql`${t}.id < ${firstIdOf(new Date(end.getTime() + msPerDay))} and ${t}.accepted_at <= ${end}`,
    )
  }
  if (operation) parts.push(Prisma.sql`${t}.operation = ${operation}`)
  if (method) parts.push(Prisma.sql`${t}.kind = ${method}`)
  if (mode) parts.push(Prisma.sql`${t}.mode = ${mode} and ${t}.operation = 'purge'`)
  if (domain) parts.push(Prisma.sql`${t}.domain = ${domain}`)
  if (status) parts.push(Prisma.sql`${t}.state = any(${[...statusFilters[status]]}::text[])`)
  // Told apart, so that the index of those that are not complete is found.
  if (status && status !== 'complete') parts.push(Prisma.sql`${t}.state <> 'complete'`)
  if (user) parts.push(Prisma.sql`${t}.actor = ${user}`)
  if (source) parts.push(Prisma.sql`${t}.source = ${source}`)
  if (note) parts.push(Prisma.sql`${t}.note <> '' and ${t}.note ilike ${containing(note)}`)
  if (task) parts.push(Prisma.sql`${t}.id = ${BigInt(task)}`)
  if (routeIds) parts.push(Prisma.sql`${t}.route_id = any(${routeIds}::int[])`)
  return Prisma.join(parts, ' and ')
}

const escaped = (text: string) => text.replace(/[\\%_]/g, '\\$&')
const containing = (text: string) => `%${escaped(text)}%`

/**
 * Submissions with a line that contains a text. What many lines contain is found among the newest ones;
 * what few contain is found by trigrams, in so many days at once as were in vain before, twice over.
 */
async function search(
  ground: Ground,
  pattern: string,
  before: bigint,
  limit: number,
): Promise<FoundSubmission[]> {
  const { found, floor } = await searchNewest(ground, pattern, before, limit)
  if (floor === null) return found
  const since = Math.max(ground.keptSince.getTime(), Date.parse(ground.filter.from ?? '') || 0)
  let day = Date.parse(dayOfTask(String(floor)))
  for (let days = 1; found.length < limit && day + msPerDay > since; days *= 2) {
    const first = day - (days - 1) * msPerDay
    const known = found.map((one) => one.submissionId)
    const more = await searchDays(ground, pattern, {
      first,
      last: day,
      floor,
      before,
      known,
      limit: limit - found.length,
    })
    found.push(...more)
    day = first - msPerDay
  }
  return found
}

/** Looks at lines of the newest tasks; `floor` is the oldest task that was looked at, null when there are no others. */
async function searchNewest(
  ground: Ground,
  pattern: string,
  before: bigint,
  limit: number,
): Promise<{ found: FoundSubmission[]; floor: bigint | null }> {
  const rows = await db().$queryRaw<{ id: bigint; submissionId: bigint; hit: boolean; rest: boolean }[]>`
    with newest as (
      select t.id, t.submission_id, t.line_count from task t
      where ${conditions(ground, Prisma.raw('t'))} and t.id < ${before}
      order by t.id desc limit 2000
    ), near as materialized (
      select * from (
        select n.*, sum(n.line_count) over (order by n.id desc) - n.line_count as lines,
          row_number() over (order by n.id desc) as place
        from newest n) n
      where n.lines < ${mostRead}
    ), hit as (
      select n.id, n.submission_id from near n where exists (
        select from line l where l.day = to_date((n.id / 100000000)::text, 'YYYYMMDD') and l.task_id = n.id
          and l.text ilike ${pattern})
        and ${notAbove(ground, pattern, before, Prisma.raw('n'))}
    )
    select max(id) as id, submission_id as "submissionId", true as hit, false as rest from hit group by submission_id
    union all
    select min(id), 0, false, count(*) < (select count(*) from newest) or count(*) = 2000 from near having count(*) > 0`
  const end = rows.find((row) => !row.hit)
  const found = rows
    .filter((row) => row.hit)
    .sort(newestFirst)
    .map(named)
  const isWhole = end === undefined || !end.rest
  return { found: found.slice(0, limit), floor: isWhole || found.length >= limit ? null : end.id }
}

const newestFirst = (a: { id: bigint }, b: { id: bigint }) => (a.id < b.id ? 1 : -1)

const named = ({ id, submissionId }: { id: bigint; submissionId: bigint }): FoundSubmission => ({
  leadId: String(id),
  submissionId: String(submissionId),
})

type Days = { first: number; last: number; floor: bigint; before: bigint; known: string[]; limit: number }

/** Looks at all lines of some days that are older than `floor`. */
async function searchDays(ground: Ground, pattern: string, days: Days): Promise<FoundSubmission[]> {
  const [first, last] = [new Date(days.first), new Date(days.last)]
  const rows = await db().$queryRaw<{ id: bigint; submissionId: bigint }[]>`
    with hit as materialized (
      select distinct task_id from line where day between ${first}::date and ${last}::date
        and account_id = ${ground.accountId} and text ilike ${pattern} and task_id < ${days.floor}
    )
    select max(t.id) as id, t.submission_id as "submissionId" from hit join task t on t.id = hit.task_id
    where ${conditions(ground, Prisma.raw('t'))} and not t.submission_id = any(${days.known.map(BigInt)}::bigint[])
      and ${notAbove(ground, pattern, days.before, Prisma.raw('t'))}
    group by 2 order by 1 desc limit ${days.limit}`
  return rows.map(named)
}

/** Not a submission that stands on an earlier page already, with another task of it. */
const notAbove = (ground: Ground, pattern: string, before: bigint, t: Prisma.Sql) => Prisma.sql`
  not exists (select from task s
    join line l on l.task_id = s.id and l.day = to_date((s.id / 100000000)::text, 'YYYYMMDD')
    where s.submission_id = ${t}.submission_id and s.id >= ${before}
      and ${conditions(ground, Prisma.raw('s'))} and l.text ilike ${pattern})`

/** Submissions of a domain with exactly this URL as a line, whatever its scheme, newest first. */
export async function findUrl(
  accountId: number,
  url: { domain: string; target: string },
  limit: number,
): Promise<FoundSubmission[]> {
  const ground = await groundOf(accountId, { domain: url.domain })
  return search(ground, `%://${escaped(url.domain + url.target)}`, newestBound(), limit)
}

/** Commands of a domain that may reach more than the URLs they name, newest first. */
export async function readWideCommands(
  accountId: number,
  domain: string,
  limit: number,
): Promise<{ taskId: string; kind: Command['kind']; targets: string[]; firstOrdinal: number }[]> {
  const ground = await groundOf(accountId, { domain })
  return db().$queryRaw`
    select b.task_id::text as "taskId", b.kind, b.targets, b.first_ordinal as "firstOrdinal"
    from task t join command_body b on b.task_id = t.id
    where ${conditions(ground, Prisma.raw('t'))} and t.kind not in ('url', 'prefetch')
    order by b.task_id desc limit ${limit}`
}
