import type { ComponentProps, ReactNode } from 'react'
import { field } from '#components/ui/classes.ts'

/** A labelled box for lines of text in a fixed width, with its help and with what was refused about it. */
export function TextArea({
  label,
  help,
  refused,
  name,
  ...area
}: ComponentProps<'textarea'> & {
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
      <textarea
        id={name}
        name={name}
        rows={3}
        spellCheck={false}
        className={`${field} font-mono text-sm`}
        aria-describedby={described || undefined}
        aria-invalid={refused ? true : undefined}
        {...area}
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
