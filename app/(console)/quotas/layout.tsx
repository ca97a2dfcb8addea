import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function QuotasLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['quotaPage']}>{children}</Sentences>
}
