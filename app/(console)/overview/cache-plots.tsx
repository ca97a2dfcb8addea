'use client'

import Link from 'next/link'
import { useFormatter, useTranslations } from 'use-intl'
import { useDuration } from '#components/moment.tsx'
import { link, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { CacheKind } from '#lib/core/capabilities.ts'
import {
  type CacheFigures,
  type CacheLine,
  isHeld,
  mostOpen,
  type Overview,
  type Range,
  rangeSpans,
  scaleOf,
} from '#lib/core/overview.ts'
import { FiguresRow } from './figures-row.tsx'
import { PlotLink } from './plot-link.tsx'

/** Each cache with its health, its times as a plot and as figures, and what it has before it. */
export function CachePlots({ overview }: { overview: Overview }) {
  const t = useTranslations('overview')
  const duration = useDuration()
  const { range, caches, cacheCount, figures } = overview
  const top = scaleOf(caches.map((cache) => cache.series))
  return (
    <div className="min-w-0">
      <ScrollTable label={t('caches')} width="min-w-[790px] min-[1340px]:min-w-0">
        <thead>
          <tr className={`${tableHead} align-bottom`}>
            <th>{t('cache')}</th>
            <th className="w-[76px]">{t('health')}</th>
            <th className="w-[206px]">
              {t('plotHead', { slot: t(`slot.${rangeSpans[range].plot}` as never), top: duration(top) })}
            </th>
            <th className="w-[72px] text-right">{t('appliedP50')}</th>
            <th className="w-[72px] text-right">{t('appliedP99')}</th>
            <th className="w-[84px] text-right">{t('confirmedP99')}</th>
            <th className="w-[62px] text-right">{t('lag')}</th>
            <th className="w-[70px] text-right">{t('waiting')}</th>
          </tr>
        </thead>
        <tbody>
          {caches.map((cache) => (
            <CacheRows
              key={cache.id}
              cache={cache}
              range={range}
              top={top}
              figures={figures?.cacheId === cache.id ? figures : null}
            />
          ))}
        </tbody>
      </ScrollTable>
      <p className="mt-2 max-w-[790px] text-muted text-xs">{t('help')}</p>
      {cacheCount > caches.length ? (
        <p className="mt-2">
          <Link href="/caches" className={link}>
            {t('allCaches', { count: cacheCount })}
          </Link>
        </p>
      ) : null}
    </div>
  )
}

/** What an echo may take is no lag yet. */
const lagsFromMs = 10_000

type RowProps = { cache: CacheLine; range: Range; top: number; figures: CacheFigures | null }

function CacheRows({ cache, range, top, figures }: RowProps) {
  const t = useTranslations()
  const duration = useDuration()
  const format = useFormatter()
  const held = isHeld(cache)
  const time = (ms: number | null) => (ms === null ? '–' : duration(ms))
  const kind = t(`cacheKind.${cache.kind as CacheKind}`)
  return (
    <>
      <tr
        className={`h-[44px] border-line border-t first:border-t-0 [&>td]:px-3 ${held ? 'bg-wait-soft' : 'bg-panel'}`}
      >
        <th
          scope="row"
          className="sticky left-0 truncate bg-inherit px-3 text-left font-normal"
          title={`${cache.name} ${cache.pop}`}
        >
          {cache.name}
          <span className={`block truncate text-xs ${held ? '' : 'text-muted'}`}>
            {cache.tier === 'shield' ? `${kind} · ${t('tier.shield')}` : kind}
          </span>
        </th>
        <td className={held ? 'text-wait' : cache.status === 'up' ? 'text-accent' : 'text-muted'}>
          {t(`caches.health_${cache.status}`)}
        </td>
        <td>
          <PlotLink cache={cache} range={range} top={top} isOpen={figures !== null} />
        </td>
        <td className="whitespace-nowrap text-right">{time(cache.p50)}</td>
        <td className="whitespace-nowrap text-right">{time(cache.p99)}</td>
        <td className="whitespace-nowrap text-right">{time(cache.confirmedP99)}</td>
        <td className={`whitespace-nowrap text-right ${cache.lagMs >= lagsFromMs ? 'text-wait' : ''}`}>
          {/* A purge that has just come is no lag. */}
          {cache.lagMs < 1000 ? t('duration.seconds', { count: '0' }) : duration(cache.lagMs)}
        </td>
        <td className="text-right">
          {format.number(cache.waiting)}
          {cache.waiting === mostOpen ? '+' : ''}
        </td>
      </tr>
      {figures ? <FiguresRow cache={cache} range={range} figures={figures} /> : null}
    </>
  )
}
