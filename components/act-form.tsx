'use client'

import { useActionState } from 'react'
import type { FormAction } from './form-state.ts'
import { Refusal } from './refusal.tsx'
import { ActionForm } from './ui/action-form.tsx'
import { button } from './ui/classes.ts'

type Props = {
  action: FormAction<void>
  /** What the action is told, by name. */
  given?: Record<string, string | number | undefined>
  text: string
  /** Classes of the button: `dangerButton` where something is taken away, `link` in a row. */
  look?: string
}

/** A button that does one thing, and says so where it was refused. */
export function ActForm({ action, given = {}, text, look = button }: Props) {
  const [state, submit, pending] = useActionState(action, { is: 'idle' })
  return (
    <ActionForm action={submit}>
      {Object.entries(given).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" className={look} disabled={pending}>
        {text}
      </button>
      <Refusal state={state} />
    </ActionForm>
  )
}
