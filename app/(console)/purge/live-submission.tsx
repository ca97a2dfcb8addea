'use client'

import Link from 'next/link'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { TaskHead } from '#components/task-head.tsx'
import { TaskState } from '#components/task-state.tsx'
import { TaskView } from '#components/task-view.tsx'
import { button } from '#components/ui/classes.ts'
import { useLiveTasks, useTasks } from '#components/use-live-tasks.ts'
import { finalStates, type TaskSnapshot } from '#lib/core/task.ts'
import { tryNowAction } from '../records/actions.ts'
import { readDraft } from './draft.ts'

/** A submission while it happens: a section per domain. */
export function LiveSubmission({ owner, initial }: { owner: string; initial: TaskSnapshot[] }) {
  const t = useTranslations()
  useLiveTasks()
  const tasks = useTasks(initial).sort((a, b) => a.id.localeCompare(b.id))
  useCountInTitle(tasks)
  const [first] = tasks
  return (
    <>
      <div className="mb-4 flex flex-wrap items-start gap-x-3 gap-y-2">
        <div>
          <h2 className="font-semibold text-lg tracking-tight">
            <SubmissionTitle tasks={tasks} />
          </h2>
          {first ? <TaskHead task={first} /> : null}
        </div>
        <Again owner={owner} />
      </div>
      <div className="space-y-8">
        {tasks.map((task) => (
          <Section key={task.id} task={task} alone={tasks.length === 1} />
        ))}
      </div>
    </>
  )
}

function Section({ task, alone }: { task: TaskSnapshot; alone: boolean }) {
  const t = useTranslations()
  return (
    <section aria-label={task.domain}>
      <div className="mb-3 flex items-center gap-2.5" aria-live="polite">
        <h2 className="font-semibold">
          {alone ? (
            task.domain
          ) : (
            <>
              {t(`method.${task.kind as 'url'}`)} · {task.domain}{' '}
              <span className="font-normal text-muted">{task.lineCount}</span>
            </>
          )}
        </h2>
        <TaskState task={task} />
      </div>
      <TaskView task={task} tryNow={tryNowAction} />
    </section>
  )
}

/** What was submitted, operations apart. */
function SubmissionTitle({ tasks }: { tasks: readonly TaskSnapshot[] }) {
  const t = useTranslations('submission')
  const count = (operation: TaskSnapshot['operation']) =>
    tasks.filter((task) => task.operation === operation).reduce((sum, task) => sum + task.lineCount, 0)
  const [purged, prefetched] = [count('purge'), count('prefetch')]
  const isUrls = tasks.every((task) => task.kind === 'url')
  if (prefetched === 0) return <>{t(isUrls ? 'title' : 'titleLines', { count: purged })}</>
  return (
    <>{purged === 0 ? t('prefetchTitle', { count: prefetched }) : t('bothTitle', { purged, prefetched })}</>
  )
}

/** Leads back to the editor, and says how many lines stayed there. */
function Again({ owner }: { owner: string }) {
  const t = useTranslations('submission')
  const [kept, setKept] = useState(0)
  useEffect(() => {
    const lines = readDraft(owner)?.text.split('\n') ?? []
    setKept(lines.filter((line) => line.trim() !== '').length)
  }, [owner])
  return (
    <Link href="/purge" className={`${button} ml-auto`}>
      {kept > 0 ? t('kept', { count: kept }) : t('more')}
    </Link>
  )
}

/** The browser's tab counts confirmed caches, so that one can work elsewhere meanwhile. */
function useCountInTitle(tasks: readonly TaskSnapshot[]): void {
  const t = useTranslations('submission')
  const caches = tasks.flatMap((task) => task.caches.map((cache) => cache.confirmed >= task.commands))
  const done = caches.filter(Boolean).length
  const total = caches.length
  const ended = tasks.every((task) => finalStates.includes(task.state))
  const whole = tasks.every((task) => task.state === 'complete')
  const words = ended ? t(whole ? 'tabDone' : 'tabFailed') : t('tabCount', { done, total })
  const title = `${words} · Freshet`
  useEffect(() => {
    // The page's own title arrives by stream and may come after ours.
    const keep = () => {
      if (document.title !== title) document.title = title
    }
    keep()
    const observer = new MutationObserver(keep)
    observer.observe(document.head, { subtree: true, childList: true, characterData: true })
    return () => observer.disconnect()
  }, [title])
}
