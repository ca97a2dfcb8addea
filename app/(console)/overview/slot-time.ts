'use client'

import { useFormatter, useTimeZone } from 'use-intl'
import type { Range } from '#lib/core/overview.ts'

/** The beginning of a slot as the reader's clock shows it, with the day where a range has several. */
export function useSlotTime(range: Range): (atMs: number) => string {
  const format = useFormatter()
  const timeZone = useTimeZone()
  const day = range === '7d' || range === '30d' ? { month: 'short', day: 'numeric' } : {}
  return (atMs) =>
    format.dateTime(new Date(atMs), {
      ...(day as { month?: 'short'; day?: 'numeric' }),
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...(timeZone ? { timeZone } : {}),
    })
}
