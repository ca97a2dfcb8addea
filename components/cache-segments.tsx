'use client'

import { useTranslations } from 'use-intl'
import { type CacheProgress, type SegmentState, segmentState, type TaskSnapshot } from '#lib/core/task.ts'

const mostSegments = 24

const look: Record<SegmentState, string> = {
  idle: 'bg-idle',
  applied: 'bg-applied',
  confirmed: 'bg-confirmed',
  waits: 'hatched',
  failed: 'bg-fail',
}

/** Says in words what a segment shows. */
export function useSegmentWords(): (cache: CacheProgress, task: TaskSnapshot) => string {
  const t = useTranslations()
  return (cache, task) => {
    const state = segmentState(cache, task.commands)
    const isFetched = state === 'confirmed' && task.operation === 'prefetch'
    const words = t(`segment.${isFetched ? 'fetched' : state}`)
    const why = cache.waits ?? cache.notes
    const cause =
      (state === 'waits' || state === 'failed') && why ? `, ${t(`cause.${why.cause}` as never)}` : ''
    return `${cache.name}: ${words}${cause}`
  }
}

/** One segment per cache: empty, light (applied), full (confirmed), hatched (waits), red (failed). */
export function CacheSegments({ task }: { task: TaskSnapshot }) {
  const words = useSegmentWords()
  const t = useTranslations('segment')
  if (task.caches.length > mostSegments) return <SegmentBar task={task} />
  const confirmed = task.caches.filter((cache) => segmentState(cache, task.commands) === 'confirmed').length
  return (
    <span className="inline-flex gap-0.5 align-middle">
      {task.caches.map((cache) => (
        <span
          key={cache.cacheId}
          title={words(cache, task)}
          className={`h-3 w-[11px] rounded-[2px] transition-colors duration-150 ${look[segmentState(cache, task.commands)]}`}
        />
      ))}
      <span className="sr-only">
        {t(countOf(task), { confirmed, total: task.caches.length })}
        {task.caches
          .filter((cache) => ['waits', 'failed'].includes(segmentState(cache, task.commands)))
          .map((cache) => `; ${words(cache, task)}`)}
      </span>
    </span>
  )
}

const countOf = ({ operation }: TaskSnapshot) => (operation === 'prefetch' ? 'countFetched' : 'count')

function SegmentBar({ task }: { task: TaskSnapshot }) {
  const t = useTranslations('segment')
  const total = task.caches.length
  const applied = task.caches.filter((cache) => cache.applied >= task.commands).length
  const confirmed = task.caches.filter((cache) => cache.confirmed >= task.commands).length
  return (
    <span className="inline-flex w-[150px] align-middle" title={t(countOf(task), { confirmed, total })}>
      <ProgressBar applied={applied / total} confirmed={confirmed / total} />
      <span className="sr-only">{t(countOf(task), { confirmed, total })}</span>
    </span>
  )
}

/** Light as far as applied, or red as far as what failed; full as far as confirmed; all from 0 to 1. */
export function ProgressBar({
  applied = 0,
  failed = 0,
  confirmed,
}: {
  applied?: number
  failed?: number
  confirmed: number
}) {
  // Drawn, because the page's policy allows no style attributes.
  return (
    <svg
      className="block h-2 w-full rounded-full"
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect width="100" height="8" className="fill-idle" />
      <rect width={100 * applied} height="8" className="fill-applied transition-[width] duration-150" />
      <rect width={100 * failed} height="8" className="fill-fail transition-[width] duration-150" />
      <rect width={100 * confirmed} height="8" className="fill-confirmed transition-[width] duration-150" />
    </svg>
  )
}
