'use client'

import { type QueryClient, useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { finalStates, newerSnapshot, type TaskSnapshot } from '#lib/core/task.ts'

/** `changed` where the reader may see something else than before, `refused` where the session is over. */
type Message =
  | { is: 'open' }
  | { is: 'cut' }
  | { is: 'changed' }
  | { is: 'refused' }
  | { is: 'tasks'; tasks: TaskSnapshot[] }
type Listener = (message: Message) => unknown

const listeners = new Set<Listener>()
let close: (() => void) | undefined

/** Opens this browser's stream of progress, shared by its tabs where the browser can. */
function connect(): () => void {
  const tell = (message: Message) => {
    for (const listener of listeners) listener(message)
  }
  if ('SharedWorker' in window) {
    const { port } = new SharedWorker('/progress-worker.js', { name: 'freshet-progress' })
    const bye = () => port.postMessage('bye')
    port.onmessage = ({ data }: MessageEvent<Message>) => tell(data)
    window.addEventListener('pagehide', bye)
    return () => {
      window.removeEventListener('pagehide', bye)
      bye()
      port.close()
    }
  }
  const source = new EventSource('/api/progress')
  source.onopen = () => tell({ is: 'open' })
  source.addEventListener('changed', () => tell({ is: 'changed' }))
  source.onerror = async () => {
    tell({ is: 'cut' })
    if (source.readyState === EventSource.CLOSED && (await isRefused())) tell({ is: 'refused' })
  }
  source.onmessage = ({ data }) => tell({ is: 'tasks', tasks: JSON.parse(data) })
  return () => source.close()
}

/** An EventSource does not say what it was answered. */
async function isRefused(): Promise<boolean> {
  const { status } = await fetch('/api/tasks?ids=', { cache: 'no-store' }).catch(() => ({ status: 0 }))
  return status === 401 || status === 403
}

function listenTo(listener: Listener): () => void {
  listeners.add(listener)
  close ??= connect()
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    close?.()
    close = undefined
  }
}

/** Calls when what the reader may see has changed, or the session has ended. */
export function useRightsChange(onChange: () => void): void {
  useEffect(() => listenTo(({ is }) => is === 'changed' && onChange()), [onChange])
}

const keyOf = (id: string) => ['task', id] as const

function fold(queries: QueryClient, tasks: readonly TaskSnapshot[]): void {
  for (const task of tasks) {
    queries.setQueryData<TaskSnapshot>(keyOf(task.id), (held) => newerSnapshot(held, task))
  }
}

/** Reads again what is on the page and not final: what a cut stream missed is lost. */
async function resync(queries: QueryClient): Promise<void> {
  const open = queries
    .getQueryCache()
    .findAll({ queryKey: ['task'] })
    .filter((query) => query.getObserversCount() > 0)
    .map((query) => query.state.data as TaskSnapshot | undefined)
    .filter((task) => task && !finalStates.includes(task.state))
  if (open.length === 0) return
  const ids = open.slice(0, 200).map((task) => task?.id)
  const answer = await fetch(`/api/tasks?ids=${ids.join(',')}`)
  if (answer.ok) fold(queries, await answer.json())
}

/**
 * Keeps every task on the page up to date, and says whether the stream is cut, and whether the session is over.
 *
 * @param onNews called with tasks of the account as they change, also those that no page shows
 */
export function useLiveTasks(onNews?: (tasks: TaskSnapshot[]) => void): { cut: boolean; refused: boolean } {
  const queries = useQueryClient()
  const [cut, setCut] = useState(false)
  const [refused, setRefused] = useState(false)
  useEffect(
    () =>
      listenTo((message) => {
        if (message.is === 'changed') return
        setCut(message.is === 'cut')
        if (message.is === 'refused') setRefused(true)
        if (message.is === 'open') setRefused(false)
        if (message.is === 'open') resync(queries).catch(() => setCut(true))
        if (message.is !== 'tasks') return
        fold(queries, message.tasks)
        onNews?.(message.tasks)
      }),
    [queries, onNews],
  )
  return { cut, refused }
}

const queryOf = (initial: TaskSnapshot) => ({
  queryKey: keyOf(initial.id),
  initialData: initial,
  queryFn: () => initial,
  enabled: false,
})

/** Tasks as they are now, beginning with what the server rendered. */
export function useTasks(initial: readonly TaskSnapshot[]): TaskSnapshot[] {
  const queries = useQueryClient()
  useEffect(() => fold(queries, initial), [queries, initial])
  const held = useQueries({ queries: initial.map(queryOf) })
  return initial.map((task, at) => newerSnapshot(task, held[at]?.data ?? task))
}

/** A task as it is now, beginning with what the server rendered. */
export function useTask(initial: TaskSnapshot): TaskSnapshot {
  const queries = useQueryClient()
  useEffect(() => fold(queries, [initial]), [queries, initial])
  const { data } = useQuery(queryOf(initial))
  return newerSnapshot(initial, data)
}
