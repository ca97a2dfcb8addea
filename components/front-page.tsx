import type { ReactNode } from 'react'
import { Brand } from './brand.tsx'

/** The frame of the pages in front of the console: one narrow panel. */
export function FrontPage({
  title,
  intro,
  children,
}: {
  title: string
  intro?: string
  children?: ReactNode
}) {
  return (
    <main className="mx-auto flex min-h-screen max-w-[400px] flex-col justify-center px-4 py-10">
      <div className="mb-6">
        <Brand />
      </div>
      <div className="rounded-lg border border-line bg-panel p-6">
        <h1 className="font-semibold text-lg tracking-tight">{title}</h1>
        {intro ? <p className="mt-1 mb-5 text-muted">{intro}</p> : <div className="mb-4" />}
        {children}
      </div>
    </main>
  )
}
