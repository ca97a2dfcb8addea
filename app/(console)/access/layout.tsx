import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function AccessLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['access', 'policy', 'sessions', 'userSignIn']}>{children}</Sentences>
}
