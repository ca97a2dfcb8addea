import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function AuditLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['audit']}>{children}</Sentences>
}
