'use client'

import { useTranslations } from 'use-intl'
import { ConfirmForm } from '#components/confirm-form.tsx'
import { newLinkAction } from './actions.ts'
import { LinkPanel } from './link-panel.tsx'

/** Makes a new link for a lost password or a lost link, once somebody has said yes. */
export function LinkForm({ user: { id, name } }: { user: { id: number; name: string } }) {
  const t = useTranslations('access')
  return (
    <ConfirmForm
      action={newLinkAction}
      id={id}
      question={t('newLinkConfirm', { name })}
      yes={t('newLinkYes', { name })}
      back="/access"
      done={(link) => <LinkPanel link={link} />}
    />
  )
}
