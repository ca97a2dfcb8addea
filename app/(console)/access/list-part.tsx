import Link from 'next/link'
import type { ReactNode } from 'react'
import { getTranslations } from '#app/i18n.ts'
import { button, field, link } from '#components/ui/classes.ts'
import { type ListPart, rowsOfPage } from '#lib/core/list-part.ts'

/** What an address says of a part of a list. */
export type AskedPart = { q?: string; from?: string }

/** The part that an address asks for, with one row more, which tells whether there is a next page. */
export function partOf({ q = '', from }: AskedPart): Required<ListPart> {
  const place = Math.trunc(Number(from)) || 0
  return {
    search: q.trim().slice(0, 100),
    from: Math.min(Math.max(0, place), 10_000_000),
    limit: rowsOfPage + 1,
  }
}

/** The address of a part of a list. */
export function addressOf(path: string, { search, from }: ListPart): string {
  const asked = new URLSearchParams({ ...(search && { q: search }), ...(from > 0 && { from: String(from) }) })
  return asked.size === 0 ? path : `${path}?${asked}`
}

type Props = { path: string; part: ListPart; count: number; children: ReactNode }

/**
 * A list of which a page shows a part, its search above and its other pages below, as a plain form and links.
 *
 * @param count the rows that were read
 */
export async function PartOfList({ path, part: { search, from }, count, children }: Props) {
  const t = await getTranslations()
  const isMore = count > rowsOfPage
  const isPart = isMore || from > 0
  const pageAt = (at: number) => addressOf(path, { search, from: at })
  return (
    <>
      {isPart || search !== '' ? (
        <form action={path} role="search" className="mb-3 flex flex-wrap items-center gap-2">
          <input
            key={search}
            type="search"
            name="q"
            aria-label={t('list.find')}
            placeholder={t('list.find')}
            maxLength={100}
            className={`${field} max-w-[320px] flex-1`}
            defaultValue={search}
          />
          <button type="submit" className={button}>
            {t('form.find')}
          </button>
          {search === '' ? null : (
            <Link href={path} className={link}>
              {t('list.all')}
            </Link>
          )}
        </form>
      ) : null}
      {count === 0 && search !== '' ? <p className="text-muted">{t('list.none', { search })}</p> : children}
      {isPart ? (
        <nav aria-label={t('list.pages')} className="mt-3 flex items-center gap-4">
          <span className="text-muted">
            {t('list.shown', { first: from + 1, last: from + Math.min(count, rowsOfPage) })}
          </span>
          {from > 0 ? (
            <Link href={pageAt(Math.max(0, from - rowsOfPage))} className={link}>
              {t('list.before')}
            </Link>
          ) : null}
          {isMore ? (
            <Link href={pageAt(from + rowsOfPage)} className={link}>
              {t('list.next')}
            </Link>
          ) : null}
        </nav>
      ) : null}
    </>
  )
}
