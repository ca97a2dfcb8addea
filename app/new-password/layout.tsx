import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function NewPasswordLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['newPassword', 'you']}>{children}</Sentences>
}
