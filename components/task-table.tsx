'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { TaskSnapshot } from '#lib/core/task.ts'
import { CacheSegments } from './cache-segments.tsx'
import { Moment, useDuration, useZoneName } from './moment.tsx'
import { TaskState } from './task-state.tsx'
import { panel, tableHead } from './ui/classes.ts'
import { ScrollTable } from './ui/scroll-table.tsx'
import { useTask } from './use-live-tasks.ts'

/** Tasks as rows that fill in live; columns keep their widths. */
export function TaskTable({ tasks }: { tasks: TaskSnapshot[] }) {
  const t = useTranslations('records')
  const zone = useZoneName()
  return (
    <ScrollTable label={t('tab')} width="min-w-[880px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[136px]">{t('status')}</th>
          <th>{t('what')}</th>
          <th className="w-[116px]">{t('caches')}</th>
          <th className="w-[104px]">{t('who')}</th>
          <th className="w-[76px] text-right">{t('applied')}</th>
          <th className="w-[84px] text-right">{t('confirmed')}</th>
          <th className="w-[130px] text-right">
            {t('submitted')} <span suppressHydrationWarning>{zone}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <TaskRow key={task.id} initial={task} />
        ))}
      </tbody>
    </ScrollTable>
  )
}

function TaskRow({ initial }: { initial: TaskSnapshot }) {
  const t = useTranslations()
  const duration = useDuration()
  const task = useTask(initial)
  const more = task.lineCount - 1
  return (
    <tr
      data-row
      className="h-9 border-line border-b last:border-b-0 hover:bg-sunk has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-accent has-[a:focus-visible]:-outline-offset-2 [&>td]:px-3 [&>td]:py-1.5"
    >
      <td>
        <TaskState task={task} />
      </td>
      <td className="truncate">
        <Link
          href={`/records/${task.id}`}
          className="py-1 outline-none hover:underline"
          title={task.firstLine}
        >
          <span className="font-mono text-sm">
            {task.kind === 'tag' ? `${task.domain} #${task.firstLine}` : withoutScheme(task.firstLine)}
          </span>{' '}
          {more > 0 ? <span className="text-muted">{t('records.more', { count: more })} </span> : null}
          <span className="text-muted">
            · {t(`method.${task.kind}` as never)}
            {task.operation === 'purge' ? `, ${t(`mode.${task.mode}` as never)}` : ''}
          </span>
        </Link>
      </td>
      <td>
        <CacheSegments task={task} />
      </td>
      <td className="truncate" title={task.actor}>
        {task.source === 'system' ? <span className="text-muted">{t('source.system')}</span> : task.actor}
      </td>
      <td className="whitespace-nowrap text-right">
        {task.appliedMs === null ? '–' : duration(task.appliedMs)}
      </td>
      <td className="whitespace-nowrap text-right">
        {task.confirmedMs === null ? '–' : duration(task.confirmedMs)}
      </td>
      <td className="whitespace-nowrap text-right text-muted">
        <Moment at={task.acceptedAt} />
      </td>
    </tr>
  )
}

const withoutScheme = (url: string) => url.replace(/^https?:\/\//i, '')
