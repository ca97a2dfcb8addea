'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type MouseEvent, useCallback, useState, useTransition } from 'react'
import { useTranslations } from 'use-intl'
import { ExportMenu } from '#components/export-menu.tsx'
import { Refusal } from '#components/refusal.tsx'
import { TaskTable } from '#components/task-table.tsx'
import { button, link, primaryButton } from '#components/ui/classes.ts'
import { useLiveTasks } from '#components/use-live-tasks.ts'
import type { FaultCode, FaultDetails } from '#lib/core/fault.ts'
import { type FilterName, mayFit, type RecordFilter, type RecordRow, writeFilter } from '#lib/core/records.ts'
import type { TaskSnapshot } from '#lib/core/task.ts'
import type { SavedView } from '#lib/operations/saved-views.ts'
import { Filters } from './filters.tsx'
import { RecordPanel } from './record-panel.tsx'
import { SaveView, Views } from './views.tsx'

type Props = {
  rows: RecordRow[]
  filter: RecordFilter
  /** Filters of the address that say nothing that could be understood. */
  wrong: FilterName[]
  /** When the page was read; windows end here. */
  until: string
  /** The address of the next page, or null. */
  older: string | null
  isFirstPage: boolean
  count: { count: number; isMore: boolean } | null
  /** Where nothing fits: what there would be without each filter. */
  without: { name: FilterName; count: number | null }[]
  refused: { code: FaultCode; message: string; details: FaultDetails } | null
  views: SavedView[]
  maySave: boolean
  /** For how many days records are kept, where the reader may know. */
  retention: { days: number | null; maySave: boolean }
  domains: string[]
  caches: string[]
}

/** A page of records, newest first. New ones wait behind a button: nothing moves under the pointer. */
export function RecordsView(props: Props) {
  const {
    rows,
    filter,
    wrong,
    until,
    older,
    isFirstPage,
    count,
    without,
    refused,
    views,
    maySave,
    retention,
  } = props
  const t = useTranslations('records')
  const router = useRouter()
  const [pending, startTransition] = useTransition()
  const [open, setOpen] = useState<RecordRow | null>(null)
  const close = useCallback(() => setOpen(null), [])
  const query = writeFilter(filter).toString()
  const isFiltered = query !== ''
  const maySaveThis = maySave && isFiltered && !views.some((view) => view.query === query)
  const go = (next: URLSearchParams) => startTransition(() => router.push(`/records?${next}`))
  const news = useNews(rows, filter)
  if (rows.length === 0 && isFirstPage && !isFiltered && news === 0 && !refused) return <Empty />
  return (
    <>
      <Views views={views} query={query} mayRemove={maySave} />
      <Filters
        filter={filter}
        wrong={wrong}
        until={until}
        domains={props.domains}
        caches={props.caches}
        onChange={go}
      />
      <div className="mb-2 flex min-h-[34px] flex-wrap items-center gap-x-3 gap-y-1">
        <p className="text-muted" aria-live="polite">
          {pending
            ? t('reading')
            : count === null
              ? t('help')
              : t(count.isMore ? 'countMore' : 'count', { count: count.count })}
        </p>
        {maySaveThis ? <SaveView query={query} /> : null}
        <span className="ml-auto" />
        {isFirstPage && news > 0 ? (
          <button type="button" className={link} onClick={() => startTransition(() => router.refresh())}>
            {t('new', { count: news })}
          </button>
        ) : null}
        <ExportMenu from="/api/export" query={writeFilter(filter)} />
      </div>
      {refused ? <Refusal state={{ is: 'refused', ...refused }} /> : null}
      {rows.length === 0 && !refused ? (
        <NoneFits filter={filter} without={without} />
      ) : (
        <TaskTable rows={rows} current={open?.submissionId} onOpen={opener(setOpen)} />
      )}
      <div className="mt-3 flex flex-wrap items-center gap-2">
        {isFirstPage ? null : (
          <Link href={`/records?${query}`} className={button}>
            {t('newest')}
          </Link>
        )}
        {older === null ? null : (
          <Link href={`/records?${older}`} prefetch={false} className={button}>
            {t('older')}
          </Link>
        )}
        <p className="ml-auto text-muted">
          {retention.days === null ? null : t('kept', { days: retention.days })}{' '}
          {retention.maySave ? (
            <Link href="/records?retention=1" prefetch={false} className={link}>
              {t('changeRetention')}
            </Link>
          ) : null}
        </p>
      </div>
      {open ? <RecordPanel key={open.submissionId} row={open} onClose={close} /> : null}
    </>
  )
}

/** A plain click opens the panel beside the list; any other does what it does to links. */
const opener = (open: (row: RecordRow) => void) => (event: MouseEvent, row: RecordRow) => {
  const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) && event.button === 0
  // There is no room for a panel beside anything on a phone.
  if (!isPlain || !window.matchMedia('(min-width: 1024px)').matches) return
  event.preventDefault()
  open(row)
}

/** How many submissions arrived since the page was read that its filter may let through. */
function useNews(rows: readonly RecordRow[], filter: RecordFilter): number {
  const [arrived, setArrived] = useState<ReadonlyMap<string, string>>(new Map())
  const newest = rows[0]?.tasks.at(-1)?.id ?? ''
  const onNews = useCallback(
    (tasks: TaskSnapshot[]) => {
      const fresh = tasks.filter((task) => task.id > newest && mayFit(task, filter))
      setArrived((known) => {
        const isKnown = fresh.every((task) => known.has(task.submissionId))
        return isKnown
          ? known
          : new Map([...known, ...fresh.map((task) => [task.submissionId, task.id] as const)])
      })
    },
    [newest, filter],
  )
  useLiveTasks(onNews)
  const shown = new Set(rows.map((row) => row.submissionId))
  return [...arrived].filter(([submission, task]) => task > newest && !shown.has(submission)).length
}

function NoneFits({ filter, without }: { filter: RecordFilter; without: Props['without'] }) {
  const t = useTranslations('records')
  return (
    <div className="py-12 text-center">
      <p className="font-semibold">{t('noneTitle')}</p>
      <p className="mt-1 mb-4 text-muted">{t('none')}</p>
      <div className="flex flex-wrap justify-center gap-2">
        {[...without]
          .sort((a, b) => (b.count ?? 0) - (a.count ?? 0))
          .map(({ name, count }) => {
            const { [name]: _, ...others } = filter
            return (
              <Link key={name} href={`/records?${writeFilter(others)}`} className={button}>
                {t('dropFilter', { name: t(`filter.${name}`) })}
                {count === null ? null : <span className="text-muted">{t('wouldBe', { count })}</span>}
              </Link>
            )
          })}
      </div>
    </div>
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
