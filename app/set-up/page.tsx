import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { getTranslations } from '#app/i18n.ts'
import { FrontPage } from '#components/front-page.tsx'
import { isSetUpOpen, mayOpenSetUp } from '#lib/operations/set-up.ts'
import { setupToken } from '#lib/settings.ts'
import { SetUpForm } from './set-up-form.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('setUp.title') }
}

export default async function SetUpPage({ searchParams }: { searchParams: Promise<{ token?: string }> }) {
  const { token = '' } = await searchParams
  if (!(await isSetUpOpen())) redirect('/sign-in')
  const t = await getTranslations()
  if (!(await mayOpenSetUp(token, setupToken()))) {
    return <FrontPage title={t('setUp.notYetTitle')} intro={t('setUp.notYet')} />
  }
  return (
    <FrontPage title={t('setUp.title')} intro={t('setUp.intro')}>
      <SetUpForm token={token} />
    </FrontPage>
  )
}
