'use client'

import { useTranslations } from 'use-intl'
import { maxBodyBytes, maxStrangerBytes } from '#lib/core/body-limits.ts'

/** Why a form cannot be sent now. */
export type Obstacle = 'unreachable' | 'tooLong' | 'signedOut'

/** What an action would fail on before it begins, which would take the page down. */
export async function findObstacle(form: FormData): Promise<Obstacle | null> {
  const { size } = await new Response(form).blob()
  if (size > maxBodyBytes) return 'tooLong'
  try {
    if (!(await isReachable())) return 'unreachable'
    // A short form of somebody who is signed out leads to signing in; a long one would not be let in.
    const isOpen = size <= maxStrangerBytes || (await (await ask('/api/auth/session')).json()) !== null
    return isOpen ? null : 'signedOut'
  } catch {
    return 'unreachable'
  }
}

/** Whether the console answers, and reaches its database. */
export const isReachable = () =>
  ask('/api/health').then(
    ({ ok }) => ok,
    () => false,
  )

const ask = (path: string) => fetch(path, { cache: 'no-store' })

/** Says why nothing was submitted. */
export function Obstructed({ by }: { by: Obstacle | null }) {
  const t = useTranslations('form')
  if (!by) return null
  return (
    <p role="alert" className="mt-2 rounded-md bg-wait-soft px-3 py-2 text-wait">
      {t(by, { limit: maxBodyBytes / 2 ** 20 })}
    </p>
  )
}
