'use client'

import { useFormatter, useTranslations } from 'use-intl'
import { useDuration } from '#components/moment.tsx'
import type { CacheFigures, CacheLine, Range } from '#lib/core/overview.ts'
import { useSlotTime } from './slot-time.ts'

type Slot = CacheFigures['slots'][number]

/** The figures of one plot, under it: a column for each slot. */
export function FiguresRow({
  cache,
  range,
  figures: { slots },
}: {
  cache: CacheLine
  range: Range
  figures: CacheFigures
}) {
  const t = useTranslations('overview')
  const format = useFormatter()
  const duration = useDuration()
  const clock = useSlotTime(range)
  const time = (ms: number | null) => (ms === null ? '–' : duration(ms))
  const rows: [string, (slot: Slot) => string][] = [
    [t('purges'), (slot) => format.number(slot.purges)],
    [t('appliedP50'), (slot) => time(slot.p50)],
    [t('appliedP99'), (slot) => time(slot.p99)],
    [t('confirmedP99'), (slot) => time(slot.confirmedP99)],
  ]
  const label = t('figuresOf', { name: cache.name })
  return (
    <tr>
      <td colSpan={8} className="bg-sunk p-0">
        <section aria-label={label} tabIndex={0} className="relative overflow-x-auto px-3 py-2">
          <table className="text-xs [&_td]:whitespace-nowrap [&_td]:py-0.5 [&_td]:pl-4 [&_td]:text-right [&_th]:whitespace-nowrap [&_th]:font-normal [&_th]:text-muted">
            <caption className="sr-only">{label}</caption>
            <thead>
              <tr>
                <th scope="col" className="text-left">
                  {t('from')}
                </th>
                {slots.map((slot) => (
                  <th key={slot.atMs} scope="col" className="pl-4 text-right" suppressHydrationWarning>
                    {clock(slot.atMs)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([name, of]) => (
                <tr key={name}>
                  <th scope="row" className="text-left">
                    {name}
                  </th>
                  {slots.map((slot) => (
                    <td key={slot.atMs}>{of(slot)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </td>
    </tr>
  )
}
