'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { UsageBar, useResetTime } from '#components/quota-meter.tsx'
import { link, panel } from '#components/ui/classes.ts'
import type { Overview } from '#lib/core/overview.ts'

/** What is left of each pool today. */
export function QuotaLeft({ overview: { pools, resetsAtMs } }: { overview: Overview }) {
  const t = useTranslations()
  const clock = useResetTime()
  return (
    <section className={`${panel} px-3.5 py-3`} aria-labelledby="quota-left">
      <div className="mb-1.5 flex items-baseline justify-between">
        <h2 id="quota-left" className="font-medium text-muted text-xs" suppressHydrationWarning>
          {t('overview.leftUntil', { at: clock(new Date(resetsAtMs).toISOString()) })}
        </h2>
        <Link href="/quotas" className={`${link} text-xs`}>
          {t('nav.quotas')}
        </Link>
      </div>
      <dl>
        {pools.map((state) => (
          <div key={state.pool} className="py-1">
            <dt className="float-left">{t(`method.${state.pool}`)}</dt>
            <dd>
              <span className={`block text-right ${state.warns && state.limit > 0 ? 'text-wait' : ''}`}>
                {t('overview.leftOf', { left: state.left, limit: state.limit })}
              </span>
              <UsageBar state={state} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
