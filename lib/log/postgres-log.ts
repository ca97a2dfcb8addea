import type { CommandKind, Mode } from '#lib/core/command.ts'
import { defaultHeaderSets } from '#lib/core/header-sets.ts'
import { openHeaders, type TaskOptions } from '#lib/store/accept.ts'
import { db, prepared } from '#lib/store/client.ts'
import type { Log, LogEntry, LogPlace } from './log.ts'

type Row = LogPlace & {
  domain: string
  kind: CommandKind | 'prefetch'
  mode: Mode
  targets: string[]
  firstOrdinal: number
  also: string[]
  alsoIds: number[]
  options: TaskOptions
  inFlightMs: number | null
  afterUrgent: number
  afterBulk: number
  acceptedAtMs: number
}

/** The log as Postgres keeps it; `prisma/migrations` has the trigger that appends. */
export const postgresLog: Log = {
  async read(seq, limit) {
    const rows = await db().$queryRaw<Row[]>`
      ${prepared} select l.seq::float8, l.account_id as "accountId", l.task_id::text as "taskId", l.domain_id as "domainId",
        l.class::int, r.caches, r.shields, d.in_flight_ms as "inFlightMs", t.domain,
        b.kind, b.mode, b.targets, b.first_ordinal as "firstOrdinal", t.also, t.also_ids as "alsoIds", t.options,
        l.after_urgent::float8 as "afterUrgent", l.after_bulk::float8 as "afterBulk",
        extract(epoch from t.accepted_at)::float8 * 1000 as "acceptedAtMs"
      from (select * from log where seq > ${seq}::bigint order by seq limit ${limit}) l
      -- One by one: most reads find a few rows, and joins that are planned for 500 read whole tables.
      cross join lateral (select * from command_body b where b.id = l.body_id limit 1) b
      cross join lateral (select * from route r where r.id = l.route_id limit 1) r
      cross join lateral (select * from domain d where d.id = l.domain_id limit 1) d
      cross join lateral (select * from task t where t.id = l.task_id limit 1) t
      order by l.seq`
    return rows.map(entryOf)
  },
}

function entryOf(row: Row): LogEntry {
  const {
    seq,
    accountId,
    taskId,
    domainId,
    class: laneClass,
    caches,
    shields,
    domain,
    targets,
    options,
  } = row
  const place = { seq, accountId, taskId, domainId, class: laneClass, caches, shields }
  if (row.kind === 'prefetch') {
    const { firstOrdinal, afterUrgent, afterBulk, acceptedAtMs } = row
    const headers = openHeaders(options.headers ?? defaultHeaderSets, taskId)
    return {
      is: 'prefetch',
      ...place,
      domain,
      targets,
      firstOrdinal,
      headers,
      afterUrgent,
      afterBulk,
      acceptedAtMs,
    }
  }
  return {
    is: 'purge',
    ...place,
    command: { seq, domain, kind: row.kind, mode: row.mode, targets, query: options.query },
    also: row.also,
    alsoIds: row.alsoIds,
    forbidden: options.forbidden ?? false,
    inFlightMs: row.inFlightMs,
  }
}
