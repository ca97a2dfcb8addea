'use client'

import { useFormatter, useTranslations } from 'use-intl'
import { panel, tableHead } from '#components/ui/classes.ts'
import { type Overview, rangeSpans, type TaskBar } from '#lib/core/overview.ts'
import { useSlotTime } from './slot-time.ts'

const height = 84

/** Tasks by the slot of their acceptance, stacked by what became of them, and the same as a table. */
export function TaskBars({ overview: { range, bars } }: { overview: Overview }) {
  const t = useTranslations('overview')
  const time = useSlotTime(range)
  const total = (of: 'complete' | 'failed' | 'open') => bars.reduce((sum, bar) => sum + bar[of], 0)
  const [complete, failed, open] = [total('complete'), total('failed'), total('open')]
  return (
    <section className={`${panel} px-3.5 py-3`} aria-labelledby="task-bars">
      <div className="flex items-baseline justify-between text-muted text-xs">
        <h2 id="task-bars" className="font-medium">
          {t(`tasksPer.${rangeSpans[range].bar}` as never)}
        </h2>
        <span>{t('most', { count: Math.max(...bars.map(sizeOf)) })}</span>
      </div>
      <p>{t('tasks', { count: complete + failed + open, failed, open })}</p>
      <Bars bars={bars} words={(bar) => `${time(bar.atMs)}: ${t('barWords', bar)}`} />
      <div className="flex justify-between gap-2 whitespace-nowrap text-muted text-xs">
        <span suppressHydrationWarning>{time(bars[0]?.atMs ?? 0)}</span>
        <span>{t('now')}</span>
      </div>
      <details className="mt-2">
        <summary className="text-muted text-xs hover:text-text">{t('asTable')}</summary>
        <BarTable bars={bars} time={time} />
      </details>
    </section>
  )
}

const sizeOf = ({ complete, failed, open }: TaskBar) => complete + failed + open

function Bars({ bars, words }: { bars: readonly TaskBar[]; words: (bar: TaskBar) => string }) {
  const most = Math.max(1, ...bars.map(sizeOf))
  const scale = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * height))
  return (
    <svg
      className="mt-2 mb-1.5 block h-[88px] w-full"
      viewBox={`0 0 ${bars.length * 4} 88`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {bars.map((bar, at) => {
        const [complete, failed, open] = [scale(bar.complete), scale(bar.failed), scale(bar.open)]
        const x = at * 4 + 0.5
        return (
          <g key={bar.atMs} suppressHydrationWarning>
            <title suppressHydrationWarning>{words(bar)}</title>
            <rect x={at * 4} width={4} height={88} fill="transparent" />
            <rect x={x} width={3} y={87 - complete} height={complete} className="fill-confirmed" />
            <rect x={x} width={3} y={87 - complete - failed} height={failed} className="fill-fail" />
            <rect x={x} width={3} y={87 - complete - failed - open} height={open} className="fill-applied" />
          </g>
        )
      })}
      <rect y={87} width={bars.length * 4} height={1} className="fill-line-strong" />
    </svg>
  )
}

function BarTable({ bars, time }: { bars: readonly TaskBar[]; time: (atMs: number) => string }) {
  const t = useTranslations('overview')
  const format = useFormatter()
  return (
    <div
      className="relative mt-1.5 max-h-[260px] overflow-auto"
      tabIndex={0}
      role="region"
      aria-label={t('asTable')}
    >
      <table className="w-full text-xs">
        <thead>
          <tr className={`${tableHead} [&>th]:px-1.5`}>
            <th>{t('from')}</th>
            {(['complete', 'failed', 'open', 'lines'] as const).map((name) => (
              <th key={name} className="text-right">
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.atMs} className="[&>td]:px-1.5 [&>td]:py-0.5">
              <th
                scope="row"
                className="whitespace-nowrap px-1.5 text-left font-normal"
                suppressHydrationWarning
              >
                {time(bar.atMs)}
              </th>
              <td className="text-right">{format.number(bar.complete)}</td>
              <td className={`text-right ${bar.failed > 0 ? 'text-fail' : ''}`}>
                {format.number(bar.failed)}
              </td>
              <td className="text-right">{format.number(bar.open)}</td>
              <td className="text-right">{format.number(bar.lines)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
