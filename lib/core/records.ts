import { type Method, methods } from './line.ts'
import { type TaskSnapshot, type TaskState, taskStates } from './task.ts'

/** What a reader may call a state of a task; some words stand for two. */
export const statusFilters = {
  open: ['pending', 'running'],
  complete: ['complete'],
  partial: ['partial'],
  failed: ['failed'],
  unsuccessful: ['partial', 'failed'],
} as const satisfies Record<string, readonly TaskState[]>
export type StatusFilter = keyof typeof statusFilters

/** Windows that end now, hours. */
export const windows = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const
export type Window = keyof typeof windows

/** Below this many characters a text is in too many lines, and its index knows nothing of it. */
export const fewestSearched = 3

/** The names of the filters, in the order in which an address and a page hold them. */
export const filterNames = [
  'range',
  'from',
  'until',
  'operation',
  'method',
  'mode',
  'domain',
  'url',
  'status',
  'cache',
  'user',
  'source',
  'note',
  'task',
] as const
export type FilterName = (typeof filterNames)[number]

/** Filters of Records; what is left out filters nothing. */
export type RecordFilter = {
  range?: Window | undefined
  /** Moments, ISO 8601. */
  from?: string | undefined
  until?: string | undefined
  operation?: 'purge' | 'prefetch' | undefined
  method?: Method | 'everything' | undefined
  mode?: 'hard' | 'soft' | undefined
  domain?: string | undefined
  /** A part of a line. */
  url?: string | undefined
  status?: StatusFilter | undefined
  cache?: string | undefined
  user?: string | undefined
  source?: 'console' | 'api' | 'system' | undefined
  note?: string | undefined
  task?: string | undefined
}

/** The address of filters, in one order, so that the same view has one address. */
export function writeFilter(filter: RecordFilter): URLSearchParams {
  const query = new URLSearchParams()
  for (const name of filterNames) {
    const value = filter[name]
    if (value !== undefined) query.set(name, value)
  }
  return query
}

/**
 * A window that is told by its length, told by its ends: later pages then show the same one.
 *
 * @param now UTC, ms
 */
export function anchored(filter: RecordFilter, now: number): RecordFilter {
  const { range, ...rest } = filter
  if (range === undefined) return filter
  const from = new Date(now - windows[range] * 3_600_000).toISOString()
  return { ...rest, from: laterOf(from, rest.from), until: rest.until ?? new Date(now).toISOString() }
}

const laterOf = (a: string, b: string | undefined) =>
  b === undefined || Date.parse(a) > Date.parse(b) ? a : b

/** Whether a text is long enough to be searched for in this window, or the window is a day at most. */
export function maySearch({ url, from, until }: RecordFilter, now: number): boolean {
  if (url === undefined || url.length >= fewestSearched) return true
  if (from === undefined) return false
  return (until === undefined ? now : Date.parse(until)) - Date.parse(from) <= 24 * 3_600_000
}

/** A submission among records. */
export type RecordRow = {
  submissionId: string
  /** In the order of their acceptance, at most 20. */
  tasks: TaskSnapshot[]
  /** All of them, when there are more than those. */
  all: { tasks: number; lines: number; states: TaskState[] } | null
}

/** Whether a filter lets a task through, as far as its picture tells; of many lines it tells only the first. */
export function mayFit(task: TaskSnapshot, filter: RecordFilter): boolean {
  const { operation, method, mode, domain, url, status, cache, user, source, note, until } = filter
  const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase())
  return (
    (operation === undefined || task.operation === operation) &&
    (method === undefined || task.kind === method) &&
    (mode === undefined || (task.operation === 'purge' && task.mode === mode)) &&
    (domain === undefined || task.domain === domain) &&
    (url === undefined || task.lineCount > 1 || has(task.firstLine, url)) &&
    (status === undefined || (statusFilters[status] as readonly TaskState[]).includes(task.state)) &&
    (cache === undefined || task.caches.some(({ name }) => name.toLowerCase() === cache.toLowerCase())) &&
    (user === undefined || task.actor === user) &&
    (source === undefined || task.source === source) &&
    (note === undefined || has(task.note, note)) &&
    (until === undefined || task.acceptedAt <= until)
  )
}

const facetKinds = [...methods, 'everything'] as const
const facetModes = ['hard', 'soft'] as const
const facetSources = ['console', 'system', 'api'] as const

/**
 * Whether a filter lets a combination of method, mode, source and state through.
 *
 * @param facet as in the column `facet` of a task: 4 bits of method, 1 of mode, 3 of source, 3 of state
 */
export function facetFits(facet: number, filter: RecordFilter): boolean {
  const kind = facetKinds[facet >> 7]
  const { operation, method, mode, source, status } = filter
  const states: readonly (TaskState | undefined)[] = status === undefined ? [] : statusFilters[status]
  const isPrefetch = kind === 'prefetch'
  return (
    (operation === undefined || (operation === 'prefetch') === isPrefetch) &&
    (method === undefined || method === kind) &&
    // A prefetch has no mode.
    (mode === undefined || (mode === facetModes[(facet >> 6) & 1] && !isPrefetch)) &&
    (source === undefined || source === facetSources[(facet >> 3) & 7]) &&
    (status === undefined || states.includes(taskStates[facet & 7]))
  )
}
