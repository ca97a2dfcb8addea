import type { ReactNode } from 'react'

/** A word or two about a state; its tone is said in colour, and by the words. */
export function Chip({ tone, children }: { tone: string; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 whitespace-nowrap rounded-full px-2 py-px text-xs ${tone}`}
    >
      <span className="size-[7px] rounded-full bg-current" aria-hidden="true" />
      {children}
    </span>
  )
}
