'use client'

import { useTranslations } from 'use-intl'
import { ActForm } from './act-form.tsx'
import type { FormAction } from './form-state.ts'
import { Moment, useZoneName } from './moment.tsx'
import { link, tableHead } from './ui/classes.ts'
import { ScrollTable } from './ui/scroll-table.tsx'

type Session = {
  id: string
  address: string
  browser: string | null
  system: string | null
  startedAt: string
  lastSeenAt: string
}
type Props = {
  sessions: readonly Session[]
  /** The session that looks at the table. */
  here?: string
  /** Whose they are, for an admin's action. */
  userId?: number
  /** Ends the session that the form names; without it nothing can be ended. */
  end: FormAction<void> | null
}

/** Where somebody is signed in. */
export function SessionTable({ sessions, here, userId, end }: Props) {
  const t = useTranslations('sessions')
  const zone = useZoneName()
  return (
    <ScrollTable label={t('title')} width="min-w-[760px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[200px] md:w-[34%]">{t('browser')}</th>
          <th>{t('address')}</th>
          <th className="w-[132px] text-right">
            {t('since')} <span suppressHydrationWarning>{zone}</span>
          </th>
          <th className="w-[132px] text-right">{t('lastSeen')}</th>
          <th className="w-[84px]">
            <span className="sr-only">{t('acts')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <tr
            key={session.id}
            className="h-9 border-line border-b last:border-b-0 hover:bg-sunk [&>td]:px-3 [&>td]:py-1.5"
          >
            <td className="truncate">
              <Browser session={session} />{' '}
              {session.id === here ? <span className="text-accent">{t('here')}</span> : null}
            </td>
            <td className="truncate font-mono text-sm" title={session.address}>
              {session.address}
            </td>
            <td className="whitespace-nowrap text-right text-muted">
              <Moment at={session.startedAt} />
            </td>
            <td className="whitespace-nowrap text-right text-muted">
              <Moment at={session.lastSeenAt} />
            </td>
            <td className="text-right">
              {end && session.id !== here ? (
                <ActForm
                  action={end}
                  given={{ session: session.id, id: userId }}
                  text={t('end')}
                  look={link}
                />
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}

function Browser({ session: { browser, system } }: { session: Session }) {
  const t = useTranslations('sessions')
  if (browser && system) return t('browserOn', { browser, system })
  return browser ?? system ?? t('otherBrowser')
}
