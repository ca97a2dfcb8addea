import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function RecordsLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['history']}>{children}</Sentences>
}
