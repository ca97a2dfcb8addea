import type { ReactNode } from 'react'
import { Sentences } from '#app/sentences.tsx'
import ConsoleLayout from '../(console)/layout.tsx'

/** The frame of the console, also for somebody to whom nothing was granted. */
export default function YouLayout({ children }: { children: ReactNode }) {
  return (
    <ConsoleLayout isOwn>
      <Sentences of={['you', 'newPassword', 'sessions']}>{children}</Sentences>
    </ConsoleLayout>
  )
}
