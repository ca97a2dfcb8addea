import type { ReactNode } from 'react'
import { panel } from './classes.ts'

/** A table in a panel that scrolls sideways on its own where the page is narrow, by keyboard too. */
export function ScrollTable({
  label,
  width,
  children,
}: {
  label: string
  width: string
  children: ReactNode
}) {
  return (
    <section aria-label={label} tabIndex={0} className={`${panel} relative overflow-x-auto`}>
      <table className={`w-full table-fixed ${width}`}>{children}</table>
    </section>
  )
}
