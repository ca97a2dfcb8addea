import type { ComponentProps, ReactNode } from 'react'
import { field } from './classes.ts'

/** A labelled input with its help, and with what was refused about it. */
export function Field({
  label,
  help,
  refused,
  name,
  ...input
}: ComponentProps<'input'> & {
  name: string
  label: string
  help?: ReactNode
  refused?: string | undefined
}) {
  const described = [help ? `${name}-help` : '', refused ? `${name}-refused` : ''].filter(Boolean).join(' ')
  return (
    <div>
      <label htmlFor={name} className="mb-1 block font-medium">
        {label}
      </label>
      <input
        id={name}
        name={name}
        className={field}
        aria-describedby={described || undefined}
        aria-invalid={refused ? true : undefined}
        {...input}
      />
      {help ? (
        <p id={`${name}-help`} className="mt-1 text-muted text-xs">
          {help}
        </p>
      ) : null}
      {refused ? (
        <p id={`${name}-refused`} className="mt-1 text-fail text-xs">
          {refused}
        </p>
      ) : null}
    </div>
  )
}
