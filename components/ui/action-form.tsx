'use client'

import { type ComponentProps, startTransition, useState } from 'react'
import { consoleAnswers, Unreachable } from '../unreachable.tsx'

/**
 * A form whose action answers with state. With script the fields keep what was written, where a
 * plain action would empty them after a refusal; without script it is a plain form.
 */
export function ActionForm({
  action,
  children,
  ...form
}: Omit<ComponentProps<'form'>, 'action' | 'onSubmit'> & { action: (data: FormData) => void }) {
  const [cut, setCut] = useState(false)
  return (
    <form
      {...form}
      action={action}
      onSubmit={async (event) => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        const reachable = await consoleAnswers()
        setCut(!reachable)
        if (reachable) startTransition(() => action(data))
      }}
    >
      {children}
      {cut ? <Unreachable /> : null}
    </form>
  )
}
