import type { HeaderSet } from './header-sets.ts'
import type { Deviation } from './plan.ts'

export const taskStates = ['pending', 'running', 'complete', 'partial', 'failed'] as const
export type TaskState = (typeof taskStates)[number]

/** States that a task never leaves. */
export const finalStates: readonly TaskState[] = ['complete', 'partial', 'failed']

/** One cache of a task's route: how far it is, and what it waits for. */
export type CacheProgress = {
  cacheId: number
  name: string
  kind: string
  tier: 'edge' | 'shield'
  pop: string
  /** Commands of the task that this cache took, and took again; of `commands`. */
  applied: number
  confirmed: number
  /** From acceptance, ms; null until every command passed that point. */
  appliedMs: number | null
  confirmedMs: number | null
  /** Lines that the cache refused for good, or never got. */
  failed: number
  /** One of their causes, and what the cache answered. */
  notes: { cause: string; detail: string } | null
  /** How far a prefetch is; null for a purge. */
  fetch: FetchProgress | null
  /** Why nothing moves, since when, and what the cache last answered. */
  waits: { cause: string; detail: string; since: string; paused: boolean } | null
}

/** How far a prefetch is on one cache. */
export type FetchProgress = {
  /** Lines that are over, and lines that were fetched though the cache does not keep them. */
  lines: number
  degraded: number
  bytes: number
  running: { target: string; bytes: number; total: number | null }[]
}

/** A task as pages show it; every value is absolute, so the newest snapshot wins. */
export type TaskSnapshot = {
  id: string
  submissionId: string
  domain: string
  operation: 'purge' | 'prefetch'
  kind: string
  mode: string
  source: string
  actor: string
  /** The access key that asked; null where no key did. */
  keyId: string | null
  /** From where it was submitted. */
  address: string
  note: string
  lineCount: number
  commands: number
  /** Other names of the same cache; they were purged as well. */
  also: string[]
  /** Where a kind of cache did something else than what was asked. */
  plan: Deviation[]
  forbidden: boolean
  /** The requests by which each URL was to be fetched. */
  headers: HeaderSet[]
  /** Parameters of the API that are not said otherwise here, such as Area. */
  asked: Record<string, string>
  /** URLs of the account that are to be fetched before these; null where it is no prefetch, or over. */
  queuedBefore: number | null
  /** Lines that failed at any cache. */
  missedLines: number
  firstLine: string
  state: TaskState
  hasFailed: boolean
  acceptedAt: string
  appliedMs: number | null
  confirmedMs: number | null
  caches: CacheProgress[]
}

/** What a cache missed of a line: it failed, was removed before, or did less than was asked. */
export type LineMiss = {
  cacheId: number
  state: 'failed' | 'released' | 'degraded'
  cause: string
  detail: string
}

/** A line of a task as it was submitted. */
export type TaskLine = { ordinal: number; text: string; misses: LineMiss[] }

/** What a segment shows: one cache of a task at a glance. */
export type SegmentState = 'idle' | 'applied' | 'confirmed' | 'waits' | 'failed'

/** The one thing that a segment says about a cache; what needs a person comes first. */
export function segmentState(cache: CacheProgress, commands: number): SegmentState {
  if (cache.failed > 0) return 'failed'
  if (cache.confirmed >= commands) return 'confirmed'
  if (cache.waits && cache.waits.cause !== 'purge') return 'waits'
  return cache.applied >= commands ? 'applied' : 'idle'
}

/** Whether a cache waits for something that somebody might mend; its turn after others is no such thing. */
export function needsAttention({ waits }: CacheProgress): boolean {
  return waits !== null && waits.cause !== 'shield' && waits.cause !== 'purge'
}

/** Whether anything of a task has happened yet: it was taken somewhere, or something is being fetched. */
export function hasBegun({ state, caches }: TaskSnapshot): boolean {
  const isFetching = ({ fetch }: CacheProgress) => fetch !== null && fetch.lines + fetch.running.length > 0
  return state !== 'pending' || caches.some((cache) => cache.applied > 0 || isFetching(cache))
}

