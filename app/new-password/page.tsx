import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { getTranslations } from '#app/i18n.ts'
import { signedIn } from '#app/session.ts'
import { signOutAction } from '#app/sign-in/actions.ts'
import { ownPath } from '#app/sign-in/own-path.ts'
import { FrontPage } from '#components/front-page.tsx'
import { button } from '#components/ui/classes.ts'
import { NewPasswordForm } from './new-password-form.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('newPassword.title') }
}

/** Where everything leads until somebody of whom it is asked has chosen a new password. */
export default async function NewPasswordPage({
  searchParams,
}: {
  searchParams: Promise<{ next?: string }>
}) {
  const { next = '/' } = await searchParams
  const [t, caller] = await Promise.all([getTranslations(), signedIn()])
  if (!caller) redirect(`/sign-in?next=${encodeURIComponent(next)}`)
  if (!caller.mustChange) redirect(ownPath(next))
  return (
    <FrontPage title={t('newPassword.title')} intro={t('newPassword.intro', { name: caller.name })}>
      <NewPasswordForm next={next} name={caller.name} />
      <form action={signOutAction} className="mt-3">
        <button type="submit" className={`${button} w-full`}>
          {t('nav.signOut')}
        </button>
      </form>
    </FrontPage>
  )
}
