import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'

export default function WelcomeLayout({ children }: { children: ReactNode }) {
  return <Sentences of={['newPassword', 'welcome']}>{children}</Sentences>
}
