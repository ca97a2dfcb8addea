import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { button, field, link } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { lineHistory } from '#lib/operations/line-history.ts'
import { EventTable } from './event-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('history.title') }
}

type Props = { searchParams: Promise<{ url?: string | string[] }> }

export default async function LinePage({ searchParams }: Props) {
  const url = [(await searchParams).url].flat()[0]?.trim() ?? ''
  const caller = await requireCaller(`/records/line?url=${encodeURIComponent(url)}`)
  const t = await getTranslations()
  const events = url === '' ? [] : await lineHistory(caller, { url }).catch(refusal)
  return (
    <>
      <Link href="/records" className={link}>
        {t('records.tab')}
      </Link>
      <h1 className="mt-2 font-semibold text-lg tracking-tight">{t('history.title')}</h1>
      <p className="mb-3 text-muted">{t('history.intro')}</p>
      <form action="/records/line" role="search" className="mb-4 flex flex-wrap gap-2">
        <input
          type="search"
          name="url"
          defaultValue={url}
          required
          maxLength={8192}
          aria-label={t('history.url')}
          placeholder="https://www.example.com/price.html"
          className={`${field} max-w-[640px] font-mono text-sm`}
        />
        <button type="submit" className={button}>
          {t('history.show')}
        </button>
      </form>
      {events instanceof Fault ? (
        <p className="text-fail">{events.code === 'NoPermission' ? events.message : t('history.noUrl')}</p>
      ) : url !== '' && events.length === 0 ? (
        <p>
          {t('history.none')}{' '}
          <Link href={`/purge?text=${encodeURIComponent(url)}`} className={link}>
            {t('history.purge')}
          </Link>
        </p>
      ) : events.length > 0 ? (
        <EventTable events={events} />
      ) : null}
    </>
  )
}

function refusal(error: unknown): Fault {
  if (error instanceof Fault) return error
  throw error
}
