'use client'

import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { Refusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { signInAction } from './actions.ts'

export function SignInForm({ next }: { next: string }) {
  const t = useTranslations('signIn')
  const [state, submit, pending] = useActionState(signInAction, { is: 'idle' })
  return (
    <ActionForm action={submit} className="space-y-4">
      <input type="hidden" name="next" value={next} />
      <Field name="name" label={t('name')} autoComplete="username" required autoFocus />
      <Field name="password" label={t('password')} type="password" autoComplete="current-password" required />
      <Refusal state={state} />
      <button type="submit" className={`${primaryButton} w-full`} disabled={pending}>
        {t('submit')}
      </button>
    </ActionForm>
  )
}
