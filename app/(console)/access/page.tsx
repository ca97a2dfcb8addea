import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { policiesSeen } from '#app/reads.ts'
import { requireCaller } from '#app/session.ts'
import { ConfirmForm } from '#components/confirm-form.tsx'
import { Denied, denial, ifPermitted } from '#components/denied.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { rowsOfPage } from '#lib/core/list-part.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { attachPolicies, grantAccess } from '#lib/operations/save-policy.ts'
import { addUser, disableUser, listUsers } from '#lib/operations/save-user.ts'
import { endSession } from '#lib/operations/user-sign-in.ts'
import { AccessHead } from './access-head.tsx'
import { disableUserAction } from './actions.ts'
import { GrantForm } from './grant-form.tsx'
import { HoldForm } from './hold-form.tsx'
import { LinkForm } from './link-form.tsx'
import { type AskedPart, addressOf, PartOfList, partOf } from './list-part.tsx'
import { AddForm } from './user-form.tsx'
import { UserTable } from './user-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('access.title') }
}

type Asked = AskedPart & { add?: string; change?: string; grant?: string; link?: string; disable?: string }

export default async function AccessPage({ searchParams }: { searchParams: Promise<Asked> }) {
  const caller = await requireCaller('/access')
  const { add, change, grant, link, disable, ...place } = await searchParams
  const part = partOf(place)
  const [t, users] = await Promise.all([getTranslations(), listUsers(caller, part).catch(denial)])
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
  const mayAttach = mayAnywhere(caller, attachPolicies.action)
  const mayGrant = mayAnywhere(caller, grantAccess.action)
  const asked = change ?? grant ?? link ?? disable
  const [found] = asked === undefined ? [] : await listUsers(caller, { id: Number(asked) || 0 })
  const chosen = found?.role === 'user' ? found : undefined
  const back = addressOf('/access', part)
  const isOther = chosen?.id !== caller.userId
  return (
    <>
      <AccessHead caller={caller} at="users">
        {maySave ? (
          <Link href="/access?add=1" className={primaryButton}>
            {t('access.add')}
          </Link>
        ) : null}
      </AccessHead>
      {maySave ? null : <p className="mb-4">{t('access.onlyLooking')}</p>}
      {maySave && add !== undefined ? <AddForm policies={await policiesSeen(caller)} /> : null}
      {mayAttach && change !== undefined && chosen && isOther ? (
        <HoldForm
          key={change}
          holder={{ is: 'user', ...chosen }}
          policies={await policiesSeen(caller)}
          held={chosen.policies.filter((policy) => policy.group === null).map((policy) => policy.name)}
          back={back}
        />
      ) : null}
      {mayGrant && grant !== undefined && chosen && isOther ? (
        <GrantForm
          key={grant}
          holder={{ is: 'user', ...chosen }}
          domains={(await ifPermitted(listDomains(caller, {}), [])).map((domain) => domain.name)}
          back={back}
        />
      ) : null}
      {maySave && link !== undefined && chosen ? <LinkForm key={link} user={chosen} /> : null}
      {mayDisable && disable !== undefined && chosen && isOther ? (
        <ConfirmForm
          isRemoval
          action={disableUserAction}
          id={chosen.id}
          question={t('access.disableConfirm', { name: chosen.name })}
          yes={t('access.disableYes', { name: chosen.name })}
          back={back}
        />
      ) : null}
      <PartOfList path="/access" part={part} count={users.length}>
        <UserTable
          users={users.slice(0, rowsOfPage)}
          ownId={caller.userId}
          back={back}
          maySave={maySave}
          mayDisable={mayDisable}
          mayAttach={mayAttach}
          mayGrant={mayGrant}
          mayEnd={mayAnywhere(caller, endSession.action)}
        />
      </PartOfList>
    </>
  )
}
