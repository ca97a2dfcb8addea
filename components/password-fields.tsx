'use client'

import { useTranslations } from 'use-intl'
import { NewPasswordField } from './new-password-field.tsx'
import { Field } from './ui/field.tsx'

/** The present password and the new one, for somebody who is signed in. */
export function PasswordFields({ name }: { name: string }) {
  const t = useTranslations('newPassword')
  return (
    <>
      {/* For password managers, which would keep the password without a name. */}
      <input name="username" value={name} autoComplete="username" readOnly hidden />
      <Field
        name="present"
        label={t('present')}
        type="password"
        autoComplete="current-password"
        required
        autoFocus
      />
      <NewPasswordField />
    </>
  )
}
