import Link from 'next/link'
import { FrontPage } from '#components/front-page.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { getTranslations } from './i18n.ts'

export default async function NotFound() {
  const t = await getTranslations()
  return (
    <FrontPage title={t('notFound.title')} intro={t('notFound.intro')}>
      <Link href="/purge" className={primaryButton}>
        {t('notFound.next')}
      </Link>
    </FrontPage>
  )
}
