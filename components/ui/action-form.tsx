'use client'

import { type ComponentProps, startTransition, useRef, useState } from 'react'
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
  const looking = useRef(false)

  const send = async (data: FormData) => {
    // A second click while the first one is on its way would be a second act.
    if (looking.current) return
    looking.current = true
    const found = await findObstacle(data)
    looking.current = false
    setObstacle(found)
    if (!found) startTransition(() => action(data))
  }

  return (
    <form
      {...form}
      action={action}
      onSubmit={(event) => {
        event.preventDefault()
        void send(new FormData(event.currentTarget))
      }}
    >
      {children}
      <Obstructed by={obstacle} />
    </form>
  )
}
