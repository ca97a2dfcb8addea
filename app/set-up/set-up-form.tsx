'use client'

import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { Refusal, useRefusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { setUpAction } from './actions.ts'

export function SetUpForm({ token }: { token: string }) {
  const t = useTranslations('setUp')
  const sentence = useRefusal()
  const [state, submit, pending] = useActionState(setUpAction, { is: 'idle' })
  const refused = (field: string) =>
    state.is === 'refused' && state.details.field === field ? sentence(state) : undefined
  const elsewhere = state.is === 'refused' && typeof state.details.field !== 'string'
  return (
    <ActionForm action={submit} className="space-y-4">
      <input type="hidden" name="token" value={token} />
      <Field
        name="account"
        label={t('account')}
        help={t('accountHelp')}
        required
        autoFocus
        refused={refused('account')}
      />
      <Field name="owner" label={t('owner')} autoComplete="username" required refused={refused('owner')} />
      <Field
        name="password"
        label={t('password')}
        help={t('passwordHelp')}
        type="password"
        autoComplete="new-password"
        minLength={12}
        required
        refused={refused('password')}
      />
      <Refusal state={elsewhere ? state : { is: 'idle' }} />
      <button type="submit" className={`${primaryButton} w-full`} disabled={pending}>
        {t('submit')}
      </button>
    </ActionForm>
  )
}
