'use client'

import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { type CacheKind, capabilities } from '#lib/core/capabilities.ts'
import {
  type CacheProgress,
  fetchedLines,
  needsAttention,
  segmentState,
  type TaskSnapshot,
} from '#lib/core/task.ts'
import { ProgressBar } from './cache-segments.tsx'
import type { FormState } from './form-state.ts'
import { Moment, useDuration } from './moment.tsx'
import { Refusal } from './refusal.tsx'
import { TaskLines } from './task-lines.tsx'
import { ActionForm } from './ui/action-form.tsx'
import { link, panel, tableHead } from './ui/classes.ts'
import { ScrollTable } from './ui/scroll-table.tsx'
import { useBytes } from './use-bytes.ts'
import { useTickingNow } from './use-now.ts'

type TryNow = (before: FormState<void>, form: FormData) => Promise<FormState<void>>

/** A task: four figures, its caches, its lines. */
export function TaskView({ task, tryNow }: { task: TaskSnapshot; tryNow: TryNow }) {
  return (
    <div className="space-y-4">
      <Figures task={task} />
      <CacheTable task={task} tryNow={tryNow} />
      <Timeline task={task} />
      <TaskLines task={task} />
    </div>
  )
}

function Figures({ task }: { task: TaskSnapshot }) {
  const t = useTranslations('task')
  const duration = useDuration()
  const bytes = useBytes()
  const total = task.caches.length
  const applied = task.caches.filter((cache) => cache.applied >= task.commands).length
  const confirmed = task.caches.filter((cache) => cache.confirmed >= task.commands).length
  const times = task.caches.map((cache) => cache.appliedMs).filter((ms) => ms !== null)
  const everywhere = Math.min(task.lineCount, ...task.caches.map((cache) => fetchedLines(task, cache).there))
  const read = task.caches.reduce((sum, cache) => sum + (cache.fetch?.bytes ?? 0), 0)
  return (
    <dl className={`${panel} grid grid-cols-2 gap-y-1 lg:grid-cols-4`}>
      {task.operation === 'prefetch' ? (
        <>
          <Figure term={t('fetched')}>{t('ofLines', { count: everywhere, total: task.lineCount })}</Figure>
          <Figure term={t('bytes')}>{bytes(read)}</Figure>
          <Figure term={t('queue')}>
            {task.queuedBefore === null ? '–' : t('queuedBefore', { count: task.queuedBefore })}
          </Figure>
        </>
      ) : (
        <>
          <Figure term={t('applied')}>{t('ofCaches', { count: applied, total })}</Figure>
          <Figure term={t('confirmed')}>{t('ofCaches', { count: confirmed, total })}</Figure>
          <Figure term={t('slowest')}>{times.length > 0 ? duration(Math.max(...times)) : '–'}</Figure>
        </>
      )}
      <Figure term={t('attention')}>
        <Attention task={task} />
      </Figure>
    </dl>
  )
}

function Figure({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="px-3.5 py-2.5">
      <dt className="text-muted">{term}</dt>
      <dd className="font-semibold text-lg tracking-tight sm:text-xl">{children}</dd>
    </div>
  )
}

function Attention({ task }: { task: TaskSnapshot }) {
  const t = useTranslations('task')
  const failed = task.caches.filter((cache) => segmentState(cache, task.commands) === 'failed')
  if (failed.length > 0)
    return (
      <span className="text-fail">
        {t('failedAt', { count: failed.length, name: failed[0]?.name ?? '' })}
        <span className="block font-normal text-sm">
          {t('missed', {
            lines: task.lineCount - task.missedLines,
            total: task.lineCount,
            caches: task.caches.filter((cache) => cache.failed === 0).length,
            all: task.caches.length,
          })}
        </span>
      </span>
    )
  const waits = task.caches.filter(needsAttention)
  if (waits.length > 0)
    return (
      <span className="text-wait">{t('waitsAt', { count: waits.length, name: waits[0]?.name ?? '' })}</span>
    )
  return <span className="text-muted">{t('nothing')}</span>
}

