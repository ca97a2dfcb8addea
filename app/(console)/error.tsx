'use client'

import { useTranslations } from 'use-intl'
import { type Failed, Failure } from '#components/failure.tsx'

/** A page that failed, with the rail still beside it. */
export default function ErrorPage(failed: Failed) {
  const t = useTranslations('error')
  return (
    <section role="alert" className="max-w-[520px] py-10">
      <h1 className="font-semibold text-lg tracking-tight">{t('title')}</h1>
      <p className="mt-1 mb-2">{t('intro')}</p>
      <Failure {...failed} />
    </section>
  )
}
