'use client'

import { useTranslations } from 'use-intl'
import { tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { summarise } from '#lib/core/policy.ts'

type Props = { name: string; rights: ReturnType<typeof summarise> }

const mostShown = 500
const looks = { yes: 'text-accent', partly: 'text-wait', no: 'text-muted' }

/** What somebody may do, one domain a line. */
export function RightsTable({ name, rights }: Props) {
  const t = useTranslations('access')
  return (
    <>
      <h2 className="mb-2 font-semibold">{t('simulate.rights', { name })}</h2>
      {rights.length === 0 ? (
        <p className="text-muted">{t('simulate.noDomains')}</p>
      ) : (
        <ScrollTable label={t('simulate.rights', { name })} width="min-w-[560px]">
          <thead>
            <tr className={tableHead}>
              <th>{t('requests.domain')}</th>
              <th className="w-[140px]">{t('grant.see')}</th>
              <th className="w-[140px]">{t('grant.purge')}</th>
              <th className="w-[140px]">{t('grant.prefetch')}</th>
            </tr>
          </thead>
          <tbody>
            {rights.slice(0, mostShown).map(({ domain, ...may }) => (
              <tr key={domain} className="h-9 border-line border-b last:border-b-0 hover:bg-sunk [&>td]:px-3">
                <td className="font-mono text-sm">{domain}</td>
                {(['see', 'purge', 'prefetch'] as const).map((verb) => (
                  <td key={verb} className={looks[may[verb]]}>
                    {t(`simulate.${may[verb]}`)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
      {rights.length > mostShown ? (
        <p className="mt-2 text-muted">{t('simulate.more', { count: rights.length - mostShown })}</p>
      ) : null}
    </>
  )
}
