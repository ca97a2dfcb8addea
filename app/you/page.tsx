import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { ActForm } from '#components/act-form.tsx'
import { PageTitle } from '#components/page-title.tsx'
import { SessionTable } from '#components/session-table.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { isSystemPolicy } from '#lib/core/system-policies.ts'
import { listOwnSessions } from '#lib/operations/own-sign-in.ts'
import type { SignedIn } from '#lib/operations/sign-in.ts'
import { endOwnSessionAction } from './actions.ts'
import { PasswordForm } from './password-form.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('you.title') }
}

/** What somebody has here of their own: a password and sessions. */
export default async function YouPage({ searchParams }: { searchParams: Promise<{ password?: string }> }) {
  const caller = await requireCaller('/you')
  const { password } = await searchParams
  const [t, { sessions, here }] = await Promise.all([getTranslations(), listOwnSessions(caller)])
  return (
    <>
      <PageTitle title={caller.name} intro={await intro(caller)}>
        <Link href="/you?password=1" className={primaryButton}>
          {t('you.change')}
        </Link>
      </PageTitle>
      {password === undefined ? null : <PasswordForm name={caller.name} />}
      <div className="mb-2 flex flex-wrap items-center gap-2.5">
        <h2 className="mr-auto font-semibold">{t('you.sessions')}</h2>
        {sessions.length > 1 ? <ActForm action={endOwnSessionAction} text={t('you.endOthers')} /> : null}
      </div>
      <SessionTable sessions={sessions} here={here} end={endOwnSessionAction} />
    </>
  )
}

async function intro({ role, policies, accountName: account }: SignedIn): Promise<string> {
  const t = await getTranslations()
  const granted =
    policies.map(({ name }) => (isSystemPolicy(name) ? t(`policy.${name}`) : name)).join(', ') ||
    t('policy.none')
  return t('you.intro', { account, may: role === 'owner' ? t('access.owner') : granted })
}
