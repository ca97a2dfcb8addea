'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { useDuration } from '#components/moment.tsx'
import { UsageBar, useResetTime } from '#components/quota-meter.tsx'
import { link, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import { useTickingNow } from '#components/use-now.ts'
import type { PoolState } from '#lib/core/quota.ts'
import type { Raise } from '#lib/operations/describe-refresh-quota.ts'
import { useDay } from './words.ts'

type Queue = { queued: number; limit: number; warnAtPercent: number }

/** What is used and left of each pool today, and of the prefetch queue. */
export function PoolTable({
  pools,
  raises,
  queue,
  resetsAt,
  mayAsk,
}: {
  pools: PoolState[]
  raises: Raise[]
  queue: Queue
  resetsAt: string
  mayAsk: boolean
}) {
  const t = useTranslations()
  const day = useDay()
  const raised = (pool: string) => {
    const raise = raises.find((one) => one.pool === pool)
    return raise ? t('quotaPage.raised', { ...raise, until: day(raise.until) }) : ''
  }
  const { queued, limit, warnAtPercent } = queue
  const queueState = {
    used: queued,
    limit,
    left: Math.max(0, limit - queued),
    warns: queued * 100 >= limit * warnAtPercent,
  }
  return (
    <section className="mb-6">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-2.5">
        <h2 className="font-semibold">{t('quotaPage.today')}</h2>
        <ResetTime at={resetsAt} />
      </div>
      <ScrollTable label={t('quotaPage.today')} width="min-w-[800px]">
        <thead>
          <tr className={tableHead}>
            <th className="w-[150px] md:w-[18%]">{t('quotaPage.what')}</th>
            <th className="w-[76px] md:w-[20%]">
              <span className="sr-only">{t('quotaPage.percent')}</span>
            </th>
            <th className="w-[132px] text-right md:w-[180px]">{t('quotaPage.used')}</th>
            <th className="w-[64px] text-right">%</th>
            <th className="w-[86px] text-right">{t('quotaPage.left')}</th>
            <th>
              <span className="sr-only">{t('quotaPage.noteHead')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {pools.map((state) => (
            <UseRow key={state.pool} name={t(`method.${state.pool}`)} state={state} note={raised(state.pool)}>
              {mayAsk && state.warns ? (
                <Link
                  href={`/quotas?ask=${state.pool}`}
                  className={link}
                  aria-label={t('quotaPage.askFor', { pool: t(`method.${state.pool}`) })}
                >
                  {t('quotaPage.ask')}
                </Link>
              ) : null}
            </UseRow>
          ))}
          <UseRow name={t('quotaPage.queue')} state={queueState} note={t('quotaPage.queueSays')} />
        </tbody>
      </ScrollTable>
    </section>
  )
}

function UseRow({
  name,
  state,
  note,
  children,
}: {
  name: string
  state: Omit<PoolState, 'pool'>
  note: string
  children?: ReactNode
}) {
  const t = useTranslations('quotaPage')
  const format = useFormatter()
  const { used, limit, left, warns } = state
  const words = limit === 0 ? t('off') : left === 0 ? t('usedUp') : warns ? t('nearly') : ''
  const tone = warns && limit > 0 ? 'text-wait' : ''
  return (
    <tr className="h-9 border-line border-b last:border-b-0 [&>td]:px-3 [&>td]:py-1.5">
      <td className="truncate">{name}</td>
      <td>
        <UsageBar state={state} />
      </td>
      <td className="whitespace-nowrap text-right">{t('usedOf', { used, limit })}</td>
      <td className={`text-right ${tone}`}>
        {limit === 0 ? '–' : format.number(shareOf(used, limit), { style: 'percent' })}
      </td>
      <td className={`text-right ${tone}`}>{format.number(left)}</td>
      <td>
        <span className="flex flex-wrap gap-x-3">
          {words ? <span className={limit > 0 ? 'text-wait' : 'text-muted'}>{words}</span> : null}
          {note ? <span className="text-muted">{note}</span> : null}
          {children}
        </span>
      </td>
    </tr>
  )
}

/** In whole percents, and neither nothing nor everything before it is that. */
function shareOf(used: number, limit: number): number {
  const percent = (used / limit) * 100
  return (percent < 1 ? Math.ceil(percent) : Math.floor(percent)) / 100
}

function ResetTime({ at }: { at: string }) {
  const t = useTranslations('quotaPage')
  const duration = useDuration()
  const clock = useResetTime()
  const left = Math.max(0, Date.parse(at) - useTickingNow(true))
  return (
    <p className="text-muted" suppressHydrationWarning>
      {t('resets', { at: clock(at), span: duration(left) })}
    </p>
  )
}
