'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { useDuration } from '#components/moment.tsx'
import type { CacheLine, Range } from '#lib/core/overview.ts'

const [width, height] = [200, 30]

type Props = { cache: CacheLine; range: Range; top: number; isOpen: boolean }

/** The plot of a cache; it leads to its figures and back. */
export function PlotLink({ cache, range, top, isOpen }: Props) {
  const t = useTranslations('overview')
  const duration = useDuration()
  const values = cache.series.filter((value) => value !== null)
  const words =
    values.length === 0
      ? t('plotEmpty', { name: cache.name })
      : t('plotWords', {
          name: cache.name,
          least: duration(Math.min(...values)),
          most: duration(Math.max(...values)),
        })
  return (
    <Link
      href={isOpen ? `/?range=${range}` : `/?range=${range}&figures=${cache.id}`}
      prefetch={false}
      scroll={false}
      replace
      aria-expanded={isOpen}
      title={words}
      className="block rounded-[3px] hover:bg-sunk"
    >
      <span className="sr-only">{words}</span>
      <Plot series={cache.series} top={top} />
    </Link>
  )
}

/** A line by slot from 0 to `top`; slots without a purge interrupt it, what is above is amber at its edge. */
function Plot({ series, top }: { series: readonly (number | null)[]; top: number }) {
  const x = (at: number) => round(2 + (at * (width - 4)) / Math.max(1, series.length - 1))
  const y = (value: number) => round(height - 2 - Math.min(1, value / top) * (height - 5))
  const above = series.map((value, at) => ((value ?? 0) > top ? `M${x(at) - 1.5} 2h3` : '')).join('')
  return (
    <svg className="block w-full" height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} className="stroke-line" />
      <path
        d={pathOf(series, x, y)}
        className="fill-none stroke-confirmed"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d={above} className="stroke-wait" strokeWidth="3" />
    </svg>
  )
}

const round = (value: number) => Math.round(value * 10) / 10

/** A slot alone between two without a purge is a dot: a line of no length with round ends. */
function pathOf(
  series: readonly (number | null)[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  return series
    .map((value, at) => {
      if (value === null) return ''
      const isFirst = (series[at - 1] ?? null) === null
      const isAlone = isFirst && (series[at + 1] ?? null) === null
      return `${isFirst ? 'M' : 'L'}${x(at)} ${y(value)}${isAlone ? 'h0' : ''}`
    })
    .join('')
}
