'use client'

import { useTranslations } from 'use-intl'
import { FrontPage } from '#components/front-page.tsx'
import { primaryButton } from '#components/ui/classes.ts'

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  const t = useTranslations('error')
  return (
    <FrontPage title={t('title')} intro={t('intro')}>
      {error.digest ? (
        <p className="mb-4 font-mono text-muted text-sm">{t('digest', { digest: error.digest })}</p>
      ) : null}
      <button type="button" className={primaryButton} onClick={reset}>
        {t('again')}
      </button>
    </FrontPage>
  )
}
