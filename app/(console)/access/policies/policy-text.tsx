import { panel } from '#components/ui/classes.ts'

/** A policy that is only read. */
export function PolicyText({ name, says, text }: { name: string; says: string; text: string }) {
  return (
    <section className={`${panel} mb-4 p-4`} aria-label={name}>
      <h2 className="font-semibold">{name}</h2>
      {says ? <p className="text-muted">{says}</p> : null}
      <pre className="mt-3 overflow-x-auto rounded-md bg-sunk p-3 font-mono text-sm">{text}</pre>
    </section>
  )
}
