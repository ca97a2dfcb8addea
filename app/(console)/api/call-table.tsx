'use client'

import { useFormatter, useTranslations } from 'use-intl'
import { Moment, useZoneName } from '#components/moment.tsx'
import { tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { CallView } from '#lib/operations/list-calls.ts'

/** What a key asked, and what it was answered. */
export function CallTable({ calls }: { calls: CallView[] }) {
  const t = useTranslations('api')
  const format = useFormatter()
  const zone = useZoneName()
  return (
    <ScrollTable label={t('callsLabel')} width="min-w-[1040px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[150px]">
            {t('at')} <span suppressHydrationWarning>{zone}</span>
          </th>
          <th className="w-[250px]">{t('action')}</th>
          <th>{t('answer')}</th>
          <th className="w-[84px] text-right">{t('took')}</th>
          <th className="w-[120px]">{t('from')}</th>
          <th className="w-[310px]">{t('requestId')}</th>
        </tr>
      </thead>
      <tbody>
        {calls.map(({ requestId, at, action, status, code, tookMs, address }) => (
          <tr
            key={requestId}
            className="h-9 border-line border-b last:border-b-0 hover:bg-sunk [&>td]:px-3 [&>td]:py-1.5"
          >
            <td className="whitespace-nowrap text-muted">
              <Moment at={at} />
            </td>
            <td className="truncate" title={action}>
              {action}
            </td>
            <td className={`truncate ${code ? 'text-fail' : ''}`} title={code}>
              {status} {code}
            </td>
            <td className="whitespace-nowrap text-right">{t('ms', { count: format.number(tookMs) })}</td>
            <td className="truncate font-mono text-sm" title={address}>
              {address}
            </td>
            <td className="truncate font-mono text-sm" title={requestId}>
              {requestId}
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}
