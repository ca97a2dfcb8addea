'use client'

import { type ComponentProps, startTransition, useState } from 'react'
import { findObstacle, type Obstacle, Obstructed } from '../obstacle.tsx'

/**
 * A form whose action answers with state. With script the fields keep what was written, where a
 * plain action would empty them after a refusal; without script it is a plain form.
 */
export function ActionForm({
  action,
  children,
  ...form
}: Omit<ComponentProps<'form'>, 'action' | 'onSubmit'> & { action: (data: FormData) => void }) {
  const [obstacle, setObstacle] = useState<Obstacle | null>(null)
  return (
    <form
      {...form}
      action={action}
      onSubmit={async (event) => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        const found = await findObstacle(data)
        setObstacle(found)
        if (!found) startTransition(() => action(data))
      }}
    >
      {children}
      <Obstructed by={obstacle} />
    </form>
  )
}
