import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { signedIn } from '#app/session.ts'
import { FrontPage } from '#components/front-page.tsx'
import { link } from '#components/ui/classes.ts'
import { ownerOfLink } from '#lib/operations/save-user.ts'
import { WelcomeForm } from './welcome-form.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('welcome.page') }
}

type Props = { searchParams: Promise<{ token?: string | string[] }> }

export default async function WelcomePage({ searchParams }: Props) {
  const { token } = await searchParams
  const [t, caller, owner] = await Promise.all([getTranslations(), signedIn(), ownerOfLink(String(token))])
  // One that never was looks like one that was used: nobody learns which links there are.
  if (owner === null) {
    return (
      <FrontPage title={t('welcome.deadTitle')} intro={t('welcome.dead')}>
        <Link href="/sign-in" className={link}>
          {t('welcome.signIn')}
        </Link>
      </FrontPage>
    )
  }
  const { name, account } = owner
  const isOther = caller && caller.userId !== owner.userId
  return (
    <FrontPage
      title={t('welcome.title', { name })}
      intro={
        isOther ? t('welcome.instead', { name: caller.name, other: name }) : t('welcome.intro', { account })
      }
    >
      <WelcomeForm token={String(token)} name={name} />
    </FrontPage>
  )
}
