import { type Checked, listOf, text, withFields } from './answer.ts'
import { call, versions } from './call.ts'
import { Misuse, readDuration, readOptions } from './options.ts'
import { type Connection, connectionOf } from './profile.ts'

const isRecord = withFields({
  TaskId: text,
  ObjectPath: text,
  ObjectType: text,
  Status: text,
  Process: text,
  CreationTime: text,
  Description: text,
})
type Record_ = Checked<typeof isRecord>
const isPage = withFields({ Tasks: withFields({ Task: listOf(isRecord) }) })
type Filter = Record<string, string | undefined>

const types = ['file', 'directory', 'regex', 'ignoreparams', 'tag', 'preload']
const mostRows = 50

/** `freshet records`. */
export async function records(args: string[]): Promise<number> {
  const { values } = readOptions('records', args)
  const limit = readLimit(values.limit ?? '20')
  const filter = { DomainName: values.domain, Status: statusOf(values.status), ...span(values.since) }
  const connection = connectionOf(values)
  // The API wants a type with a domain or a status, so each type is asked for.
  const asked = values.type ? [values.type] : values.domain || values.status ? types : [undefined]
  const read = (type: string | undefined) => readRecords(connection, { ...filter, ObjectType: type }, limit)
  // The first by itself: where it is refused, the others would be too.
  const [first, ...others] = asked
  const lists = [await read(first), ...(await Promise.all(others.map(read)))]
  const newest = lists
    .flat()
    .sort((a, b) => b.CreationTime.localeCompare(a.CreationTime))
    .slice(0, limit)
  if (values.json) console.log(JSON.stringify({ Tasks: newest }))
  else for (const one of newest) console.log(rowOf(one))
  return 0
}

async function readRecords(connection: Connection, filter: Filter, limit: number): Promise<Record_[]> {
  const rows: Record_[] = []
  for (let page = 1; rows.length < limit; page++) {
    const parameters = { ...filter, PageNumber: String(page), PageSize: String(Math.min(limit, mostRows)) }
    const asked = { action: 'DescribeDcdnRefreshTasks', version: versions.vendor, parameters, fits: isPage }
    const { Tasks } = await call(connection, asked)
    rows.push(...Tasks.Task)
    if (Tasks.Task.length < Math.min(limit, mostRows)) break
  }
  return rows
}

function readLimit(given: string): number {
  const limit = Number(given)
  if (!/^\d{1,5}$/.test(given) || limit < 1)
    throw new Misuse(`--limit is “${given}”. Write a number from 1 to 99,999.`)
  return limit
}

/** The API writes it with a capital. */
function statusOf(given: string | undefined): string | undefined {
  return given && given.charAt(0).toUpperCase() + given.slice(1).toLowerCase()
}

function span(since: string | undefined): Filter {
  if (since === undefined) return {}
  const now = Date.now()
  const format = (ms: number) => new Date(ms).toISOString().replace(/\.\d+/, '')
  return { StartTime: format(now - readDuration('since', since)), EndTime: format(now) }
}

function rowOf({ CreationTime, TaskId, ObjectType, Status, Process, ObjectPath, Description }: Record_) {
  const state = `${Status} ${Process.replace('%', '')}%`
  const row = [CreationTime, TaskId, ObjectType.padEnd(9), state.padEnd(15), ObjectPath].join('  ')
  return Description ? `${row}  (${Description})` : row
}
