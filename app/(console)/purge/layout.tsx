import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function PurgeLayout({ children }: { children: ReactNode }) {
  return (
    <Sentences
      of={['purge', 'demo', 'first', 'submission', 'problem', 'notice', 'plan', 'prefetch', 'preview']}
    >
      {children}
    </Sentences>
  )
}
