'use client'

import Link from 'next/link'
import { type ReactNode, useActionState } from 'react'
import { useTranslations } from 'use-intl'
import type { FormAction } from './form-state.ts'
import { Refusal } from './refusal.tsx'
import { ActionForm } from './ui/action-form.tsx'
import { button, dangerButton, primaryButton } from './ui/classes.ts'

type Props<Answer> = {
  action: FormAction<Answer>
  id: number | string
  question: string
  yes: string
  back: string
  /** Whether something is taken away. */
  isRemoval?: boolean
  /** What stands in the place of the question once it is done; without it the action leaves the page. */
  done?: (answer: Answer) => ReactNode
}

/** Asks once more before something is done that cannot be undone by a click. */
export function ConfirmForm<Answer>({ action, id, question, yes, back, isRemoval, done }: Props<Answer>) {
  const t = useTranslations('form')
  const [state, submit, pending] = useActionState(action, { is: 'idle' })
  if (state.is === 'done' && done) return done(state.answer)
  return (
    <ActionForm
      action={submit}
      className={`mb-4 flex flex-wrap items-center gap-2.5 rounded-lg border bg-panel p-3 ${isRemoval ? 'border-fail' : 'border-line'}`}
    >
      <input type="hidden" name="id" value={id} />
      <input type="hidden" name="back" value={back} />
      <p className="mr-auto">{question}</p>
      <Link href={back} className={button}>
        {t('cancel')}
      </Link>
      <button type="submit" className={isRemoval ? dangerButton : primaryButton} disabled={pending}>
        {yes}
      </button>
      <Refusal state={state} />
    </ActionForm>
  )
}
