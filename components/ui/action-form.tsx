'use client'

import { type ComponentProps, startTransition } from 'react'

/**
 * A form whose action answers with state. With script the fields keep what was written, where a
 * plain action would empty them after a refusal; without script it is a plain form.
 */
export function ActionForm({
  action,
  ...form
}: Omit<ComponentProps<'form'>, 'action' | 'onSubmit'> & { action: (data: FormData) => void }) {
  return (
    <form
      {...form}
      action={action}
      onSubmit={(event) => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        startTransition(() => action(data))
      }}
    />
  )
}
