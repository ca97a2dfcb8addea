'use client'

import { useRouter } from 'next/navigation'
import { useOffline } from 'next/offline'
import { useCallback, useEffect, useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { isReachable } from '#components/obstacle.tsx'
import { link } from '#components/ui/classes.ts'
import { useLiveTasks, useRightsChange } from '#components/use-live-tasks.ts'

/** A stream that is cut is mostly back by then, as after a restart of the console. */
const patienceMs = 2_000

/** Says while the console cannot be reached how old the page is, over its foot, so that nothing moves. */
export function Connection() {
  const t = useTranslations('connection')
  const format = useFormatter()
  const router = useRouter()
  const [since, setSince] = useLostSince()
  useRightsChange(useCallback(() => router.refresh(), [router]))
  const [tried, setTried] = useState<'asking' | Date | null>(null)
  const timeOf = (moment: Date, withSeconds = false) =>
    format.dateTime(moment, {
      hour: '2-digit',
      minute: '2-digit',
      ...(withSeconds ? { second: '2-digit' } : {}),
      hourCycle: 'h23',
    })

  const tryNow = async () => {
    setTried('asking')
    if (!(await isReachable())) return setTried(new Date())
    setTried(null)
    setSince(new Date())
    router.refresh()
  }

  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-4 z-20 flex justify-center px-4">
      {since ? (
        <p className="pointer-events-auto flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-wait bg-wait-soft px-3.5 py-2">
          <span>{t('lost', { time: timeOf(since) })}</span>
          {tried instanceof Date ? (
            <span className="text-wait">{t('noAnswer', { time: timeOf(tried, true) })}</span>
          ) : null}
          <button type="button" className={link} disabled={tried === 'asking'} onClick={tryNow}>
            {t(tried === 'asking' ? 'trying' : 'tryNow')}
          </button>
        </p>
      ) : null}
    </div>
  )
}

/** Since when what the page shows may be out of date; null while it is not. */
function useLostSince() {
  const isOffline = useOffline()
  const router = useRouter()
  const { cut, refused } = useLiveTasks()
  // The page is read again, which leads to where the server now sends its reader.
  useEffect(() => {
    if (refused) router.refresh()
  }, [refused, router])
  const [since, setSince] = useState<Date | null>(null)
  useEffect(() => {
    if (!isOffline && !cut) return setSince(null)
    const now = new Date()
    const timer = setTimeout(() => setSince((known) => known ?? now), isOffline ? 0 : patienceMs)
    return () => clearTimeout(timer)
  }, [isOffline, cut])
  return [since, setSince] as const
}
