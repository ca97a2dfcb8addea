import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function ApiLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['api']}>{children}</Sentences>
}
