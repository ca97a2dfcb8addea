import type { Scope } from '#lib/core/scope.ts'
import { db, Prisma } from './client.ts'
import { inScope } from './tasks.ts'

/** Which lines of tasks to read, as the vendor's API asks for them. */
export type LineFilter = {
  ids?: readonly string[]
  /** Exactly this line. */
  text?: string
  domain?: string
  /** Methods of tasks. */
  kinds?: readonly string[]
  status?: LineStatus
  from: Date
  until: Date
}

/** A line of a task is settled with its task: it failed if it failed at any cache. */
export type LineStatus = 'open' | 'complete' | 'failed'

/** A line of a task as the vendor's API has records. */
export type LineRow = {
  taskId: string
  kind: string
  text: string
  acceptedAt: Date
  status: LineStatus
  /** Why it failed. */
  cause: string | null
  detail: string | null
}

/** Lines that a filter lets through, of the newest tasks first, and how many there are. */
export async function readLineRows(
  scope: Scope,
  filter: LineFilter,
  page: { offset: number; limit: number },
): Promise<{ rows: LineRow[]; total: number }> {
  const found = await db().$queryRaw<(LineRow & { total: number })[]>`
    with t as materialized (${tasks(scope, filter)}), placed as (${placed(filter)}), total as (
      select coalesce(sum(lines), 0)::float8 as total from placed)
    select p.id::text as "taskId", p.kind, l.text, p.accepted_at as "acceptedAt", l.cause, l.detail, total.total,
      case when not p.is_final then 'open' when l.cause is null then 'complete' else 'failed' end as status
    from total left join placed p on p.before < ${page.offset + page.limit} and p.before + p.lines > ${page.offset}
    left join lateral (
      select l.ordinal, l.text, m.cause, m.detail from line l ${misses(Prisma.raw('p'))}
      where ${linesOf(Prisma.raw('p'), filter)}
      order by l.ordinal offset greatest(0, ${page.offset} - p.before) limit ${page.limit}) l on true
    order by p.id desc, l.ordinal limit ${page.limit}`
  const rows = found.filter((row) => row.text !== null).map(({ total: _, ...row }) => row)
  return { rows, total: found[0]?.total ?? 0 }
}

function tasks(scope: Scope, { ids, text, domain, kinds, status, from, until }: LineFilter): Prisma.Sql {
  // A line names its host, and so its domain.
  const host = text === undefined ? undefined : /^(?:https?:\/\/)?([^/?#:]+)/i.exec(text)?.[1]
  const isTag = kinds?.includes('tag') ?? false
  const parts = [
    inScope(scope),
    // The day in a task's number bounds the scan; the moment is exact.
    Prisma.sql`t.id >= ${firstIdOf(from)} and t.accepted_at between ${from} and ${until}`,
    ...(ids ? [Prisma.sql`t.id = any(${ids.map(BigInt)}::bigint[])`] : []),
    ...(domain === undefined ? [] : [Prisma.sql`t.domain = ${domain}`]),
    ...(host === undefined || isTag
      ? []
      : [Prisma.sql`(t.domain = ${host.toLowerCase()} or t.kind = 'tag')`]),
    ...(kinds ? [Prisma.sql`t.kind = any(${[...kinds]}::text[])`] : []),
    ...(status === undefined ? [] : [Prisma.sql`(t.state in ('pending', 'running')) = ${status === 'open'}`]),
  ]
  return Prisma.sql`
    select t.id, to_date((t.id / 100000000)::text, 'YYYYMMDD') as day, t.kind, t.accepted_at, t.line_count,
      t.state not in ('pending', 'running') as is_final,
      t.state not in ('pending', 'running') and t.has_failed as has_missed
    from task t where ${Prisma.join(parts, ' and ')}`
}

/** The smallest number that a task of this moment may have: an hour less, for clocks differ. */
const firstIdOf = (moment: Date) =>
  BigInt(new Date(moment.getTime() - 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')) * 100_000_000n

/** Each task with the number of its lines that fit, and of those before them. Most are counted already. */
function placed(filter: LineFilter): Prisma.Sql {
  const t = Prisma.raw('t')
  const counted = Prisma.sql`
    (select count(*)::int from line l ${misses(t)} where ${linesOf(t, filter)})`
  const isCounted = filter.text === undefined
  const lines = isCounted
    ? filter.status === undefined || filter.status === 'open'
      ? Prisma.sql`t.line_count`
      : Prisma.sql`case when t.has_missed then ${counted} when ${filter.status === 'complete'} then t.line_count else 0 end`
    : counted
  return Prisma.sql`
    select n.*, sum(n.lines) over (order by n.id desc) - n.lines as before
    from (select t.*, ${lines} as lines from t) n where n.lines > 0`
}

/** The lines `l` of a task that fit; `m` is what a cache missed of each. */
function linesOf(t: Prisma.Sql, { text, status }: LineFilter): Prisma.Sql {
  const parts = [
    Prisma.sql`l.day = ${t}.day and l.task_id = ${t}.id`,
    ...(text === undefined ? [] : [Prisma.sql`l.text = ${text}`]),
    ...(status === 'failed' ? [Prisma.sql`m.cause is not null`] : []),
    ...(status === 'complete' ? [Prisma.sql`m.cause is null`] : []),
  ]
  return Prisma.join(parts, ' and ')
}

/** The first thing that a cache missed of a line `l`; what a removed cache missed is all. */
function misses(t: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`left join lateral (
    select n.cause, n.detail from note n left join log g on g.seq = n.seq left join command_body b on b.id = g.body_id
    where ${t}.has_missed and n.task_id = ${t}.id and n.state in ('failed', 'released')
      and (n.state = 'released' or l.ordinal - b.first_ordinal between 0 and greatest(1, cardinality(b.targets)) - 1
        and (n.targets = '{}' or l.ordinal - b.first_ordinal = any(n.targets)))
    order by n.seq limit 1) m on true`
}
