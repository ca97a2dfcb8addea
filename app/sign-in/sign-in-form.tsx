'use client'

import { useActionState, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { FormState } from '#components/form-state.ts'
import { Refusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { signInAction } from './actions.ts'

export function SignInForm({ next }: { next: string }) {
  const t = useTranslations('signIn')
  const [state, submit, pending] = useActionState(signInAction, { is: 'idle' })
  const left = useSecondsLeft(state)
  return (
    <ActionForm action={submit} className="space-y-4">
      <input type="hidden" name="next" value={next} />
      <Field name="name" label={t('name')} autoComplete="username" required autoFocus />
      <Field name="password" label={t('password')} type="password" autoComplete="current-password" required />
      <Refusal state={left === 0 ? { is: 'idle' } : state} />
      {left === null ? null : <Countdown left={left} />}
      <button type="submit" className={`${primaryButton} w-full`} disabled={pending}>
        {t('submit')}
      </button>
    </ActionForm>
  )
}

/** How long it is until the next try. The button stays: another name may be tried at once. */
function Countdown({ left }: { left: number }) {
  const t = useTranslations('signIn')
  // A timer is not read out each second; the sentence above it was, with the seconds.
  return (
    <p role="timer" className="text-muted">
      {left > 0 ? t('wait', { seconds: left }) : t('waited')}
    </p>
  )
}

/** Null where nobody has to wait. */
function useSecondsLeft(state: FormState<void>): number | null {
  const [left, setLeft] = useState<number | null>(null)
  useEffect(() => {
    if (state.is !== 'refused' || state.code !== 'TooManyWrongSignIns') return setLeft(null)
    const endMs = performance.now() + Number(state.details.seconds) * 1000
    const tick = () => setLeft(Math.max(0, Math.ceil((endMs - performance.now()) / 1000)))
    tick()
    const timer = setInterval(tick, 500)
    return () => clearInterval(timer)
  }, [state])
  return left
}
