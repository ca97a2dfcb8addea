'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { ActForm } from '#components/act-form.tsx'
import { Moment, useZoneName } from '#components/moment.tsx'
import { link, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { UserView } from '#lib/operations/save-user.ts'
import { enableUserAction } from './actions.ts'
import { PolicyNames } from './policy-names.tsx'

type Rights = {
  ownId: number | null
  /** The address of this list. */
  back: string
  maySave: boolean
  mayDisable: boolean
  mayAttach: boolean
  mayGrant: boolean
  mayEnd: boolean
}

/** The users of the account and what may be done with them. */
export function UserTable({ users, ...rights }: { users: UserView[] } & Rights) {
  const t = useTranslations('access')
  const zone = useZoneName()
  const { ownId: _own, back: _back, ...acts } = rights
  const hasActs = Object.values(acts).some(Boolean)
  return (
    <ScrollTable label={t('title')} width="min-w-[920px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[142px] md:w-[20%]">{t('name')}</th>
          <th className="w-[142px] md:w-[18%]">{t('may')}</th>
          <th>{t('state')}</th>
          <th className="w-[150px] text-right">
            {t('lastSeen')} <span suppressHydrationWarning>{zone}</span>
          </th>
          {hasActs ? (
            <th className="w-[340px]">
              <span className="sr-only">{t('acts')}</span>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr
            key={user.id}
            className="h-9 border-line border-b last:border-b-0 hover:bg-sunk [&>td]:px-3 [&>td]:py-1.5"
          >
            <td className="truncate" title={user.name}>
              {user.name} {user.id === rights.ownId ? <span className="text-muted">{t('you')}</span> : null}
            </td>
            <td className="truncate">
              <May user={user} />
            </td>
            <td className="whitespace-nowrap">
              <State user={user} />
            </td>
            <td className="whitespace-nowrap text-right text-muted">
              {user.lastSeenAt ? <Moment at={user.lastSeenAt} /> : t('never')}
            </td>
            {hasActs ? (
              <td>
                <Acts user={user} {...rights} />
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}

/** What a user may do, in words. */
function May({ user }: { user: UserView }) {
  const t = useTranslations('access')
  if (user.role === 'owner') return t('owner')
  return <PolicyNames policies={user.policies} />
}

function State({ user: { state, linkExpiresAt, signIn, mustChange } }: { user: UserView }) {
  const t = useTranslations('access')
  if (state === 'disabled') return <span className="text-muted">{t('disabled')}</span>
  if (!signIn) return <span className="text-wait">{t('signInOff')}</span>
  if (state === 'active' && mustChange) return <span className="text-wait">{t('mustChange')}</span>
  if (state === 'invited' && !linkExpiresAt) return <span className="text-wait">{t('linkExpired')}</span>
  const words = state === 'invited' ? t('invited') : linkExpiresAt ? t('activeLink') : t('active')
  return (
    <span className={state === 'active' ? 'text-accent' : ''}>
      {words} {linkExpiresAt ? <Moment at={linkExpiresAt} /> : null}
    </span>
  )
}

function Acts({
  user: { id, role, state, signIn },
  ownId,
  back,
  maySave,
  mayDisable,
  mayAttach,
  mayGrant,
  mayEnd,
}: { user: UserView } & Rights) {
  const t = useTranslations('access')
  if (role === 'owner') return null
  const isOther = id !== ownId
  const asking = (act: string) => `${back}${back.includes('?') ? '&' : '?'}${act}=${id}`
  return (
    <div className="flex justify-end gap-x-3 whitespace-nowrap">
      {mayGrant && isOther ? (
        <Link href={asking('grant')} className={link}>
          {t('grant.act')}
        </Link>
      ) : null}
      {mayAttach && isOther ? (
        <Link href={asking('change')} className={link}>
          {t('change')}
        </Link>
      ) : null}
      {mayEnd && isOther ? (
        <Link href={`/access/sign-in/${id}`} className={link}>
          {t('signIn')}
        </Link>
      ) : null}
      {maySave && state !== 'disabled' && signIn ? (
        <Link href={asking('link')} className={link}>
          {t('newLink')}
        </Link>
      ) : null}
      {mayDisable && isOther && state !== 'disabled' ? (
        <Link href={asking('disable')} className={link}>
          {t('disable')}
        </Link>
      ) : null}
      {mayDisable && isOther && state === 'disabled' ? (
        <ActForm action={enableUserAction} given={{ id, back }} text={t('enable')} look={link} />
      ) : null}
    </div>
  )
}
