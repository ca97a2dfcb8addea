import type { ComponentProps } from 'react'
import { field } from './classes.ts'

/** A labelled choice among a few. */
export function Select({
  label,
  help,
  name,
  options,
  ...select
}: ComponentProps<'select'> & {
  name: string
  label: string
  help?: string
  options: { value: string; text: string }[]
}) {
  return (
    <div>
      <label htmlFor={name} className="mb-1 block font-medium">
        {label}
      </label>
      <select
        id={name}
        name={name}
        className={field}
        aria-describedby={help ? `${name}-help` : undefined}
        {...select}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
      {help ? (
        <p id={`${name}-help`} className="mt-1 text-muted text-xs">
          {help}
        </p>
      ) : null}
    </div>
  )
}
