import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { ActForm } from '#components/act-form.tsx'
import { Denied, denial } from '#components/denied.tsx'
import { PageTitle } from '#components/page-title.tsx'
import { RefreshEvery } from '#components/refresh-every.tsx'
import { SessionTable } from '#components/session-table.tsx'
import { button, dangerButton, panel } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { listUsers, type UserView } from '#lib/operations/save-user.ts'
import { askNewPassword, endSession, listSessions, setSignIn } from '#lib/operations/user-sign-in.ts'
import { askNewPasswordAction, endSessionAction, setSignInAction } from './actions.ts'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('userSignIn.page') }
}

/** How somebody gets in, and where they are. */
export default async function UserSignInPage({ params }: { params: Promise<{ userId: string }> }) {
  const { userId } = await params
  const caller = await requireCaller(`/access/sign-in/${userId}`)
  const t = await getTranslations()
  const users = await listUsers(caller, { id: Number(userId) || 0 }).catch(denial)
  const user = users instanceof Fault ? undefined : users[0]
  if (!(users instanceof Fault) && user?.role !== 'user') notFound()
  const sessions = user && (await listSessions(caller, { id: user.id }).catch(denial))
  if (!user || !sessions || sessions instanceof Fault)
    return (
      <Denied
        title={t('userSignIn.page')}
        sentence={t('userSignIn.denied')}
        needs={t('policy.needs', { action: listSessions.action })}
      />
    )
  const mayEnd = mayAnywhere(caller, endSession.action)
  const isOther = user.id !== caller.userId
  return (
    <>
      <PageTitle title={t('userSignIn.title', { name: user.name })} intro={t('userSignIn.intro')}>
        <Link href="/access" className={button}>
          {t('userSignIn.back')}
        </Link>
      </PageTitle>
      {isOther && mayAnywhere(caller, setSignIn.action) ? <SwitchSignIn user={user} /> : null}
      {isOther && mayAnywhere(caller, askNewPassword.action) ? <AskPassword user={user} /> : null}
      <div className="mt-6 mb-2 flex flex-wrap items-center gap-2.5">
        <h2 className="mr-auto font-semibold">{t('sessions.title')}</h2>
        {mayEnd && sessions.length > 0 ? (
          <ActForm
            action={endSessionAction}
            given={{ id: user.id }}
            text={t('sessions.endAll')}
            look={dangerButton}
          />
        ) : null}
      </div>
      {sessions.length > 0 ? (
        <SessionTable sessions={sessions} userId={user.id} end={mayEnd ? endSessionAction : null} />
      ) : (
        <p className="text-muted">{t('sessions.none')}</p>
      )}
      <RefreshEvery seconds={15} />
    </>
  )
}

async function SwitchSignIn({ user: { id, signIn } }: { user: UserView }) {
  const t = await getTranslations()
  const is = signIn ? 'on' : 'off'
  return (
    <div className={`${panel} mb-2.5 flex flex-wrap items-center gap-2.5 p-3`}>
      <p className="mr-auto max-w-[640px]">
        <strong className="font-semibold">{t(`userSignIn.signIn.${is}`)}</strong>{' '}
        <span className="text-muted">{t(`userSignIn.signIn.${is}Says`)}</span>
      </p>
      <ActForm
        action={setSignInAction}
        given={{ id, signIn: signIn ? 'off' : 'on' }}
        text={t(`userSignIn.signIn.${is}Act`)}
        look={signIn ? dangerButton : button}
      />
    </div>
  )
}

async function AskPassword({ user: { id, mustChange } }: { user: UserView }) {
  const t = await getTranslations()
  const is = mustChange ? 'asked' : 'notAsked'
  return (
    <div className={`${panel} mb-2.5 flex flex-wrap items-center gap-2.5 p-3`}>
      <p className="mr-auto max-w-[640px]">
        <strong className="font-semibold">{t(`userSignIn.password.${is}`)}</strong>{' '}
        <span className="text-muted">{t(`userSignIn.password.${is}Says`)}</span>
      </p>
      <ActForm
        action={askNewPasswordAction}
        given={{ id, mustChange: mustChange ? 'no' : 'yes' }}
        text={t(`userSignIn.password.${is}Act`)}
      />
    </div>
  )
}
