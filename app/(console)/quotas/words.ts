'use client'

import { useFormatter, useNow, useTranslations } from 'use-intl'
import type { QuotaRequestView } from '#lib/operations/describe-refresh-quota.ts'

/** A bandwidth as people say it: 200 Mbit/s, 10 Gbit/s. */
export function useBandwidth(): (mbps: number) => string {
  const format = useFormatter()
  return (mbps) =>
    mbps >= 1000
      ? `${format.number(mbps / 1000, { maximumFractionDigits: 1 })} Gbit/s`
      : `${format.number(mbps)} Mbit/s`
}

/** A day without a time, such as the last one of a raise: the same day in every zone. */
export function useDay(): (day: string) => string {
  const format = useFormatter()
  const year = useNow().toISOString().slice(0, 4)
  return (day) =>
    format.dateTime(new Date(`${day}T00:00:00Z`), {
      timeZone: 'UTC',
      day: 'numeric',
      month: 'short',
      ...(day.startsWith(year) ? {} : { year: 'numeric' }),
    })
}

/** What a request asks for, and until when. */
export function useWish(): (request: Pick<QuotaRequestView, 'pool' | 'wanted' | 'until'>) => string {
  const t = useTranslations('quotaPage')
  const day = useDay()
  return ({ pool, wanted, until }) =>
    t('wish', {
      amount: t(`amount.${pool}`, { count: wanted }),
      until: until === null ? t('forGood') : t('until', { until: day(until) }),
    })
}

/** Minutes east of UTC as `UTC+08:00`. */
export function offsetName(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const pad = (value: number) => String(value).padStart(2, '0')
  return `UTC${minutes < 0 ? '−' : '+'}${pad(hours)}:${pad(rest)}`
}
