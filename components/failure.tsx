'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { button, primaryButton } from './ui/classes.ts'

/** An error as a page is told of it: its own words stay in the server's log, under the digest. */
export type Failed = { error: Error & { digest?: string }; retry: () => void }

/** What became of what somebody wrote, and what to do next. */
export function Failure({ error, retry }: Failed) {
  const t = useTranslations()
  return (
    <>
      <p className="mb-4 text-muted">{t('error.kept')}</p>
      {error.digest ? (
        <p className="mb-4 font-mono text-muted text-sm">{t('error.reference', { digest: error.digest })}</p>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <button type="button" className={primaryButton} onClick={retry}>
          {t('error.again')}
        </button>
        <Link href="/purge" className={button}>
          {t('notFound.next')}
        </Link>
      </div>
    </>
  )
}