function CacheTable({ task, tryNow }: { task: TaskSnapshot; tryNow: TryNow }) {
  const t = useTranslations('task')
  const isPrefetch = task.operation === 'prefetch'
  return (
    <ScrollTable label={t('caches')} width="min-w-[680px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[22%]">{t('cache')}</th>
          <th className="w-[26%]">{t('progress')}</th>
          <th className="w-[10%] text-right">{isPrefetch ? t('linesDone') : t('applied')}</th>
          <th className="w-[10%] text-right">{isPrefetch ? t('bytes') : t('confirmed')}</th>
          <th>{t('how')}</th>
        </tr>
      </thead>
      <tbody>
        {task.caches.map((cache) => (
          <CacheRow key={cache.cacheId} cache={cache} task={task} tryNow={tryNow} />
        ))}
      </tbody>
    </ScrollTable>
  )
}

function CacheRow({ cache, task, tryNow }: { cache: CacheProgress; task: TaskSnapshot; tryNow: TryNow }) {
  const t = useTranslations()
  const state = segmentState(cache, task.commands)
  const tone = state === 'waits' ? 'bg-wait-soft' : state === 'failed' ? 'bg-fail-soft' : ''
  return (
    <tr className={`h-9 border-line border-b last:border-b-0 [&>td]:px-3 [&>td]:py-1.5 ${tone}`}>
      <td className="truncate" title={cache.pop ? `${cache.name}, ${cache.pop}` : cache.name}>
        {cache.name} <span className="text-muted">{t(`tier.${cache.tier}`)}</span>
      </td>
      {task.operation === 'prefetch' ? (
        <FetchCells cache={cache} task={task} />
      ) : (
        <PurgeCells cache={cache} task={task} />
      )}
      <td>
        <Explanation cache={cache} task={task} tryNow={tryNow} />
      </td>
    </tr>
  )
}

function PurgeCells({ cache, task }: { cache: CacheProgress; task: TaskSnapshot }) {
  const t = useTranslations('task')
  const duration = useDuration()
  return (
    <>
      <td>
        <ProgressBar applied={cache.applied / task.commands} confirmed={cache.confirmed / task.commands} />
        <span className="sr-only">
          {t('barWords', { applied: cache.applied, confirmed: cache.confirmed, total: task.commands })}
        </span>
      </td>
      <td className="whitespace-nowrap text-right">
        {cache.appliedMs === null ? '–' : duration(cache.appliedMs)}
      </td>
      <td className="whitespace-nowrap text-right">
        {cache.confirmedMs === null ? '–' : duration(cache.confirmedMs)}
      </td>
    </>
  )
}

function FetchCells({ cache, task }: { cache: CacheProgress; task: TaskSnapshot }) {
  const t = useTranslations('task')
  const bytes = useBytes()
  const { over, there } = fetchedLines(task, cache)
  return (
    <>
      <td>
        <ProgressBar failed={over / task.lineCount} confirmed={there / task.lineCount} />
        <span className="sr-only">{t('fetchWords', { lines: there, total: task.lineCount })}</span>
      </td>
      <td className="whitespace-nowrap text-right">
        {there} / {task.lineCount}
      </td>
      <td className="whitespace-nowrap text-right">{bytes(cache.fetch?.bytes ?? 0)}</td>
    </>
  )
}

/** What happened, in the order in which it did. */
function Timeline({ task }: { task: TaskSnapshot }) {
  const t = useTranslations('task')
  const duration = useDuration()
  const isPrefetch = task.operation === 'prefetch'
  const lastOf = (cache: CacheProgress) =>
    isPrefetch ? 'hasFetched' : isEchoed(cache, task) ? 'hasConfirmedTwice' : 'hasConfirmed'
  const events = task.caches
    .flatMap((cache) => [
      { cache, what: 'hasApplied' as const, ms: isPrefetch ? null : cache.appliedMs },
      { cache, what: lastOf(cache), ms: cache.confirmedMs } as const,
    ])
    .filter((event) => event.ms !== null)
    .sort((a, b) => (a.ms ?? 0) - (b.ms ?? 0))
  return (
    <details className={`${panel} px-3.5 py-2`}>
      <summary className="cursor-pointer font-medium">{t('timeline')}</summary>
      <ol className="mt-2 grid grid-cols-[90px_1fr] gap-x-3 gap-y-1">
        <li className="contents">
          <span className="text-right text-muted">0 ms</span>
          <span>
            {t('hasAccepted')} <Moment at={task.acceptedAt} zone />
          </span>
        </li>
        {events.map(({ cache, what, ms }) => (
          <li key={`${cache.cacheId} ${what}`} className="contents">
            <span className="text-right text-muted">{duration(ms ?? 0)}</span>
            <span>{t(what, { name: cache.name })}</span>
          </li>
        ))}
      </ol>
    </details>
  )
}

