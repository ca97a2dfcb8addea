import { getTranslations } from '#app/i18n.ts'
import { Tabs } from '#components/nav.tsx'

/** The title and the two tabs of “Purge and prefetch”. */
export async function PurgeTabs() {
  const t = await getTranslations()
  return (
    <>
      <h1 className="font-semibold text-lg tracking-tight">{t('purge.title')}</h1>
      <Tabs
        label={t('purge.title')}
        tabs={[
          { href: '/purge', text: t('purge.tab') },
          { href: '/records', text: t('records.tab') },
        ]}
      />
    </>
  )
}
