import { type Checked, count, listOf, oneOf, text, time, withFields } from './answer.ts'

/** One cache of a task, as far as it is read here. */
const isCacheProgress = withFields({
  Name: text,
  Pop: text,
  /** Commands that this cache took, and that are confirmed there; of the task's `Commands`. */
  Applied: count,
  Confirmed: count,
  /** Lines that failed here. */
  Failed: count,
  AppliedMs: time,
  ConfirmedMs: time,
  Cause: text,
  Detail: text,
  WaitsFor: text,
  WaitsDetail: text,
  WaitsSince: text,
})
export type CacheProgress = Checked<typeof isCacheProgress>

/** A task, as far as it is read here; every answer is whole, so the newest wins. */
export const isTaskProgress = withFields({
  TaskId: text,
  State: oneOf('pending', 'running', 'complete', 'partial', 'failed'),
  MissedLines: count,
  Commands: count,
  AppliedMs: time,
  ConfirmedMs: time,
  Caches: listOf(isCacheProgress),
})
export type TaskProgress = Checked<typeof isTaskProgress>

export const points = ['applied', 'confirmed'] as const
/** How far a cache is to have come. */
export type Point = (typeof points)[number]

/** What became of the tasks that are waited for. */
export type Outcome = 'reached' | 'failed' | 'waiting'

/** The truth as a number, for scripts. */
export const exitCodes = { reached: 0, failed: 1, waiting: 4 } as const satisfies Record<Outcome, number>

/** How far one cache is with all the tasks together. */
export type Row = {
  name: string
  pop: string
  applied: number
  confirmed: number
  commands: number
  failed: number
  appliedMs: number | null
  confirmedMs: number | null
  cause: string
  waits: { cause: string; detail: string; since: string } | null
}

/** The caches of all tasks, each once; one that has no part in a task has nothing to do for it. */
export function rowsOf(tasks: readonly TaskProgress[]): Row[] {
  const parts = tasks.flatMap(({ Commands, Caches }) => Caches.map((cache) => ({ ...cache, Commands })))
  return [...Map.groupBy(parts, ({ Name }) => Name)].map(rowOf)
}