/** Lines of a prefetch that are over on a cache, and how many of them are there. */
export function fetchedLines(task: TaskSnapshot, cache: CacheProgress): { over: number; there: number } {
  const counted = Math.min(task.lineCount, cache.fetch?.lines ?? 0)
  const over = cache.confirmed >= task.commands ? task.lineCount : counted
  return { over, there: Math.max(0, over - cache.failed) }
}

/** How many of `first`..`last` a cursor has passed; commands of a task are numbered without gaps. */
export function passed(cursor: number, first: number, last: number): number {
  return Math.max(0, Math.min(cursor, last) - first + 1)
}

/** A later picture of the same task, never behind an earlier one. */
export function newerSnapshot(held: TaskSnapshot | undefined, next: TaskSnapshot): TaskSnapshot {
  if (!held) return next
  if (finalStates.includes(held.state) && !finalStates.includes(next.state)) return held
  const before = new Map(held.caches.map((cache) => [cache.cacheId, cache]))
  const caches = next.caches.map((cache) => {
    const old = before.get(cache.cacheId)
    if (!old) return cache
    return {
      ...cache,
      applied: Math.max(cache.applied, old.applied),
      confirmed: Math.max(cache.confirmed, old.confirmed),
      appliedMs: old.appliedMs ?? cache.appliedMs,
      confirmedMs: old.confirmedMs ?? cache.confirmedMs,
    }
  })
  return {
    ...next,
    caches,
    appliedMs: held.appliedMs ?? next.appliedMs,
    confirmedMs: held.confirmedMs ?? next.confirmedMs,
  }
}

/** The state of tasks that were submitted together. */
export function stateOfAll(states: readonly TaskState[]): TaskState {
  const [first = 'pending'] = states
  if (states.every((state) => state === first)) return first
  return states.every((state) => finalStates.includes(state)) ? 'partial' : 'running'
}

/** Tasks that were submitted together as one picture; the first of them names it. */
export function mergedTasks(tasks: readonly TaskSnapshot[]): TaskSnapshot | undefined {
  const [first, ...others] = tasks
  if (!first || others.length === 0) return first
  const commands = sum(tasks.map((task) => task.commands))
  const ids = new Set(tasks.flatMap((task) => task.caches.map((cache) => cache.cacheId)))
  return {
    ...first,
    commands,
    lineCount: sum(tasks.map((task) => task.lineCount)),
    missedLines: sum(tasks.map((task) => task.missedLines)),
    state: stateOfAll(tasks.map((task) => task.state)),
    hasFailed: tasks.some((task) => task.hasFailed),
    appliedMs: latest(tasks.map((task) => task.appliedMs)),
    confirmedMs: latest(tasks.map((task) => task.confirmedMs)),
    caches: [...ids].map((id) => mergedCache(tasks, id)),
  }
}

/** How far a cache is with all tasks; one that serves only some of the domains has nothing to do for the others. */
function mergedCache(tasks: readonly TaskSnapshot[], cacheId: number): CacheProgress {
  const parts = tasks.map((task) => ({
    commands: task.commands,
    own: task.caches.find((cache) => cache.cacheId === cacheId),
  }))
  const own = parts.flatMap((part) => part.own ?? [])
  const worst = own.find((cache) => cache.failed > 0) ?? own.find(needsAttention) ?? own[0]
  if (!worst) throw new Error(`no task has the cache ${cacheId}`)
  return {
    ...worst,
    applied: sum(parts.map((part) => part.own?.applied ?? part.commands)),
    confirmed: sum(parts.map((part) => part.own?.confirmed ?? part.commands)),
    appliedMs: latest(own.map((cache) => cache.appliedMs)),
    confirmedMs: latest(own.map((cache) => cache.confirmedMs)),
    failed: sum(own.map((cache) => cache.failed)),
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

const latest = (times: readonly (number | null)[]) =>
  times.includes(null) ? null : Math.max(...times.map((time) => time ?? 0))

/** A task number: the day of its acceptance (UTC, yyyymmdd) and eight digits. */
export const isTaskId = (id: string): boolean =>
  /^20\d{14}$/.test(id) && !Number.isNaN(Date.parse(dayOfTask(id)))

/** The day that a task number holds, as `yyyy-mm-dd`; its lines lie in that day's partition. */
export function dayOfTask(taskId: string): string {
  return `${taskId.slice(0, 4)}-${taskId.slice(4, 6)}-${taskId.slice(6, 8)}`
}
