import type { Command } from '#lib/core/command.ts'
import { facetFits, type RecordFilter } from '#lib/core/records.ts'
import type { Scope } from '#lib/core/scope.ts'
import { dayOfTask } from '#lib/core/task.ts'
import { db, Prisma } from './client.ts'
import { readRetention } from './retention.ts'
import { inScope } from './tasks.ts'

/** A submission among records, and its newest task that the filter lets through. */
export type FoundSubmission = { submissionId: string; leadId: string }

/** From here on a count says "more than that"; counting all would read all. */
export const mostCounted = 10_000

/** Lines that a text is looked for in, one after the other, before the index of trigrams is asked. */
const mostRead = 30_000
/** Tasks whose lines, or notes, are looked at so. */
const mostNewest = 1_000
const msPerDay = 86_400_000

/** A filter with names turned into numbers, ready for any number of queries. */
type Ground = {
  scope: Scope
  filter: RecordFilter
  routeIds: number[] | null
  /** Those that the account has of the combinations that the filter lets through. */
  facets: number[]
  keptSince: Date
}

/** Submissions that a filter lets through, newest first, behind the task `before`. */
export async function findSubmissions(
  scope: Scope,
  filter: RecordFilter,
  page: { before?: string | undefined; limit: number },
): Promise<FoundSubmission[]> {
  const ground = await groundOf(scope, filter)
  const before = page.before === undefined ? newestBound() : BigInt(page.before)
  if (filter.url !== undefined) return search(ground, containing(filter.url), before, page.limit)
  const found: FoundSubmission[] = []
  let bound = before
  while (found.length < page.limit) {
    const rows = await readLeads(ground, bound, page.limit)
    found.push(...rows.filter((row) => row.isLead).map(named))
    if (rows.length < page.limit) break
    bound = rows.at(-1)?.id ?? 0n
  }
  return found.slice(0, page.limit)
}

/** The next tasks, and whether each is where its submission stands: the newest of it that the filter lets through. */
function readLeads(
  ground: Ground,
  before: bigint,
  limit: number,
): Promise<{ id: bigint; submissionId: bigint; isLead: boolean }[]> {
  return db().$queryRaw`
    select t.id, t.submission_id as "submissionId", not exists(select from task s
      where s.submission_id = t.submission_id and s.id > t.id and ${conditions(ground, Prisma.raw('s'))}) as "isLead"
    from (${fitting(ground, before, limit)}) t order by t.id desc`
}

/** How many tasks a filter lets through, counted up to `mostCounted` + 1; null where a text is looked for. */
export async function countTasks(scope: Scope, filter: RecordFilter): Promise<number | null> {
  if (filter.url !== undefined) return null
  const ground = await groundOf(scope, filter)
  const [row] = await db().$queryRaw<{ count: number }[]>`
    select count(*)::int as count from (${fitting(ground, newestBound(), mostCounted + 1)}) counted`
  return row?.count ?? 0
}

