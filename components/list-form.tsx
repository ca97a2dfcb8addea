'use client'

import Link from 'next/link'
import { type ReactNode, useActionState, useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import type { FormAction } from './form-state.ts'
import { Refusal } from './refusal.tsx'
import { ActionForm } from './ui/action-form.tsx'
import { button, field, panel, primaryButton } from './ui/classes.ts'

type Props = {
  action: FormAction<number>
  title: string
  label: string
  help: string
  example: string
  save: string
  added: (count: number) => string
  back: string
  children?: ReactNode
}

/** Adds many things from a pasted list, all of them or none. */
export function ListForm({ action, title, label, help, example, save, added, back, children }: Props) {
  const t = useTranslations('form')
  const [state, submit, pending] = useActionState(action, { is: 'idle' })
  const box = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    // A list of caches holds their secrets.
    if (state.is === 'done' && box.current) box.current.value = ''
  }, [state])
  return (
    <ActionForm action={submit} className={`${panel} mb-4 p-4`}>
      <h2 className="mb-3 font-semibold">{title}</h2>
      <label htmlFor="list" className="mb-1 block font-medium">
        {label}
      </label>
      <textarea
        ref={box}
        id="list"
        name="text"
        rows={6}
        required
        spellCheck={false}
        aria-describedby="list-help"
        placeholder={example}
        className={`${field} font-mono text-sm`}
      />
      <p id="list-help" className="mt-1 mb-3 text-muted text-xs">
        {help}
      </p>
      {children}
      <div className="my-3" role="status">
        {state.is === 'done' ? <p className="text-accent">{added(state.answer)}</p> : null}
      </div>
      <Refusal state={state} />
      <div className="mt-3 flex gap-2">
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
