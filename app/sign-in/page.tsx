import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { getTranslations } from '#app/i18n.ts'
import { signedIn } from '#app/session.ts'
import { FrontPage } from '#components/front-page.tsx'
import { isSetUpOpen } from '#lib/operations/set-up.ts'
import { SignInForm } from './sign-in-form.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('signIn.title') }
}

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string }> }) {
  const { next = '/' } = await searchParams
  if (await signedIn()) redirect('/')
  const t = await getTranslations()
  if (await isSetUpOpen()) return <FrontPage title={t('setUp.notYetTitle')} intro={t('setUp.notYet')} />
  return (
    <FrontPage title={t('signIn.title')} {...(next === '/' ? {} : { intro: t('signIn.again') })}>
      <SignInForm next={next} />
    </FrontPage>
  )
}
