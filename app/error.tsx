'use client'

import { useTranslations } from 'use-intl'
import { type Failed, Failure } from '#components/failure.tsx'
import { FrontPage } from '#components/front-page.tsx'

export default function ErrorPage(failed: Failed) {
  const t = useTranslations('error')
  return (
    <FrontPage title={t('title')} intro={t('intro')}>
      <Failure {...failed} />
    </FrontPage>
  )
}
