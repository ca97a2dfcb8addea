'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useCallback, useState } from 'react'
import { useTranslations } from 'use-intl'
import { TaskTable } from '#components/task-table.tsx'
import { button, link, primaryButton } from '#components/ui/classes.ts'
import { useLiveTasks } from '#components/use-live-tasks.ts'
import type { TaskSnapshot } from '#lib/core/task.ts'

/** A page of records, newest first. New tasks wait behind a button: nothing moves under the pointer. */
export function RecordsView({ initial, isFirstPage }: { initial: TaskSnapshot[]; isFirstPage: boolean }) {
  const t = useTranslations('records')
  const router = useRouter()
  const [arrived, setArrived] = useState<readonly string[]>([])
  const newest = initial[0]?.id ?? ''
  const onNews = useCallback(
    (tasks: TaskSnapshot[]) => {
      const ids = tasks.map((task) => task.id).filter((id) => id > newest)
      setArrived((known) =>
        ids.every((id) => known.includes(id)) ? known : [...new Set([...known, ...ids])],
      )
    },
    [newest],
  )
  useLiveTasks(onNews)
  const news = arrived.filter((id) => id > newest).length
  const last = initial.at(-1)
  if (initial.length === 0 && isFirstPage && news === 0) return <Empty />
  return (
    <>
      <div className="mb-3 flex min-h-[34px] items-center gap-3">
        <p className="mr-auto text-muted">{t('help')}</p>
        {isFirstPage && news > 0 ? (
          <button type="button" className={link} onClick={() => router.refresh()}>
            {t('new', { count: news })}
          </button>
        ) : null}
      </div>
      <TaskTable tasks={initial} />
      <div className="mt-3 flex gap-2">
        {isFirstPage ? null : (
          <Link href="/records" className={button}>
            {t('newest')}
          </Link>
        )}
        {initial.length === 50 && last ? (
          <Link href={`/records?before=${last.id}`} className={button}>
            {t('older')}
          </Link>
        ) : null}
      </div>
    </>
  )
}

function Empty() {
  const t = useTranslations('records')
  return (
    <div className="py-16 text-center">
      <p className="font-semibold">{t('emptyTitle')}</p>
      <p className="mt-1 mb-4 text-muted">{t('empty')}</p>
      <Link href="/purge" className={primaryButton}>
        {t('emptyNext')}
      </Link>
    </div>
  )
}
