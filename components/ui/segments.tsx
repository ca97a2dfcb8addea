'use client'

/** One choice among a few that stand side by side; radio buttons, so that it works without script. */
export function Segments<Value extends string>({
  label,
  name,
  value,
  options,
  onChange,
}: {
  label: string
  name: string
  value: Value
  options: { value: Value; text: string; disabled?: string | undefined }[]
  onChange: (value: Value) => void
}) {
  return (
    <fieldset className="flex max-w-full flex-wrap rounded-md border border-line bg-sunk p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          title={option.disabled}
          className="cursor-pointer rounded-[5px] border border-transparent px-2.5 py-1 text-muted hover:text-text has-checked:border-line-strong has-checked:bg-panel has-checked:font-medium has-checked:text-text has-disabled:cursor-not-allowed has-disabled:opacity-60 has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={value === option.value}
            disabled={option.disabled !== undefined}
            onChange={() => onChange(option.value)}
            className="sr-only"
          />
          {option.text}
        </label>
      ))}
    </fieldset>
  )
}
