'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { TaskHead } from '#components/task-head.tsx'
import { TaskState } from '#components/task-state.tsx'
import { TaskView } from '#components/task-view.tsx'
import { button, link } from '#components/ui/classes.ts'
import { useLiveTasks, useTask } from '#components/use-live-tasks.ts'
import type { TaskSnapshot } from '#lib/core/task.ts'
import { tryNowAction } from '../actions.ts'

export function LiveTask({ initial }: { initial: TaskSnapshot }) {
  const t = useTranslations()
  useLiveTasks()
  const task = useTask(initial)
  return (
    <>
      <Link href="/records" className={link}>
        {t('records.tab')}
      </Link>
      <div className="mt-2 mb-4">
        <div className="flex flex-wrap items-center gap-2.5">
          <h1 className="font-semibold text-lg tracking-tight">
            {t(titleOf(task), { count: task.lineCount, domain: task.domain })}
          </h1>
          <TaskState task={task} />
          <span className="ml-auto flex flex-wrap gap-2">
            <Link href={`/purge?from=${task.id}`} className={button} data-key="r">
              {t('task.again')}
            </Link>
            {task.kind === 'url' ? (
              <Link href={`/purge?from=${task.id}&method=prefetch`} className={button}>
                {t('task.prefetchThese')}
              </Link>
            ) : null}
          </span>
        </div>
        <TaskHead task={task} />
      </div>
      <TaskView task={task} tryNow={tryNowAction} />
    </>
  )
}

function titleOf({ kind, operation }: TaskSnapshot) {
  if (kind === 'everything') return 'task.titleEverything'
  return operation === 'prefetch' ? 'task.titlePrefetch' : 'task.title'
}
