'use client'

import { field } from '#components/ui/classes.ts'

/** A choice among domains that may be thousands: typing narrows it down. */
export function Domains({
  name,
  label,
  domains,
  value,
  onChange,
}: {
  name: string
  label: string
  domains: readonly string[]
  value: string
  onChange: (value: string) => void
}) {
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <label htmlFor={name} className="font-medium">
        {label}
      </label>
      <input
        id={name}
        name={name}
        list={`${name}-list`}
        autoComplete="off"
        spellCheck={false}
        className={`${field} max-w-[320px] font-mono text-sm`}
        value={value}
        onChange={(event) => onChange(event.target.value.trim().toLowerCase())}
      />
      <datalist id={`${name}-list`}>
        {domains.map((domain) => (
          <option key={domain} value={domain} />
        ))}
      </datalist>
    </div>
  )
}
