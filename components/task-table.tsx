'use client'

import Link from 'next/link'
import type { MouseEvent } from 'react'
import { useTranslations } from 'use-intl'
import type { RecordRow } from '#lib/core/records.ts'
import { mergedTasks, segmentState, stateOfAll, type TaskSnapshot } from '#lib/core/task.ts'
import { CacheSegments } from './cache-segments.tsx'
import { Moment, useDuration, useZoneName } from './moment.tsx'
import { TaskState } from './task-state.tsx'
import { tableHead } from './ui/classes.ts'
import { ScrollTable } from './ui/scroll-table.tsx'
import { useTasks } from './use-live-tasks.ts'

type OnOpen = (event: MouseEvent, row: RecordRow) => void

/** Submissions as rows that fill in live; columns keep their widths. */
export function TaskTable({
  rows,
  current,
  onOpen,
}: {
  rows: RecordRow[]
  /** The submission that is open beside the table. */
  current?: string | undefined
  onOpen?: OnOpen
}) {
  const t = useTranslations('records')
  const zone = useZoneName()
  return (
    <ScrollTable label={t('tab')} width="min-w-[880px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[136px]">{t('status')}</th>
          <th>{t('what')}</th>
          <th className="w-[112px]">{t('caches')}</th>
          <th className="w-[104px]">{t('who')}</th>
          <th className="w-[76px] text-right">{t('applied')}</th>
          <th className="w-[104px] text-right">{t('confirmed')}</th>
          <th className="w-[130px] text-right">
            {t('submitted')} <span suppressHydrationWarning>{zone}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <TaskRow
            key={row.submissionId}
            row={row}
            isCurrent={row.submissionId === current}
            onOpen={onOpen}
          />
        ))}
      </tbody>
    </ScrollTable>
  )
}

function TaskRow({
  row,
  isCurrent,
  onOpen,
}: {
  row: RecordRow
  isCurrent: boolean
  onOpen?: OnOpen | undefined
}) {
  const duration = useDuration()
  const tasks = useTasks(row.tasks)
  const merged = mergedTasks(tasks)
  if (!merged) return null
  const task = row.all ? { ...merged, state: stateOfAll([merged.state, ...row.all.states]) } : merged
  const href = row.tasks.length === 1 ? `/records/${task.id}` : `/purge?submission=${row.submissionId}`
  return (
    <tr
      data-row
      aria-current={isCurrent ? 'true' : undefined}
      className="h-9 border-line border-b last:border-b-0 hover:bg-sunk aria-[current]:bg-sunk aria-[current]:outline-2 aria-[current]:outline-accent aria-[current]:-outline-offset-2 has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-accent has-[a:focus-visible]:-outline-offset-2 [&>td]:px-3 [&>td]:py-1.5"
    >
      <td>
        <TaskState task={task} />
      </td>
      <td className="truncate">
        <Link
          href={href}
          // Fifty pages that nobody may ever open would be asked for.
          prefetch={false}
          className="py-1 outline-none hover:underline"
          title={task.firstLine}
          onClick={(event) => onOpen?.(event, { ...row, tasks })}
        >
          <What task={task} tasks={tasks} row={row} />
        </Link>
      </td>
      <td>
        <CacheSegments task={task} />
      </td>
      <td className="truncate" title={task.keyId ? `${task.actor}, ${task.keyId}` : task.actor}>
        <Who task={task} />
      </td>
      <td className="whitespace-nowrap text-right">
        {task.appliedMs === null || task.missedLines >= task.lineCount ? '–' : duration(task.appliedMs)}
      </td>
      <td className="truncate whitespace-nowrap text-right">
        <Confirmed task={task} />
      </td>
      <td className="whitespace-nowrap text-right text-muted">
        <Moment at={task.acceptedAt} />
      </td>
    </tr>
  )
}

/** The first line, how many more, on how many domains, and in which way. */
function What({ task, tasks, row }: { task: TaskSnapshot; tasks: readonly TaskSnapshot[]; row: RecordRow }) {
  const t = useTranslations()
  const more = (row.all?.lines ?? task.lineCount) - 1
  const domains = row.all?.tasks ?? new Set(tasks.map((one) => one.domain)).size
  const ways = [
    ...new Set(
      tasks.map((one) => {
        const method = t(`method.${one.kind}` as never)
        return one.operation === 'purge' ? `${method}, ${t(`mode.${one.mode}` as never)}` : method
      }),
    ),
  ]
  return (
    <>
      <span className="font-mono text-sm">
        {task.kind === 'tag' ? `${task.domain} #${task.firstLine}` : withoutScheme(task.firstLine)}
      </span>{' '}
      <span className="text-muted">
        {more > 0 ? `${t('records.andMore', { count: more })} ` : ''}
        {domains > 1 ? `${t('records.onDomains', { count: domains })} ` : ''}· {ways.join(' · ')}
      </span>
    </>
  )
}

function Who({ task }: { task: TaskSnapshot }) {
  const t = useTranslations('source')
  if (task.source === 'system') return <span className="text-muted">{t('system')}</span>
  if (task.source === 'api')
    return (
      <>
        {task.actor} <span className="text-muted">{t('api')}</span>
      </>
    )
  return <>{task.actor}</>
}

/** When all had confirmed; where some failed, at which cache and why. */
function Confirmed({ task }: { task: TaskSnapshot }) {
  const t = useTranslations()
  const duration = useDuration()
  const failed = task.caches.find((cache) => segmentState(cache, task.commands) === 'failed')
  if (failed?.notes) {
    const words = t('records.missedAt', {
      lines: task.lineCount - task.missedLines,
      total: task.lineCount,
      caches: task.caches.filter((cache) => cache.failed === 0).length,
      all: task.caches.length,
    })
    return (
      <span
        className="text-fail"
        title={`${words}; ${failed.name}: ${t(`cause.${failed.notes.cause}` as never)}`}
      >
        {task.lineCount > 1
          ? t('records.linesOf', { count: task.lineCount - task.missedLines, total: task.lineCount })
          : t('records.failedAt', {
              cache: failed.name,
              count: task.caches.filter((one) => one.failed > 0).length,
            })}
      </span>
    )
  }
  return <>{task.confirmedMs === null ? '–' : duration(task.confirmedMs)}</>
}

const withoutScheme = (url: string) => url.replace(/^https?:\/\//i, '')