function rowOf([name, parts]: [string, (CacheProgress & { Commands: number })[]]): Row {
  const worst = parts.find(({ Failed }) => Failed > 0)
  const waiting = parts.find(({ WaitsFor }) => WaitsFor !== '')
  return {
    name,
    pop: parts[0]?.Pop ?? '',
    applied: sum(parts.map(({ Applied }) => Applied)),
    confirmed: sum(parts.map(({ Confirmed }) => Confirmed)),
    commands: sum(parts.map(({ Commands }) => Commands)),
    failed: sum(parts.map(({ Failed }) => Failed)),
    appliedMs: latest(parts.map(({ AppliedMs }) => AppliedMs)),
    confirmedMs: latest(parts.map(({ ConfirmedMs }) => ConfirmedMs)),
    cause: worst ? because(worst.Cause, worst.Detail) : '',
    waits: waiting
      ? { cause: waiting.WaitsFor, detail: waiting.WaitsDetail, since: waiting.WaitsSince }
      : null,
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

const latest = (times: readonly (number | null)[]) =>
  times.some((time) => time === null) ? null : Math.max(0, ...(times as number[]))

/** A task that failed somewhere never gets whole again, but the other caches still go on. */
export function outcomeOf(tasks: readonly TaskProgress[], awaited: Point): Outcome {
  const isThere = ({ State, AppliedMs }: TaskProgress) =>
    /complete|partial|failed/.test(State) || (awaited === 'applied' && AppliedMs !== null)
  if (!tasks.every(isThere)) return 'waiting'
  const hasFailed = tasks.some(({ State, Caches }) => {
    return /partial|failed/.test(State) || Caches.some(({ Failed }) => Failed > 0)
  })
  return hasFailed ? 'failed' : 'reached'
}

/** Causes in words, as the console has them. */
const causes: Record<string, string> = {
  unreachable: 'no connection',
  dropped: 'connection dropped',
  timeout: 'no answer in time',
  credentials: 'credentials refused',
  unexpected: 'unexpected answer',
  count: 'took fewer than were sent',
  rejected: 'refused',
  removed: 'removed before it confirmed',
  shield: 'its shield has not confirmed yet',
  purge: 'earlier purges are not confirmed yet',
  'not-kept': 'fetched, but not kept',
  'origin-status': 'the origin answered',
  'origin-timeout': 'the origin did not answer in time',
  redirect: 'redirected, and not followed',
  truncated: 'the body broke off',
  oversized: 'the body is too long',
  'purge-failed': 'the purge before it failed here',
  'shield-failed': 'its shield could not fetch it',
  expired: 'not done within 24 hours',
  closed: 'not done while records were kept',
}

function because(cause: string, detail: string): string {
  const words = causes[cause] ?? cause
  return detail ? `${words} (${detail})` : words
}

type RowState = 'confirmed' | 'applied' | 'failed' | 'waits' | 'idle'

/**
 * A cache whose turn comes after others needs nobody, so it does not count as waiting here. Times are known a
 * moment after counts, and a point is passed once its time is known: each is told once, with its time.
 */
function stateOf(row: Row): RowState {
  if (row.failed > 0) return 'failed'
  if (row.confirmedMs !== null) return 'confirmed'
  if (row.waits && !/^(shield|purge)$/.test(row.waits.cause)) return 'waits'
  return row.appliedMs !== null ? 'applied' : 'idle'
}

/** What a cache is at, in words. */
function sentenceOf(row: Row): string {
  const sentences: Record<RowState, () => string> = {
    confirmed: () => `confirmed${after(row.confirmedMs)}`,
    applied: () => `applied${after(row.appliedMs)}`,
    failed: () => `${row.failed} ${row.failed === 1 ? 'line' : 'lines'} failed: ${row.cause}`,
    waits: () => waitOf(row),
    idle: () => `${row.applied} of ${row.commands} taken`,
  }
  return sentences[stateOf(row)]()
}

const after = (ms: number | null) =>
  ms === null ? '' : ` after ${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`

function waitOf({ waits }: Row): string {
  return waits ? `waits since ${waits.since.replace(/\.\d+/, '')}: ${because(waits.cause, waits.detail)}` : ''
}

/** What happened to each cache since the last look, a sentence each; for logs. */
export function changesOf(before: readonly Row[], now: readonly Row[]): string[] {
  const known = new Map(before.map((row) => [row.name, row]))
  return now.flatMap((row) => {
    const [was, is] = [known.get(row.name), sentenceOf(row)]
    const isNews = stateOf(row) !== 'idle' && (was === undefined || sentenceOf(was) !== is)
    return isNews ? [`${row.name} ${is}`] : []
  })
}

/** How it ended, in one sentence. */
export function endOf(tasks: readonly TaskProgress[], awaited: Point): string {
  const rows = rowsOf(tasks)
  const counted = rows.length === 1 ? '1 cache' : `${rows.length} caches`
  const named = (some: readonly Row[]) => some.map((row) => `${row.name} ${whyOf(row)}`).join('; ')
  switch (outcomeOf(tasks, awaited)) {
    case 'reached':
      return `${capital(awaited)} on ${counted}${after(latest(tasks.map(msOf(awaited))))}.`
    case 'failed': {
      const missed = sum(tasks.map(({ MissedLines }) => MissedLines))
      const bad = rows.filter((row) => row.failed > 0 || row.confirmed < row.commands)
      return `Not done everywhere: ${named(bad) || `${missed} lines were missed`}.`
    }
    case 'waiting': {
      const open = rows.filter((row) => row[awaited] < row.commands)
      return `Still waiting for ${open.length} of ${counted}: ${named(open)}.`
    }
  }
}

const whyOf = (row: Row) => (row.failed === 0 && waitOf(row)) || sentenceOf(row)

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const msOf = (point: Point) => (task: TaskProgress) =>
  point === 'applied' ? task.AppliedMs : task.ConfirmedMs

export type Screen = { columns: number; rows: number; color: boolean }

const colors: Record<RowState, number> = { confirmed: 32, applied: 36, failed: 31, waits: 33, idle: 2 }

/** The caches as bars, no line longer than the screen; where not all fit, those that are not done. */
export function drawBars(all: readonly Row[], { columns, rows, color }: Screen): string[] {
  const order: RowState[] = ['failed', 'waits', 'idle', 'applied', 'confirmed']
  const sorted = all.toSorted((a, b) => order.indexOf(stateOf(a)) - order.indexOf(stateOf(b)))
  const fits = Math.max(1, rows - 2)
  const shown = all.length > fits ? sorted.slice(0, fits - 1) : all
  const nameWidth = Math.min(Math.floor(columns / 3), Math.max(...shown.map((row) => labelOf(row).length)))
  const lines = shown.map((row) => drawRow(row, nameWidth, columns, color))
  const left = all.length - shown.length
  return left > 0 ? [...lines, cut(`… and ${left} more`, columns - 1)] : lines
}

const labelOf = ({ name, pop }: Row) => (pop ? `${name} (${pop})` : name)

function drawRow(row: Row, nameWidth: number, columns: number, color: boolean): string {
  const barWidth = columns >= 60 ? 20 : columns >= 40 ? 8 : 0
  const name = cut(labelOf(row), nameWidth).padEnd(nameWidth)
  const said = cut(sentenceOf(row), columns - 1 - nameWidth - (barWidth ? barWidth + 1 : 0) - 1)
  const bar = barWidth ? ` ${barOf(row, barWidth)}` : ''
  return color ? `${name}\x1b[${colors[stateOf(row)]}m${bar} ${said}\x1b[0m` : `${name}${bar} ${said}`
}

/** Confirmed, applied, and the rest. */
function barOf({ applied, confirmed, commands }: Row, width: number): string {
  const part = (count: number) => Math.floor((width * Math.min(count, commands)) / Math.max(1, commands))
  const [full, half] = [part(confirmed), part(Math.max(applied, confirmed))]
  return '█'.repeat(full) + '▒'.repeat(half - full) + '░'.repeat(width - half)
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
