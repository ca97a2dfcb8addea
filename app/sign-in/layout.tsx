import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function SignInLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['signIn']}>{children}</Sentences>
}
