'use client'

import { useActionState } from 'react'
import type { FormAction } from './form-state.ts'
import { Refusal } from './refusal.tsx'
import { ActionForm } from './ui/action-form.tsx'
import { button, dangerButton } from './ui/classes.ts'

type Props = {
  action: FormAction<void>
  /** What the action is told, by name. */
  given?: Record<string, string | number>
  text: string
  /** Whether something is taken away. */
  isRemoval?: boolean
}

/** A button that does one thing, and says so where it was refused. */
export function ActForm({ action, given = {}, text, isRemoval }: Props) {
  const [state, submit, pending] = useActionState(action, { is: 'idle' })
  return (
    <ActionForm action={submit}>
      {Object.entries(given).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" className={isRemoval ? dangerButton : button} disabled={pending}>
        {text}
      </button>
      <Refusal state={state} />
    </ActionForm>
  )
}
