import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { ConfirmForm } from '#components/confirm-form.tsx'
import { Denied, denial } from '#components/denied.tsx'
import { PageTitle } from '#components/page-title.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { addUser, disableUser, listUsers } from '#lib/operations/save-user.ts'
import { disableUserAction } from './actions.ts'
import { LinkForm } from './link-form.tsx'
import { AddForm, PolicyForm } from './user-form.tsx'
import { UserTable } from './user-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('access.title') }
}

type Props = { searchParams: Promise<{ add?: string; change?: string; link?: string; disable?: string }> }

export default async function AccessPage({ searchParams }: Props) {
  const caller = await requireCaller('/access')
  const { add, change, link, disable } = await searchParams
  const [t, users] = await Promise.all([getTranslations(), listUsers(caller, {}).catch(denial)])
  if (users instanceof Fault) {
    return (
      <Denied
        title={t('access.title')}
        sentence={t('access.denied')}
        needs={t('policy.needs', { action: listUsers.action })}
      />
    )
  }
  const maySave = mayAnywhere(caller, addUser.action)
  const mayDisable = mayAnywhere(caller, disableUser.action)
  const chosen = users.find(({ id, role }) => role === 'user' && String(id) === (change ?? link ?? disable))
  const isOther = chosen?.id !== caller.userId
  return (
    <>
      <PageTitle title={t('access.title')} intro={t('access.intro')}>
        {maySave ? (
          <Link href="/access?add=1" className={primaryButton}>
            {t('access.add')}
          </Link>
        ) : null}
      </PageTitle>
      {maySave ? null : <p className="mb-4">{t('access.onlyLooking')}</p>}
      {maySave && add !== undefined ? <AddForm /> : null}
      {maySave && change !== undefined && chosen && isOther ? (
        <PolicyForm key={change} user={chosen} />
      ) : null}
      {maySave && link !== undefined && chosen ? <LinkForm key={link} user={chosen} /> : null}
      {mayDisable && disable !== undefined && chosen && isOther ? (
        <ConfirmForm
          isRemoval
          action={disableUserAction}
          id={chosen.id}
          question={t('access.disableConfirm', { name: chosen.name })}
          yes={t('access.disableYes', { name: chosen.name })}
          back="/access"
        />
      ) : null}
      <UserTable users={users} ownId={caller.userId} maySave={maySave} mayDisable={mayDisable} />
    </>
  )
}
