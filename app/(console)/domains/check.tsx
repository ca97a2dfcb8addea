/** A choice that is made or not, with its help. */
export function Check({
  name,
  label,
  help,
  defaultChecked,
}: {
  name: string
  label: string
  help?: string
  defaultChecked: boolean
}) {
  return (
    <div>
      <label className="flex min-h-[28px] items-center gap-2">
        <input
          type="checkbox"
          name={name}
          defaultChecked={defaultChecked}
          className="size-4 accent-accent"
          aria-describedby={help ? `${name}-help` : undefined}
        />
        {label}
      </label>
      {help ? (
        <p id={`${name}-help`} className="text-muted text-xs">
          {help}
        </p>
      ) : null}
    </div>
  )
}
