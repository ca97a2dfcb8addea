import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { button, primaryButton } from '#components/ui/classes.ts'
import { ModalButton } from './modal.tsx'

export default async function NotFound() {
  const t = await getTranslations()
  return (
    <div className="py-16 text-center">
      <h1 className="font-semibold">{t('notFound.title')}</h1>
      <p className="mt-1 mb-4 text-muted">{t('notFound.intro')}</p>
      <div className="flex flex-wrap justify-center gap-2">
        <Link href="/purge" className={primaryButton}>
          {t('notFound.next')}
        </Link>
        <ModalButton opens="palette" className={button}>
          {t('palette.open')}
        </ModalButton>
      </div>
    </div>
  )
}
