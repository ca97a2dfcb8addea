'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { CacheSegments } from '#components/cache-segments.tsx'
import { Moment } from '#components/moment.tsx'
import { asOfLine } from '#components/task-lines.tsx'
import { TaskState } from '#components/task-state.tsx'
import { tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { TaskLine, TaskSnapshot } from '#lib/core/task.ts'

/** What happened to a URL, newest first: each task with the line that named or reached it. */
export function EventTable({ events }: { events: { task: TaskSnapshot; line: TaskLine }[] }) {
  const t = useTranslations()
  return (
    <ScrollTable label={t('history.title')} width="min-w-[880px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[150px]">{t('records.submitted')}</th>
          <th className="w-[200px]">{t('history.how')}</th>
          <th>{t('history.by')}</th>
          <th className="w-[116px]">{t('records.caches')}</th>
          <th className="w-[136px]">{t('records.status')}</th>
          <th className="w-[110px]">{t('records.who')}</th>
        </tr>
      </thead>
      <tbody>
        {events.map(({ task, line }) => (
          <tr
            key={task.id}
            data-row
            className="h-9 border-line border-b last:border-b-0 hover:bg-sunk [&>td]:px-3 [&>td]:py-1.5"
          >
            <td className="whitespace-nowrap">
              <Link href={`/records/${task.id}`} className="hover:underline">
                <Moment at={task.acceptedAt} />
              </Link>
            </td>
            <td>
              {t(`method.${task.kind}` as never)}
              {task.operation === 'purge' ? `, ${t(`mode.${task.mode}` as never)}` : ''}
            </td>
            <td className="truncate font-mono text-sm" title={line.text}>
              {line.text}
            </td>
            <td>
              <CacheSegments task={asOfLine(task, line)} />
            </td>
            <td>
              <TaskState task={task} />
            </td>
            <td className="truncate" title={task.actor}>
              {task.actor}
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}
