import type { Caller } from '#lib/core/caller.ts'
import { type Command, laneClasses } from '#lib/core/command.ts'
import { type HeaderSet, withCredentials } from '#lib/core/header-sets.ts'
import type { Deviation, PlannedTask } from '#lib/core/plan.ts'
import { dayOfTask } from '#lib/core/task.ts'
import { type Stamp, stampColumns } from './audit.ts'
import { db, Prisma, prepared, type Tx } from './client.ts'
import { sealText, unsealText } from './secrets.ts'

/** What a task asks besides its lines. */
export type TaskOptions = {
  /** The content must be gone, so nothing is kept for revalidation. */
  forbidden?: true
  /** Which parameters of its URLs count, where not all do. */
  query?: NonNullable<Command['query']>
  /** The requests by which each URL is prefetched. */
  headers?: HeaderSet[]
  /** Parameters of the API that decided where and what; for the record. */
  asked?: Record<string, string>
}

/** What a task says besides its lines. */
export type TaskHead = {
  caller: Caller
  domainId: number
  note: string
  /** Other names of the same cache; they are purged as well. */
  also: readonly { id: number; name: string }[]
  /** Where a kind of cache does something else than what was asked. */
  plan: Deviation[]
  options: TaskOptions
  /** Set for a route that only this task takes; otherwise the domain's route at commit. */
  routeId?: number
}

/** The numbers of a submission, of its tasks, and of its row in the audit log. */
export type Numbers = { submissionId: bigint; taskIds: bigint[] } & Stamp

/** Takes the numbers of a new submission. */
export async function newNumbers(client: Tx, tasks: number): Promise<Numbers> {
  const [row] = await client.$queryRaw<Numbers[]>`
    ${prepared} select ${stampColumns}, nextval('submission_id') as "submissionId", array(
      select to_char(clock_timestamp() at time zone 'UTC', 'YYYYMMDD')::bigint * 100000000 + nextval('task_number')
      from generate_series(1, ${tasks}::int)) as "taskIds"`
  if (!row) throw new Error('no submission number')
  return row
}

/** What a submission says once, with its first task. */
export type Once = {
  /** What it is charged when it commits, as `dueOf` writes it. */
  due: string
  /** Its row in the audit log, as `auditInsert` writes it. */
  audit: Prisma.Sql
}

/**
 * Writes a task, its lines and its commands; the deferred trigger appends them to the log inside
 * COMMIT. Lines go in as one text, which is read quicker than an array, and without a lock. All of it is one
 * statement, and so may be a transaction of its own.
 */
export async function acceptTask(
  client: Tx,
  { submissionId, id }: { submissionId: bigint; id: bigint },
  head: TaskHead,
  planned: Omit<PlannedTask, 'method'> & { method: string },
  once?: Once,
): Promise<void> {
  const { caller, also } = head
  const { accountId } = caller
  const lines = planned.lines.map((line) => line.text)
  const options = sealedOptions(head.options, id)
  const operation = planned.kind === 'prefetch' ? 'prefetch' : 'purge'
  const withOnce = once
    ? Prisma.sql`charge as materialized (select set_config('freshet.charge', ${once.due}, true)), audit as (${once.audit}),`
    : Prisma.sql`charge as (select),`
  // A short submission is mostly the way there and back. An array of arrays would have to be rectangular, so each
  // command's targets travel as one text.
  await client.$executeRaw`
    ${prepared} with ${withOnce} head as (
    insert into task (id, account_id, submission_id, domain_id, domain, operation, kind, mode, class, source,
                      user_id, actor, key_id, address, note, line_count, command_count, first_line, route_id, also, also_ids,
                      plan, options)
    values (${id}, ${accountId}, ${submissionId}, ${head.domainId}, ${planned.domain}, ${operation},
            ${planned.method}, ${planned.mode}, ${laneClasses[planned.class]}, ${caller.source}, ${caller.userId},
            ${caller.name}, ${caller.via?.is === 'key' ? caller.via.id : null}, ${caller.address}, ${head.note}, ${lines.length}, ${planned.commands.length},
            ${lines[0] ?? ''}, ${head.routeId ?? null}, ${also.map((one) => one.name)},
            ${also.map((one) => one.id)}, ${JSON.stringify(head.plan)}::jsonb, ${JSON.stringify(options)}::jsonb)
    ), lines as (
    insert into line (day, task_id, ordinal, account_id, text, kind)
    select ${dayOfTask(String(id))}::date, ${id}, l.ordinal - 1, ${accountId}, l.text, 0
    from string_to_table(${lines.join('\n')}::text, chr(10)) with ordinality l(text, ordinal)
    )
    insert into command_body (task_id, first_ordinal, kind, mode, targets)
    select ${id}, c.first_ordinal, ${planned.kind}, ${planned.mode}, string_to_array(c.targets, chr(10))
    from charge, unnest(${planned.commands.map((command) => command.firstOrdinal)}::int[],
                ${planned.commands.map((command) => command.targets.join('\n'))}::text[])
      with ordinality c(first_ordinal, targets, position)
    order by c.position`
}

function sealedOptions({ headers, ...options }: TaskOptions, taskId: bigint): TaskOptions {
  if (!headers) return options
  const place = headersPlace(taskId)
  return { ...options, headers: withCredentials(headers, (_, value) => sealText(value, place)) }
}

/** The header sets of a task as they were asked for. */
export function openHeaders(headers: readonly HeaderSet[], taskId: string): HeaderSet[] {
  return withCredentials(headers, (_, value) => unsealText(value, headersPlace(taskId)))
}

/** The header sets by which a past task was prefetched. */
export async function readHeaders(taskId: string): Promise<HeaderSet[]> {
  const [row] = await db().$queryRaw<{ options: TaskOptions }[]>`
    select options from task where id = ${BigInt(taskId)}`
  return openHeaders(row?.options.headers ?? [], taskId)
}

const headersPlace = (taskId: bigint | string) => `task/${taskId}/headers`

/**
 * Runs an accepting transaction; should a partition be missing (no worker for two weeks, or two
 * million commands at once), makes the next ones and runs it once more.
 */
export async function withPartitions<T>(accept: () => Promise<T>): Promise<T> {
  try {
    return await accept()
  } catch (error) {
    if (!String(error).includes('no partition of relation')) throw error
    await makePartitions()
    return await accept()
  }
}

/** Makes the partitions that the next days and commands will need. */
export async function makePartitions(): Promise<void> {
  await db().$executeRaw`select make_partitions()`
}
