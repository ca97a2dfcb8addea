'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Moment, useZoneName } from '#components/moment.tsx'
import { link, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import { isSystemPolicy } from '#lib/core/system-policies.ts'
import type { PolicyView, SystemPolicyView } from '#lib/operations/save-policy.ts'

type Props = { own: PolicyView[]; system: SystemPolicyView[] }
type Shown = SystemPolicyView & Partial<PolicyView>

/** The policies of the account, and those of every deployment, with who holds them. */
export function PolicyTable({ own, system }: Props) {
  const t = useTranslations('access.policies')
  const zone = useZoneName()
  return (
    <ScrollTable label={t('title')} width="min-w-[860px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[300px]">{t('name')}</th>
          <th>{t('holders')}</th>
          <th className="w-[110px] text-right">{t('statements')}</th>
          <th className="w-[230px] text-right">
            {t('changed')} <span suppressHydrationWarning>{zone}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {[...own, ...system].map((policy: Shown) => (
          <tr
            key={policy.name}
            className="h-9 border-line border-b last:border-b-0 hover:bg-sunk [&>td]:px-3 [&>td]:py-1.5"
          >
            <td className="max-w-0 truncate" title={policy.name}>
              <Link href={`/access/policies/${policy.name}`} prefetch={false} className={link}>
                {policy.name}
              </Link>
            </td>
            <td className="max-w-0 truncate" title={holdersOf(policy)}>
              {holdersOf(policy) || <span className="text-muted">{t('nobody')}</span>}
            </td>
            <td className="text-right tabular-nums">{policy.document.Statement.length}</td>
            <td className="whitespace-nowrap text-right text-muted">
              {policy.madeAt ? (
                <>
                  {policy.madeBy} <Moment at={policy.madeAt} />
                </>
              ) : (
                isSystemPolicy(policy.name) && t('system')
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}

const holdersOf = ({ users, groups }: Pick<PolicyView, 'users' | 'groups'>) =>
  [...groups, ...users].map((holder) => holder.name).join(', ')
