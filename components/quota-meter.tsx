'use client'

import { useFormatter, useTimeZone, useTranslations } from 'use-intl'
import type { PoolState } from '#lib/core/quota.ts'

/** What is left of a pool today, as a sentence and as a bar; amber from the warning on. */
export function QuotaMeter({ state, resetsAt }: { state: PoolState; resetsAt: string }) {
  const t = useTranslations('quota')
  const at = useResetTime()(resetsAt)
  const { limit, left, warns } = state
  return (
    <span
      className={`inline-flex items-center gap-2 whitespace-nowrap ${warns ? 'text-wait' : 'text-muted'}`}
    >
      <span title={t('resets', { at })} suppressHydrationWarning>
        {t('left', { left, limit })}
        <span className="sr-only">{t('resets', { at })}</span>
      </span>
      <span className="w-[90px]" aria-hidden="true">
        <UsageBar state={state} />
      </span>
    </span>
  )
}

/** How much of a limit is used; what it shows stands beside it in words. */
export function UsageBar({ state }: { state: Pick<PoolState, 'used' | 'limit' | 'warns'> }) {
  const { used, limit, warns } = state
  const share = limit === 0 ? 0 : Math.min(1, used / limit)
  // Drawn, because the page's policy allows no style attributes.
  return (
    <svg
      className="block h-1.5 w-full rounded-full"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect width="100" height="6" className="fill-idle" />
      <rect
        width={100 * share}
        height="6"
        className={`transition-[width] duration-150 ${warns ? 'fill-wait' : 'fill-confirmed'}`}
      />
    </svg>
  )
}

/** The time of a reset as the reader's clock shows it, with the zone. */
export function useResetTime(): (at: string) => string {
  const format = useFormatter()
  const timeZone = useTimeZone()
  return (at) =>
    format.dateTime(new Date(at), {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
      ...(timeZone ? { timeZone } : {}),
    })
}
