'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Moment, useZoneName } from '#components/moment.tsx'
import { link, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { AccessKeyView } from '#lib/operations/access-keys.ts'

/** One's own keys, of which one is looked at. */
export function OwnKeys({ keys, chosen }: { keys: AccessKeyView[]; chosen: string }) {
  const t = useTranslations('api')
  const zone = useZoneName()
  return (
    <ScrollTable label={t('keys')} width="min-w-[760px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[240px]">{t('key')}</th>
          <th className="w-[110px]">{t('state')}</th>
          <th className="w-[170px]">
            {t('lastUsed')} <span suppressHydrationWarning>{zone}</span>
          </th>
          <th>{t('lastCall')}</th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr
            key={key.id}
            className="h-9 border-line border-b last:border-b-0 hover:bg-sunk has-[[aria-current]]:bg-sunk [&>td]:px-3 [&>td]:py-1.5"
          >
            <td className="font-mono text-sm">
              <Link
                href={`/api?key=${key.id}`}
                scroll={false}
                className={link}
                aria-current={key.id === chosen ? 'true' : undefined}
              >
                {key.id}
              </Link>
            </td>
            <td className={key.enabled ? '' : 'text-muted'}>{t(key.enabled ? 'enabled' : 'disabled')}</td>
            <td className="whitespace-nowrap text-muted">
              {key.lastUsedAt ? <Moment at={key.lastUsedAt} /> : t('never')}
            </td>
            <td className="truncate text-muted">
              {key.lastUsedAction ? `${key.lastUsedAction}, ${key.lastUsedAddress}` : ''}
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}
