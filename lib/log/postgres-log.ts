import type { CommandKind, Mode } from '#lib/core/command.ts'
import { db } from '#lib/store/client.ts'
import type { Log, LogEntry } from './log.ts'

type Row = Omit<LogEntry, 'command'> & { domain: string; kind: CommandKind; mode: Mode; targets: string[] }

/** The log as Postgres keeps it; `prisma/migrations` has the trigger that appends. */
export const postgresLog: Log = {
  async read(seq, limit) {
    const rows = await db().$queryRaw<Row[]>`
      select l.seq::float8, l.account_id as "accountId", l.task_id::text as "taskId", l.domain_id as "domainId",
        l.class::int, r.caches, r.shields, d.in_flight_ms as "inFlightMs", d.name as domain,
        b.kind, b.mode, b.targets
      from (select * from log where seq > ${seq}::bigint order by seq limit ${limit}) l
      join command_body b on b.id = l.body_id
      join route r on r.id = l.route_id
      join domain d on d.id = l.domain_id
      order by l.seq`
    return rows.map(({ domain, kind, mode, targets, ...entry }) => ({
      ...entry,
      command: { seq: entry.seq, domain, kind, mode, targets },
    }))
  },
}
