import type { ReactNode } from 'react'

/** The head of a page: what it is, one sentence, and its main acts at the right. */
export function PageTitle({
  title,
  intro,
  children,
}: {
  title: string
  intro: string
  children?: ReactNode
}) {
  return (
    <div className="mb-4 flex flex-wrap items-start gap-x-2.5 gap-y-2">
      <div className="mr-auto">
        <h1 className="font-semibold text-lg tracking-tight">{title}</h1>
        <p className="text-muted">{intro}</p>
      </div>
      {children ? <div className="flex flex-wrap gap-2">{children}</div> : null}
    </div>
  )
}
