'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { Refusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { button, panel, primaryButton } from '#components/ui/classes.ts'
import { newLinkAction } from './actions.ts'
import { LinkPanel } from './link-panel.tsx'

/** Makes a new link for a lost password or a lost link, once somebody has said yes. */
export function LinkForm({ user }: { user: { id: number; name: string } }) {
  const t = useTranslations('access')
  const [state, submit, pending] = useActionState(newLinkAction, { is: 'idle' })
  if (state.is === 'done') return <LinkPanel link={state.answer} />
  const { id, name } = user
  return (
    <ActionForm action={submit} className={`${panel} mb-4 flex flex-wrap items-center gap-2.5 p-3`}>
      <input type="hidden" name="id" value={id} />
      <p className="mr-auto">{t('newLinkConfirm', { name })}</p>
      <Link href="/access" className={button}>
        {t('cancel')}
      </Link>
      <button type="submit" className={primaryButton} disabled={pending}>
        {t('newLinkYes', { name })}
      </button>
      <Refusal state={state} />
    </ActionForm>
  )
}
