'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import type { FormState } from './form-state.ts'
import { Refusal } from './refusal.tsx'
import { ActionForm } from './ui/action-form.tsx'
import { button, dangerButton } from './ui/classes.ts'

type Props = {
  action: (before: FormState<void>, form: FormData) => Promise<FormState<void>>
  id: number
  question: string
  yes: string
  back: string
}

/** Asks once more before something is taken away. */
export function RemoveForm({ action, id, question, yes, back }: Props) {
  const t = useTranslations('caches')
  const [state, submit, pending] = useActionState(action, { is: 'idle' })
  return (
    <ActionForm
      action={submit}
      className="mb-4 flex flex-wrap items-center gap-2.5 rounded-lg border border-fail bg-panel p-3"
    >
      <input type="hidden" name="id" value={id} />
      <p className="mr-auto">{question}</p>
      <Link href={back} className={button}>
        {t('cancel')}
      </Link>
      <button type="submit" className={dangerButton} disabled={pending}>
        {yes}
      </button>
      <Refusal state={state} />
    </ActionForm>
  )
}
