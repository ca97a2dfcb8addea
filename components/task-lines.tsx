'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useDeferredValue, useState } from 'react'
import { useTranslations } from 'use-intl'
import { maxTargetsPerCommand, maxTargetsPerPrefetch } from '#lib/core/command.ts'
import { type CacheProgress, segmentState, type TaskLine, type TaskSnapshot } from '#lib/core/task.ts'
import { CacheSegments } from './cache-segments.tsx'
import { button, field, panel } from './ui/classes.ts'

const pageLines = 100

async function fetchLines(taskId: string, from: number, contains: string): Promise<TaskLine[]> {
  const query = new URLSearchParams({ lines: taskId, from: String(from), limit: String(pageLines), contains })
  const answer = await fetch(`/api/tasks?${query}`)
  if (!answer.ok) throw new Error((await answer.json()).message)
  return answer.json()
}

/** The lines of a task with one segment per cache; long ones are cut in the middle, whole on hover. */
export function TaskLines({ task }: { task: TaskSnapshot }) {
  const t = useTranslations('task')
  const [typed, setTyped] = useState('')
  const contains = useDeferredValue(typed.trim())
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, isPending } = useInfiniteQuery({
    // What caches missed is known for sure once the task has ended.
    queryKey: ['lines', task.id, contains, task.state],
    queryFn: ({ pageParam }) => fetchLines(task.id, pageParam, contains),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < pageLines ? undefined : (last.at(-1)?.ordinal ?? 0) + 1),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const lines = data?.pages.flat() ?? []
  return (
    <section aria-label={t('lines')}>
      <div className="mb-2 flex flex-wrap items-center gap-x-2.5 gap-y-2">
        <h3 className="font-semibold">{t('lines')}</h3>
        <span className="text-muted">
          {t(task.operation === 'prefetch' ? 'linesHelpFetched' : 'linesHelp', { count: task.lineCount })}
        </span>
        <input
          type="search"
          className={`${field} ml-auto max-w-[220px]`}
          aria-label={t('find')}
          placeholder={t('find')}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <noscript>
        <p className="text-muted">{t('linesNeedScript')}</p>
      </noscript>
      <div className={panel}>
        <table className="w-full table-fixed">
          <tbody>
            {lines.map((line) => (
              <LineRow key={line.ordinal} line={line} task={task} />
            ))}
          </tbody>
        </table>
        {lines.length === 0 ? (
          <p className="px-3 py-2 text-muted">
            {error ? error.message : isPending ? t('loading') : t('noLine')}
          </p>
        ) : null}
      </div>
      {hasNextPage ? (
        <button
          type="button"
          className={`${button} mt-2`}
          disabled={isFetchingNextPage}
          onClick={() => fetchNextPage()}
        >
          {t('moreLines')}
        </button>
      ) : null}
    </section>
  )
}

/** A task as it stands for one of its lines: a line is where its command is, and commands hold so many each. */
export function asOfLine(task: TaskSnapshot, line: TaskLine): TaskSnapshot {
  const size = task.operation === 'prefetch' ? maxTargetsPerPrefetch : maxTargetsPerCommand
  const command = Math.floor(line.ordinal / size) + 1
  return { ...task, commands: 1, caches: task.caches.map((cache) => progressOf(line, cache, command)) }
}

function LineRow({ line, task }: { line: TaskLine; task: TaskSnapshot }) {
  const t = useTranslations()
  const own = asOfLine(task, line)
  const confirmed = own.caches.filter((cache) => segmentState(cache, 1) === 'confirmed').length
  const [miss] = line.misses
  const isUrl = task.kind === 'url' || task.kind === 'prefetch'
  return (
    <tr className="h-9 border-line border-b last:border-b-0 [&>td]:px-3">
      <td className="truncate font-mono text-sm" title={line.text}>
        {isUrl ? (
          <Link
            href={`/records/line?url=${encodeURIComponent(line.text)}`}
            prefetch={false}
            className="hover:underline"
          >
            {line.text}
          </Link>
        ) : (
          line.text
        )}
        {miss ? (
          <span className={`ml-2 font-sans ${miss.state === 'degraded' ? 'text-wait' : 'text-fail'}`}>
            {task.caches.find((cache) => cache.cacheId === miss.cacheId)?.name}:{' '}
            {t(`cause.${miss.cause}` as never)}
            {miss.detail ? ` (${miss.detail})` : ''}
            {line.misses.length > 1 ? ` ${t('task.andMore', { count: line.misses.length - 1 })}` : ''}
          </span>
        ) : null}
      </td>
      <td className="hidden w-[190px] sm:table-cell">
        <CacheSegments task={own} />
      </td>
      <td className="w-[80px] whitespace-nowrap text-right text-muted">
        {t('segment.short', { confirmed, total: own.caches.length })}
      </td>
    </tr>
  )
}

/** A cache as it stands for one line alone. */
function progressOf(line: TaskLine, cache: CacheProgress, command: number): CacheProgress {
  const miss = line.misses.find(({ cacheId }) => cacheId === cache.cacheId)
  const hasFailed = miss !== undefined && miss.state !== 'degraded'
  return {
    ...cache,
    applied: cache.applied >= command ? 1 : 0,
    confirmed: cache.confirmed >= command ? 1 : 0,
    failed: hasFailed ? 1 : 0,
    notes: miss ? { cause: miss.cause, detail: miss.detail } : null,
  }
}