/** The tasks of a submission that a filter lets through, but for the text of their lines. */
export async function tasksOf(scope: Scope, filter: RecordFilter, submissionId: string): Promise<string[]> {
  const ground = await groundOf(scope, filter)
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

async function groundOf(scope: Scope, filter: RecordFilter): Promise<Ground> {
  const { accountId } = scope
  const [days, facets, routes] = await Promise.all([
    readRetention(accountId),
    // Each next one by the index: few among many rows.
    db().$queryRaw<{ facet: number }[]>`
      with recursive known as (
        (select facet from task where account_id = ${accountId} order by facet limit 1)
        union all
        select (select t.facet from task t where t.account_id = ${accountId} and t.facet > known.facet
          order by t.facet limit 1)
        from known where known.facet is not null
      )
      select facet::int from known where facet is not null`,
    filter.cache === undefined
      ? null
      : db().$queryRaw<{ id: number }[]>`
          select r.id from route r where r.account_id = ${accountId} and r.caches && array(
            select c.id from cache c where c.account_id = ${accountId} and lower(c.name) = lower(${filter.cache}))`,
  ])
  const keptSince = new Date(Date.now() - days * msPerDay)
  return {
    scope,
    filter,
    routeIds: routes && routes.map((route) => route.id),
    facets: facets.map((row) => row.facet).filter((facet) => facetFits(facet, filter)),
    keptSince,
  }
}

/** What a task `t` must be like, but for the text of its lines; `is` says what it is known to be already. */
function conditions(
  { scope, filter, routeIds, facets, keptSince }: Ground,
  t: Prisma.Sql,
  is: { facet?: Prisma.Sql; route?: Prisma.Sql } = {},
): Prisma.Sql {
  const { from, until, domain, user, note, task } = filter
  const since = from === undefined ? keptSince : new Date(Math.max(Date.parse(from), keptSince.getTime()))
  const parts = [
    Prisma.sql`${inScope(scope, t)} and ${t}.facet = ${is.facet ?? Prisma.sql`any(${facets}::smallint[])`}`,
    // The day in a task's number bounds the scan; the moment is exact.
    Prisma.sql`${t}.id >= ${firstIdOf(new Date(since.getTime() - msPerDay / 24))} and ${t}.accepted_at >= ${since}`,
  ]
  if (until !== undefined) {
    const end = new Date(until)
    parts.push(
      Prisma.sql`${t}.id < ${firstIdOf(new Date(end.getTime() + msPerDay))} and ${t}.accepted_at <= ${end}`,
    )
  }
  if (domain) parts.push(Prisma.sql`${t}.domain = ${domain}`)
  if (user) parts.push(Prisma.sql`${t}.actor = ${user}`)
  if (note) parts.push(Prisma.sql`${t}.note <> '' and ${t}.note ilike ${containing(note)}`)
  if (task) parts.push(Prisma.sql`${t}.id = ${BigInt(task)}`)
  if (routeIds) parts.push(Prisma.sql`${t}.route_id = ${is.route ?? Prisma.sql`any(${routeIds}::int[])`}`)
  return Prisma.join(parts, ' and ')
}

/** Routes for which records are looked up by route; of more, each task of the account is looked at instead. */
const mostRoutes = 20

/**
 * The newest tasks that fit, behind `before`, but for the text of their lines: of each combination of facets
 * so many, each from an index that has it in order, and of all of them the newest.
 */
function fitting(ground: Ground, before: bigint, limit: number): Prisma.Sql {
  const { routeIds, facets, filter } = ground
  if (filter.note !== undefined) return fittingNote(ground, filter.note, before, limit)
  const byRoute = routeIds !== null && routeIds.length <= mostRoutes
  const is = { facet: Prisma.raw('f.facet'), ...(byRoute ? { route: Prisma.raw('r.id') } : {}) }
  return Prisma.sql`
    select p.* from unnest(${facets}::smallint[]) f(facet)
    ${byRoute ? Prisma.sql`cross join unnest(${routeIds}::int[]) r(id)` : Prisma.empty}
    cross join lateral (
      select t.id, t.submission_id from task t
      where ${conditions(ground, Prisma.raw('t'), is)} and t.id < ${before}
      order by t.id desc limit ${limit}) p
    order by p.id desc limit ${limit}`
}

/** The same with a note: what many have is among the newest, what few have is found by trigrams. */
function fittingNote({ filter, ...ground }: Ground, note: string, before: bigint, limit: number): Prisma.Sql {
  const { note: _, ...others } = filter
  const t = Prisma.raw('t')
  const rest = { ...ground, filter: others }
  return Prisma.sql`
    with newest as materialized (${fitting(rest, before, mostNewest)}),
    noted as materialized (
      select * from task where account_id = ${ground.scope.accountId} and note <> '' and note ilike ${containing(note)})
    select * from (
      select n.* from newest n join task t on t.id = n.id
      where t.note <> '' and t.note ilike ${containing(note)} order by n.id desc) near
    union all
    select * from (
      select t.id, t.submission_id from noted t
      where ${conditions(rest, t)} and t.id < (select min(id) from newest) order by t.id desc) far
    limit ${limit}`
}

const escaped = (text: string) => text.replace(/[\\%_]/g, '\\$&')
const containing = (text: string) => `%${escaped(text)}%`

type Candidate = { id: bigint; submissionId: bigint; lineCount: number }

/**
 * Submissions with a line like a pattern. What many lines are like is found among those of the newest tasks,
 * one by one; what few are like is found by trigrams, in so many days at once as were in vain before, twice over.
 */
async function search(
  ground: Ground,
  pattern: string,
  before: bigint,
  limit: number,
): Promise<FoundSubmission[]> {
  const newest = await readNewest(ground, before)
  const near = untilRead(newest)
  const found = await leadsOf(ground, pattern, before, await withLines(near, pattern))
  const isAll = near.length === newest.length && newest.length < mostNewest
  const floor = near.at(-1)?.id
  if (isAll || floor === undefined) return found.slice(0, limit)
  const since = Math.max(ground.keptSince.getTime(), Date.parse(ground.filter.from ?? '') || 0)
  let last = Date.parse(dayOfTask(String(floor)))
  for (let days = 1; found.length < limit && last + msPerDay > since; days *= 2) {
    const first = last - (days - 1) * msPerDay
    const far = await readDays(ground, pattern, { first, last, floor })
    const known = new Set(found.map((one) => one.submissionId))
    const more = await leadsOf(ground, pattern, before, far)
    found.push(...more.filter((one) => !known.has(one.submissionId)))
    last = first - msPerDay
  }
  return found.slice(0, limit)
}

function readNewest(ground: Ground, before: bigint): Promise<Candidate[]> {
  return db().$queryRaw`
    select t.id, t.submission_id as "submissionId", t.line_count as "lineCount"
    from (${fitting(ground, before, mostNewest)}) n join task t on t.id = n.id order by t.id desc`
}

/** As many of the tasks as have `mostRead` lines together, and at least one. */
function untilRead(tasks: readonly Candidate[]): readonly Candidate[] {
  let lines = 0
  const end = tasks.findIndex((task) => {
    lines += task.lineCount
    return lines > mostRead
  })
  return end < 0 ? tasks : tasks.slice(0, Math.max(1, end))
}

/** Those of the tasks that have a line like the pattern. */
async function withLines(tasks: readonly Candidate[], pattern: string): Promise<Candidate[]> {
  if (tasks.length === 0) return []
  const ids = tasks.map((task) => task.id)
  // A text that was changed has no index of trigrams: these lines are looked at, and no others.
  const rows = await db().$queryRaw<{ id: bigint }[]>`
    select n.id from unnest(${ids}::bigint[], ${ids.map((id) => dayOfTask(String(id)))}::date[]) n(id, day)
    cross join lateral (
      select from line l where l.day = n.day and l.task_id = n.id and (l.text || '') ilike ${pattern} limit 1) hit`
  const hits = new Set(rows.map((row) => row.id))
  return tasks.filter((task) => hits.has(task.id))
}

/** Tasks of some days that are older than `floor` and have a line like the pattern, newest first. */
function readDays(
  ground: Ground,
  pattern: string,
  days: { first: number; last: number; floor: bigint },
): Promise<Candidate[]> {
  const [first, last] = [new Date(days.first), new Date(days.last)]
  return db().$queryRaw`
    with hit as materialized (
      select distinct task_id from line where day between ${first}::date and ${last}::date
        and account_id = ${ground.scope.accountId} and text ilike ${pattern} and task_id < ${days.floor}
    )
    select t.id, t.submission_id as "submissionId", t.line_count as "lineCount"
    from hit join task t on t.id = hit.task_id
    where ${conditions(ground, Prisma.raw('t'))} order by t.id desc`
}

/** The submissions of tasks that were found, but for those that stand on an earlier page with another task. */
async function leadsOf(
  ground: Ground,
  pattern: string,
  before: bigint,
  tasks: readonly Candidate[],
): Promise<FoundSubmission[]> {
  if (tasks.length === 0) return []
  const above = await db().$queryRaw<Candidate[]>`
    select s.id, s.submission_id as "submissionId", s.line_count as "lineCount" from task s
    where s.submission_id = any(${tasks.map((task) => task.submissionId)}::bigint[]) and s.id >= ${before}
      and ${conditions(ground, Prisma.raw('s'))}`
  const shown = new Set((await withLines(above, pattern)).map((task) => task.submissionId))
  const leads = new Map<bigint, Candidate>()
  for (const task of tasks) {
    if (!shown.has(task.submissionId) && !leads.has(task.submissionId)) leads.set(task.submissionId, task)
  }
  return [...leads.values()].map(named)
}

const named = ({ id, submissionId }: { id: bigint; submissionId: bigint }): FoundSubmission => ({
  leadId: String(id),
  submissionId: String(submissionId),
})

/** Submissions of a domain with exactly this URL as a line, whatever its scheme, newest first. */
export async function findUrl(
  scope: Scope,
  url: { domain: string; target: string },
  limit: number,
): Promise<FoundSubmission[]> {
  const ground = await groundOf(scope, { domain: url.domain })
  return search(ground, `%://${escaped(url.domain + url.target)}`, newestBound(), limit)
}

/** Commands of a domain that may reach more than the URLs they name, newest first. */
export async function readWideCommands(
  scope: Scope,
  domain: string,
  limit: number,
): Promise<{ taskId: string; kind: Command['kind']; targets: string[]; firstOrdinal: number }[]> {
  const ground = await groundOf(scope, { domain })
  return db().$queryRaw`
    select b.task_id::text as "taskId", b.kind, b.targets, b.first_ordinal as "firstOrdinal"
    from task t join command_body b on b.task_id = t.id
    where ${conditions(ground, Prisma.raw('t'))} and t.kind not in ('url', 'prefetch')
    order by b.task_id desc limit ${limit}`
}

/** What was submitted: a target, as in a command, on its domain. */
export type RecentLine = { domain: string; kind: Command['kind'] | 'prefetch'; target: string }

/** Tasks whose targets are looked at, and how many of each: a large one must not be all that is seen. */
const mostRecent = 200
const mostOfEach = 50

/** Different targets of the newest tasks of a scope, newest first, but for tags. */
export async function readRecentLines(scope: Scope, limit: number): Promise<RecentLine[]> {
  const ground = await groundOf(scope, {})
  return db().$queryRaw`
    select t.domain, b.kind, target
    from (${fitting(ground, newestBound(), mostRecent)}) n join task t on t.id = n.id
    cross join lateral (
      select kind, targets from command_body where task_id = t.id and kind not in ('tag', 'everything')
      order by id limit 1) b
    cross join lateral unnest(b.targets[1:${mostOfEach}::int]) target
    group by 1, 2, 3 order by max(t.id) desc, target limit ${limit}`
}
