import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function CachesLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['caches', 'first']}>{children}</Sentences>
}
