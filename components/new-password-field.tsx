'use client'

import { useTranslations } from 'use-intl'
import { Field } from './ui/field.tsx'

/** Where somebody chooses a password, with the rule for it. */
export function NewPasswordField({ autoFocus = false }: { autoFocus?: boolean }) {
  const t = useTranslations('newPassword')
  return (
    <Field
      name="password"
      label={t('password')}
      help={t('rule')}
      type="password"
      autoComplete="new-password"
      minLength={12}
      required
      autoFocus={autoFocus}
    />
  )
}
