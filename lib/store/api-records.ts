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
  const first = decides(filter)
  const paged = Prisma.sql`
    placed as (${placed(filter)}),
    page as (
      select * from placed where before < ${page.offset + page.limit} and before + lines > ${page.offset}
    )`
  const found = await db().$queryRaw<(LineRow & { total: number })[]>`
    with t as materialized (${tasks(scope, filter)}),
    ${first ? missed('t') : paged},
    ${first ? paged : missed('page')},
    total as (select coalesce(sum(lines), 0)::float8 as total from placed)
    select p.id::text as "taskId", p.kind, l.text, p.accepted_at as "acceptedAt", l.cause, l.detail, total.total,
      case when not p.is_final then 'open' when l.cause is null then 'complete' else 'failed' end as status
    from total left join page p on true left join lateral (
      select l.ordinal, l.text, coalesce(m.cause, w.cause) as cause, coalesce(m.detail, w.detail) as detail
      from ${linesOf(Prisma.raw('p'), filter)}
      order by l.ordinal offset greatest(0, ${page.offset} - p.before) limit ${page.limit}) l on true
    order by p.id desc, l.ordinal limit ${page.limit}`
  const rows = found.filter((row) => row.text !== null).map(({ total: _, ...row }) => row)
  return { rows, total: found[0]?.total ?? 0 }
}

/** Whether what failed decides which lines fit; otherwise it is asked of the tasks of a page alone. */
const decides = ({ status }: LineFilter) => status === 'complete' || status === 'failed'

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
  return Prisma.sql`
    select n.*, sum(n.lines) over (order by n.id desc) - n.lines as before
    from (select t.*, ${fitting(filter)} as lines from t) n where n.lines > 0`
}

function fitting(filter: LineFilter): Prisma.Sql {
  const { text, status } = filter
  if (!decides(filter))
    return text === undefined
      ? Prisma.sql`t.line_count`
      : Prisma.sql`(select count(*)::int from line l where l.day = t.day and l.task_id = t.id and l.text = ${text})`
  if (text !== undefined) return Prisma.sql`(select count(*)::int from ${linesOf(Prisma.raw('t'), filter)})`
  const failed = Prisma.sql`
    case when exists(select from whole w where w.task_id = t.id) then t.line_count
      when t.has_missed then (select count(*)::int from part m where m.task_id = t.id) else 0 end`
  return status === 'failed' ? failed : Prisma.sql`t.line_count - ${failed}`
}

/** What caches missed of these tasks: of a part of the lines, or, when a cache was removed, of the whole. */
function missed(of: 't' | 'page'): Prisma.Sql {
  const source = Prisma.raw(of)
  return Prisma.sql`
    whole as materialized (
      select distinct on (n.task_id) n.task_id, n.cause, n.detail
      from ${source} p join note n on n.task_id = p.id
      where p.has_missed and n.state = 'released' order by n.task_id, n.seq
    ), part as materialized (
      select distinct on (n.task_id, ordinal) n.task_id, b.first_ordinal + at.target as ordinal, n.cause, n.detail
      from ${source} p join note n on n.task_id = p.id
      join log g on g.seq = n.seq join command_body b on b.id = g.body_id
      cross join lateral unnest(case when n.targets = '{}'
        then array(select generate_series(0, greatest(1, cardinality(b.targets)) - 1)) else n.targets end) at(target)
      where p.has_missed and n.state = 'failed' order by n.task_id, ordinal, n.seq
    )`
}

/** The lines `l` of a task that fit, with what a cache missed of each, where any did. */
function linesOf(t: Prisma.Sql, { text, status }: LineFilter): Prisma.Sql {
  const parts = [
    Prisma.sql`l.day = ${t}.day and l.task_id = ${t}.id`,
    ...(text === undefined ? [] : [Prisma.sql`l.text = ${text}`]),
    ...(status === 'failed' ? [Prisma.sql`coalesce(m.cause, w.cause) is not null`] : []),
    ...(status === 'complete' ? [Prisma.sql`coalesce(m.cause, w.cause) is null`] : []),
  ]
  return Prisma.sql`line l
    left join whole w on w.task_id = ${t}.id
    left join part m on m.task_id = ${t}.id and m.ordinal = l.ordinal
    where ${Prisma.join(parts, ' and ')}`
}
