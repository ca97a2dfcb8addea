'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ExportMenu } from '#components/export-menu.tsx'
import { button, link, panel } from '#components/ui/classes.ts'
import type { AuditEntry } from '#lib/core/audit.ts'
import { AuditTable } from './audit-table.tsx'
import { EntryDetails } from './entry-details.tsx'

type Page = { entries: AuditEntry[]; next: string | null }
type Props = {
  first: Page
  /** The entry of the address, where it is not among the first. */
  linked: AuditEntry | null
  open: string | null
  q: string
  before: string | null
  mayExport: boolean
}

/** The entries that fit, newest first, older ones on demand. */
export function AuditView({ first, linked, open, q, before, mayExport }: Props) {
  const t = useTranslations('audit')
  const [opened, setOpened] = useState(open)
  const pages = usePages(first, q, before)
  const entries = pages.data.pages.flatMap((page) => page.entries)
  const next = pages.data.pages.at(-1)?.next ?? null
  // The address leads to what is open, for whoever reloads it or passes it on.
  const toggle = (id: string) => {
    const now = opened === id ? null : id
    setOpened(now)
    window.history.replaceState(null, '', addressOf(q, before, now))
  }
  return (
    <>
      {linked ? (
        <section className={`${panel} mb-4 p-4`} aria-label={t('linked', { id: linked.id })}>
          <h2 className="mb-3 font-semibold">{t('linked', { id: linked.id })}</h2>
          <EntryDetails entry={linked} />
        </section>
      ) : null}
      <div className="mb-2 flex min-h-[34px] flex-wrap items-center gap-x-3 gap-y-1">
        <p className="text-muted" aria-live="polite">
          {t(next === null ? 'count' : 'countMore', { count: entries.length })}
        </p>
        <span className="ml-auto" />
        {before === null ? null : (
          <Link href={addressOf(q, null, null)} className={link}>
            {t('newest')}
          </Link>
        )}
        {mayExport ? <ExportMenu from="/api/audit" query={new URLSearchParams({ q })} /> : null}
      </div>
      {entries.length === 0 ? (
        <Nothing isFiltered={q !== ''} isMore={next !== null} />
      ) : (
        <AuditTable
          entries={entries}
          open={opened}
          hrefOf={(id) => addressOf(q, before, opened === id ? null : id)}
          onToggle={toggle}
        />
      )}
      {pages.isFetchNextPageError ? (
        <p role="alert" className="mt-3 text-fail">
          {t('failed')}
        </p>
      ) : null}
      {next === null ? null : (
        <div className="mt-3">
          <Link
            href={addressOf(q, next, null)}
            prefetch={false}
            className={button}
            aria-disabled={pages.isFetchingNextPage}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return
              event.preventDefault()
              if (!pages.isFetchingNextPage) void pages.fetchNextPage()
            }}
          >
            {t(pages.isFetchingNextPage ? 'reading' : entries.length === 0 ? 'further' : 'older')}
          </Link>
        </div>
      )}
    </>
  )
}

function usePages(first: Page, q: string, before: string | null) {
  return useInfiniteQuery({
    queryKey: ['audit', q, before, first.entries[0]?.id ?? null],
    queryFn: ({ pageParam }) => read(q, pageParam ?? ''),
    initialPageParam: before,
    getNextPageParam: (page: Page) => page.next,
    initialData: { pages: [first], pageParams: [before] },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
}

async function read(q: string, before: string): Promise<Page> {
  const answer = await fetch(`/api/audit?${new URLSearchParams({ q, before })}`)
  if (answer.status === 401) location.reload()
  if (!answer.ok) throw new Error(`the audit log answered ${answer.status}`)
  return answer.json()
}

function addressOf(q: string, before: string | null, entry: string | null): string {
  const query = new URLSearchParams({
    ...(q === '' ? {} : { q }),
    ...(before === null ? {} : { before }),
    ...(entry === null ? {} : { entry }),
  })
  return query.size === 0 ? '/audit' : `/audit?${query}`
}

function Nothing({ isFiltered, isMore }: { isFiltered: boolean; isMore: boolean }) {
  const t = useTranslations('audit')
  return (
    <div className={`${panel} px-4 py-12 text-center`}>
      <p className="font-semibold">{t(isMore ? 'noneYetTitle' : isFiltered ? 'noneTitle' : 'emptyTitle')}</p>
      <p className="mt-1 text-muted">{t(isMore ? 'noneYet' : isFiltered ? 'none' : 'empty')}</p>
    </div>
  )
}
