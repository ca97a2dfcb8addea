'use client'

import { useFormatter, useTranslations } from 'use-intl'
import { tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import { methods } from '#lib/core/line.ts'
import type { Limits } from '#lib/core/quota.ts'
import { offsetName } from './words.ts'

/** The limits that are not counted over a day. */
export function OtherLimits({ limits }: { limits: Limits }) {
  const t = useTranslations()
  const format = useFormatter()
  const { perSubmission, perCall, perMinute, urgentPerMinute, dayOffsetMinutes, warnAtPercent } = limits
  return (
    <section className="mb-6">
      <h2 className="mb-2 font-semibold">{t('quotaPage.others')}</h2>
      <ScrollTable label={t('quotaPage.others')} width="min-w-[500px]">
        <thead>
          <tr className={tableHead}>
            <th>{t('quotaPage.what')}</th>
            <th className="w-[120px] text-right sm:w-[180px]">{t('quotaPage.perSubmission')}</th>
            <th className="w-[120px] text-right sm:w-[180px]">{t('quotaPage.perCall')}</th>
            <th className="w-[140px] text-right sm:w-[220px]">{t('quotaPage.perMinute')}</th>
          </tr>
        </thead>
        <tbody className="text-muted">
          {methods.map((pool) => (
            <tr
              key={pool}
              className="border-line border-b last:border-b-0 [&>td]:px-3 [&>td]:py-1 [&>td]:text-right"
            >
              <th scope="row" className="px-3 py-1 text-left font-normal">
                {t(`method.${pool}`)}
              </th>
              <td>{format.number(perSubmission[pool])}</td>
              <td>{format.number(perCall[pool])}</td>
              <td>
                {pool === 'url' || pool === 'directory'
                  ? format.number(perMinute[pool])
                  : t('quotaPage.noLimit')}
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
      <p className="mt-2 text-muted">
        {t('quotaPage.urgent', { count: urgentPerMinute })}{' '}
        {t('quotaPage.dayBegins', { offset: offsetName(dayOffsetMinutes), share: warnAtPercent })}
      </p>
    </section>
  )
}
