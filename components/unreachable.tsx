'use client'

import { useTranslations } from 'use-intl'

/** Whether the console can be reached: an action that fails on the way would take the page down. */
export async function consoleAnswers(): Promise<boolean> {
  try {
    return (await fetch('/api/health', { cache: 'no-store' })).ok
  } catch {
    return false
  }
}

/** Says that nothing was submitted, because the console cannot be reached. */
export function Unreachable() {
  const t = useTranslations('form')
  return (
    <p role="alert" className="mt-2 rounded-md bg-wait-soft px-3 py-2 text-wait">
      {t('unreachable')}
    </p>
  )
}
