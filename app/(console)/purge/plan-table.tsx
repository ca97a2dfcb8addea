'use client'

import { useTranslations } from 'use-intl'
import { panel } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import { type CacheKind, capabilities } from '#lib/core/capabilities.ts'

export type PlanCache = { id: number; name: string; kind: string; tier: 'edge' | 'shield'; status: string }

/** What will happen on each kind of cache, before anything is submitted. */
export function PlanTable({ caches }: { caches: readonly PlanCache[] }) {
  const t = useTranslations()
  const groups = [...Map.groupBy(caches, (cache) => `${cache.kind}/${cache.tier}`)]
  return (
    <div className="mt-4">
      <ScrollTable label={t('plan.caption')} width="min-w-[520px]">
        <thead>
          <tr className="border-line border-b text-left text-muted text-xs [&>th]:px-3 [&>th]:py-2 [&>th]:font-medium">
            <th className="w-[38%]">{t('plan.caches')}</th>
            <th className="w-[90px]">{t('plan.how')}</th>
            <th>{t('plan.what')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(([key, members]) => (
            <tr key={key} className="border-line border-b last:border-b-0 [&>td]:px-3 [&>td]:py-2">
              <td>
                {members
                  .slice(0, 6)
                  .map((cache) => cache.name)
                  .join(' · ')}
                {members.length > 6 ? ` ${t('plan.more', { count: members.length - 6 })}` : ''}{' '}
                <span className="text-muted">
                  {t(`cacheKind.${members[0]?.kind as CacheKind}`)}, {t(`tier.${members[0]?.tier ?? 'edge'}`)}
                </span>
              </td>
              <td>
                <span className="rounded-full bg-accent-soft px-2 py-px text-accent text-xs">
                  {t('plan.native')}
                </span>
              </td>
              <td>
                <WhatHappens
                  members={members}
                  behindShield={groups.some(([other]) => other.endsWith('/shield'))}
                />
              </td>
            </tr>
          ))}
          {groups.length === 0 ? (
            <tr>
              <td colSpan={3} className="px-3 py-2 text-muted">
                {t('plan.none')}
              </td>
            </tr>
          ) : null}
        </tbody>
      </ScrollTable>
    </div>
  )
}

function WhatHappens({ members, behindShield }: { members: readonly PlanCache[]; behindShield: boolean }) {
  const t = useTranslations('plan')
  const [first] = members
  if (!first) return null
  const { raceSafe, inFlightMs } = capabilities[first.kind as CacheKind]
  const waiting = members.filter((cache) => cache.status === 'waiting' || cache.status === 'paused')
  const again =
    first.tier === 'edge' && behindShield
      ? t('afterShield')
      : raceSafe
        ? t('once')
        : t('again', { seconds: inFlightMs / 1000 })
  return (
    <>
      {t('removed')} {again}
      {waiting.length > 0 ? (
        <span className="text-wait">
          {' '}
          {t('waits', { names: waiting.map((cache) => cache.name).join(', '), count: waiting.length })}
        </span>
      ) : null}
    </>
  )
}
