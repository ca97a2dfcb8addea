'use client'

import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { NewPasswordField } from '#components/new-password-field.tsx'
import { Refusable } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { welcomeAction } from './actions.ts'

/** Lets somebody who was added choose a password. */
export function WelcomeForm({ token, name }: { token: string; name: string }) {
  const t = useTranslations('welcome')
  const [state, submit, pending] = useActionState(welcomeAction, { is: 'idle' })
  return (
    <ActionForm action={submit} className="space-y-4">
      <input type="hidden" name="token" value={token} />
      {/* For password managers, which would keep the password without a name. */}
      <input name="username" value={name} autoComplete="username" readOnly hidden />
      <Refusable state={state}>
        <NewPasswordField autoFocus />
      </Refusable>
      <button type="submit" className={`${primaryButton} w-full`} disabled={pending}>
        {t('submit')}
      </button>
    </ActionForm>
  )
}
