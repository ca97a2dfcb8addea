'use client'

import { useFormatter, useNow, useTimeZone, useTranslations } from 'use-intl'

/** When something happened: the reader's time zone named, UTC on hover. */
export function Moment({ at, zone = false }: { at: string; zone?: boolean }) {
  const format = useFormatter()
  const timeZone = useTimeZone()
  const today = format.dateTime(useNow(), { dateStyle: 'short' })
  const moment = new Date(at)
  const isToday = format.dateTime(moment, { dateStyle: 'short' }) === today
  return (
    <time dateTime={at} title={`${at.replace('T', ' ').replace(/\.\d+Z$/, '')} UTC`} suppressHydrationWarning>
      {format.dateTime(moment, {
        ...(isToday ? {} : { month: 'short', day: 'numeric' }),
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hourCycle: 'h23',
        ...(zone ? { timeZoneName: 'short' } : {}),
        ...(timeZone ? { timeZone } : {}),
      })}
    </time>
  )
}

/** The name of the reader's time zone, such as `GMT+1`. */
export function useZoneName(): string {
  const format = useFormatter()
  const timeZone = useTimeZone()
  const now = useNow()
  const withName = format.dateTime(now, { timeZoneName: 'short', ...(timeZone ? { timeZone } : {}) })
  return withName.match(/(UTC|GMT\S*|[A-Z]{2,5})/)?.[0] ?? ''
}

/** A span of time as people say it. */
export function useDuration(): (ms: number) => string {
  const t = useTranslations('duration')
  return (ms) => {
    if (ms < 1000) return t('ms', { count: Math.round(ms) })
    const seconds = ms / 1000
    if (seconds < 10) return t('seconds', { count: seconds.toFixed(1) })
    if (seconds < 120) return t('seconds', { count: String(Math.round(seconds)) })
    const minutes = seconds / 60
    if (minutes < 120) return t('minutes', { count: Math.round(minutes) })
    if (minutes < 2880) return t('hours', { count: Math.round(minutes / 60) })
    return t('days', { count: Math.round(minutes / 1440) })
  }
}
