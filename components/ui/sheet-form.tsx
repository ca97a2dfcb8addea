'use client'

import Link from 'next/link'
import { type ReactNode, useActionState } from 'react'
import { useTranslations } from 'use-intl'
import type { FormAction } from '../form-state.ts'
import { Refusable } from '../refusal.tsx'
import { ActionForm } from './action-form.tsx'
import { button, panel, primaryButton } from './classes.ts'

type Props<Answer> = {
  action: FormAction<Answer>
  title: string
  help?: ReactNode
  save: string
  /** Where *Cancel* leads, and the action where it leaves the page. */
  back: string
  /** What stands in the place of the form once it is done; without it the action leaves the page. */
  done?: (answer: Answer) => ReactNode
  children: ReactNode
}

/** A form on a panel, with its two buttons and with what was refused. */
export function SheetForm<Answer>({ action, title, help, save, back, done, children }: Props<Answer>) {
  const t = useTranslations('form')
  const [state, submit, pending] = useActionState(action, { is: 'idle' })
  if (state.is === 'done' && done) return done(state.answer)
  return (
    <ActionForm action={submit} className={`${panel} mb-4 space-y-4 p-4`}>
      <div>
        <h2 className="font-semibold">{title}</h2>
        {help ? <div className="text-muted">{help}</div> : null}
      </div>
      <input type="hidden" name="back" value={back} />
      <Refusable state={state}>{children}</Refusable>
      <div className="flex gap-2">
        <button type="submit" className={primaryButton} disabled={pending}>
          {save}
        </button>
        <Link href={back} className={button}>
          {t('cancel')}
        </Link>
      </div>
    </ActionForm>
  )
}
