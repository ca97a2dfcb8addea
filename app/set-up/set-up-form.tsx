'use client'

import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { NewPasswordField } from '#components/new-password-field.tsx'
import { Refusable } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { setUpAction } from './actions.ts'

export function SetUpForm({ token }: { token: string }) {
  const t = useTranslations('setUp')
  const [state, submit, pending] = useActionState(setUpAction, { is: 'idle' })
  return (
    <ActionForm action={submit} className="space-y-4">
      <input type="hidden" name="token" value={token} />
      <Refusable state={state}>
        <Field name="account" label={t('account')} help={t('accountHelp')} required autoFocus />
        <Field name="owner" label={t('owner')} autoComplete="username" required />
        <NewPasswordField />
      </Refusable>
      <button type="submit" className={`${primaryButton} w-full`} disabled={pending}>
        {t('submit')}
      </button>
    </ActionForm>
  )
}
