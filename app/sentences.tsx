import type { ReactNode } from 'react'
import { AddSentences } from '#components/providers.tsx'
import { type Messages, preferences } from './i18n.ts'
import type { PageSentences } from './page-sentences.ts'

/** Gives what is inside the sentences that only some pages show; every page has the others. */
export async function Sentences({ of, children }: { of: readonly PageSentences[]; children: ReactNode }) {
  const { messages } = await preferences()
  const own: Partial<Messages> = {}
  for (const name of of) Object.assign(own, { [name]: messages[name] })
  return <AddSentences messages={own}>{children}</AddSentences>
}
