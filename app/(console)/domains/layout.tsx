import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function DomainsLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['domains', 'first']}>{children}</Sentences>
}
