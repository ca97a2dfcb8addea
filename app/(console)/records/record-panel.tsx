'use client'

import Link from 'next/link'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { TaskActions } from '#components/task-actions.tsx'
import { TaskHead } from '#components/task-head.tsx'
import { TaskState } from '#components/task-state.tsx'
import { TaskView } from '#components/task-view.tsx'
import { button, link } from '#components/ui/classes.ts'
import { useTasks } from '#components/use-live-tasks.ts'
import type { RecordRow } from '#lib/core/records.ts'
import { retryAction, tryNowAction } from './actions.ts'

/** A submission beside the list: its domains, who and when, caches, lines, and what can be done about it. */
export function RecordPanel({ row, onClose }: { row: RecordRow; onClose: () => void }) {
  const t = useTranslations()
  const tasks = useTasks(row.tasks)
  const [chosen, setChosen] = useState(tasks[0]?.id)
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement
    panel.current?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open]')) onClose()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [onClose])
  const task = tasks.find((one) => one.id === chosen) ?? tasks[0]
  if (!task) return null
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={t('records.panel')}
      className="fixed inset-y-0 right-0 z-20 w-[760px] max-w-[72vw] overflow-y-auto border-line-strong border-l bg-bg p-4 shadow-xl outline-none"
    >
      <div className="mb-3 flex flex-wrap items-center gap-2.5">
        <h2 className="font-semibold text-lg tracking-tight">
          {t(task.operation === 'prefetch' ? 'task.titlePrefetch' : 'task.title', {
            count: task.lineCount,
            domain: task.domain,
          })}
        </h2>
        <TaskState task={task} />
        <button type="button" className={`${button} ml-auto`} onClick={onClose}>
          {t('records.close')}
        </button>
      </div>
      {tasks.length > 1 ? (
        <nav
          aria-label={t('records.parts')}
          className="mb-3 flex flex-wrap gap-x-4 gap-y-1 border-line border-b"
        >
          {tasks.map((one) => (
            <button
              key={one.id}
              type="button"
              aria-current={one === task ? 'true' : undefined}
              onClick={() => setChosen(one.id)}
              className="-mb-px border-transparent border-b-2 py-1.5 text-muted aria-[current]:border-accent aria-[current]:font-semibold aria-[current]:text-text"
            >
              {one.domain} {one.lineCount}
            </button>
          ))}
          {row.all ? (
            <Link href={`/purge?submission=${row.submissionId}`} className={`${link} py-1.5`}>
              {t('records.allParts', { count: row.all.tasks })}
            </Link>
          ) : null}
        </nav>
      ) : null}
      <TaskHead task={task} />
      <div className="my-3">
        <TaskActions task={task} retry={retryAction} page />
      </div>
      <TaskView key={task.id} task={task} tryNow={tryNowAction} />
    </aside>
  )
}
