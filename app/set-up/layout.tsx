import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function SetUpLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['newPassword', 'setUp']}>{children}</Sentences>
}
