import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { panel, primaryButton } from '#components/ui/classes.ts'

/** What leads to a first purge while there is nothing to purge. */
export async function FirstSteps({ hasCaches }: { hasCaches: boolean }) {
  const t = await getTranslations()
  const step = hasCaches
    ? { href: '/domains', text: t('first.addDomain') }
    : { href: '/caches', text: t('first.addCache') }
  return (
    <section className={`${panel} max-w-[620px] p-6`}>
      <h2 className="font-semibold">{t('first.title')}</h2>
      <ol className="mt-2 mb-5 list-decimal space-y-1 pl-5 text-muted">
        <li className={hasCaches ? 'line-through' : ''}>{t('first.cache')}</li>
        <li>{t('first.domain')}</li>
        <li>{t('first.purge')}</li>
      </ol>
      <Link href={step.href} className={primaryButton}>
        {step.text}
      </Link>
    </section>
  )
}
