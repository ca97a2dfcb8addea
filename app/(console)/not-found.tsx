import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { link } from '#components/ui/classes.ts'

export default async function NotFound() {
  const t = await getTranslations()
  return (
    <div className="py-16 text-center">
      <h1 className="font-semibold">{t('notFound.title')}</h1>
      <p className="mt-1 mb-4 text-muted">{t('notFound.intro')}</p>
      <Link href="/purge" className={link}>
        {t('notFound.next')}
      </Link>
    </div>
  )
}
