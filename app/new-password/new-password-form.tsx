'use client'

import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { PasswordFields } from '#components/password-fields.tsx'
import { Refusable } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { newPasswordAction } from './actions.ts'

export function NewPasswordForm({ next, name }: { next: string; name: string }) {
  const t = useTranslations('newPassword')
  const [state, submit, pending] = useActionState(newPasswordAction, { is: 'idle' })
  return (
    <ActionForm action={submit} className="space-y-4">
      <input type="hidden" name="next" value={next} />
      <Refusable state={state}>
        <PasswordFields name={name} />
      </Refusable>
      <button type="submit" className={`${primaryButton} w-full`} disabled={pending}>
        {t('submit')}
      </button>
    </ActionForm>
  )
}