/** What confirmed means here, or what a cache waits for. */
function Explanation({ cache, task, tryNow }: { cache: CacheProgress; task: TaskSnapshot; tryNow: TryNow }) {
  const t = useTranslations()
  if (cache.notes) return <Noted cache={cache} notes={cache.notes} />
  if (cache.waits && cache.waits.cause !== 'purge')
    return <Waiting waits={cache.waits} cacheId={cache.cacheId} tryNow={tryNow} />
  return (
    <span className="text-muted">
      {cache.waits ? t('cause.purge') : <HowFar cache={cache} task={task} />}
    </span>
  )
}

/** Why lines failed, or what was done otherwise than asked. */
function Noted({ cache, notes }: { cache: CacheProgress; notes: NonNullable<CacheProgress['notes']> }) {
  const t = useTranslations()
  const { cause, detail } = notes
  const lines = cache.failed || (cache.fetch?.degraded ?? 0)
  return (
    <span className={cache.failed > 0 ? 'text-fail' : 'text-wait'}>
      {t('task.linesWith', { count: lines })} {t(`cause.${cause}` as never)}
      {detail ? ` (${detail})` : ''}
      {t.has(`nextAct.${cause}` as never) ? `. ${t(`nextAct.${cause}` as never)}` : ''}
    </span>
  )
}

function HowFar({ cache, task }: { cache: CacheProgress; task: TaskSnapshot }) {
  const t = useTranslations('task')
  if (task.operation === 'prefetch') return <Fetching cache={cache} task={task} />
  const isHarder = task.plan.some(({ cacheKind }) => cacheKind === cache.kind)
  const hard = isHarder ? `${t('doneHard')} ` : ''
  if (cache.confirmed >= task.commands)
    return <>{hard + (isEchoed(cache, task) ? t('sentTwice') : t('sentOnce'))}</>
  return <>{hard + (cache.applied >= task.commands ? t('echoDue') : t('sending'))}</>
}

/** What a cache is fetching right now. */
function Fetching({ cache, task }: { cache: CacheProgress; task: TaskSnapshot }) {
  const t = useTranslations('task')
  const bytes = useBytes()
  if (cache.confirmed >= task.commands) return <>{t('kept')}</>
  const [first, ...others] = cache.fetch?.running ?? []
  if (!first) return <>{t('fetchDue')}</>
  const size =
    first.total === null
      ? bytes(first.bytes)
      : t('bytesOf', { bytes: bytes(first.bytes), total: bytes(first.total) })
  return (
    <span className="block truncate" title={first.target}>
      {size} <span className="font-mono text-sm">{first.target}</span>
      {others.length > 0 ? ` ${t('andMore', { count: others.length })}` : ''}
    </span>
  )
}

/** A race-safe cache without a shield before it needs no second pass. */
function isEchoed(cache: CacheProgress, task: TaskSnapshot): boolean {
  const behindShield = cache.tier === 'edge' && task.caches.some((other) => other.tier === 'shield')
  return behindShield || !capabilities[cache.kind as CacheKind]?.raceSafe
}

function Waiting({
  waits,
  cacheId,
  tryNow,
}: {
  waits: NonNullable<CacheProgress['waits']>
  cacheId: number
  tryNow: TryNow
}) {
  const t = useTranslations()
  const duration = useDuration()
  const now = useTickingNow(true)
  const [state, submit, pending] = useActionState(tryNow, { is: 'idle' })
  if (waits.cause === 'shield')
    return <span className="text-muted">{t('task.waitsForShield', { name: waits.detail })}</span>
  const since = Math.max(0, now - new Date(waits.since).getTime())
  return (
    <ActionForm action={submit} className="text-wait">
      <input type="hidden" name="cacheId" value={cacheId} />
      <span suppressHydrationWarning>
        {since < 1000 ? t('task.waitsShort') : t('task.waits', { since: duration(since) })}
      </span>{' '}
      <span title={waits.detail} className="break-words">
        {t(`cause.${waits.cause}` as never)}
        {waits.detail ? ` (${waits.detail})` : ''},
      </span>{' '}
      {waits.paused ? t('task.paused') : t('task.retries')}{' '}
      <button type="submit" className={link} disabled={pending}>
        {t('task.tryNow')}
      </button>
      <span role="status">{state.is === 'done' && !pending ? ` (${t('task.tried')})` : ''}</span>
      <Refusal state={state} />
    </ActionForm>
  )
}
