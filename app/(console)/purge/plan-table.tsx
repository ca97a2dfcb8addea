'use client'

import { useTranslations } from 'use-intl'
import { tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import { type CacheKind, capabilities } from '#lib/core/capabilities.ts'
import type { Mode } from '#lib/core/command.ts'
import { deviations } from '#lib/core/plan.ts'
import type { SubmissionLine } from '#lib/core/submission.ts'

export type PlanCache = { id: number; name: string; kind: string; tier: 'edge' | 'shield'; status: string }

type Props = {
  caches: readonly PlanCache[]
  lines: readonly SubmissionLine[]
  mode: Mode
  forbidden: boolean
  /** Prefetches that leave the edges out. */
  shieldsOnly: boolean
}

/** What will happen on each kind of cache, before anything is submitted. */
export function PlanTable({ caches, lines, mode, forbidden, shieldsOnly }: Props) {
  const t = useTranslations()
  const groups = [...Map.groupBy(caches, (cache) => `${cache.kind}/${cache.tier}`)]
  const behindShield = caches.some((cache) => cache.tier === 'shield')
  const isPrefetch = lines[0]?.kind === 'prefetch'
  return (
    <div className="mt-4">
      <ScrollTable label={t('plan.caption')} width="sm:min-w-[520px]">
        <thead>
          <tr className={tableHead}>
            <th className="w-[34%]">{t('plan.caches')}</th>
            <th className="w-[96px]">{t('plan.how')}</th>
            <th>{t('plan.what')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(([key, members]) => (
            <tr key={key} className="border-line border-b align-top last:border-b-0 [&>td]:px-3 [&>td]:py-2">
              <td>
                <Members members={members} />
              </td>
              <td>
                <How members={members} lines={lines} mode={mode} />
              </td>
              <td>
                {isPrefetch ? (
                  <Fetches members={members} behindShield={behindShield} shieldsOnly={shieldsOnly} />
                ) : (
                  <Purges
                    members={members}
                    behindShield={behindShield}
                    lines={lines}
                    mode={mode}
                    forbidden={forbidden}
                  />
                )}
                <Waiting members={members} />
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

type Group = { members: readonly PlanCache[] }

function Members({ members }: Group) {
  const t = useTranslations()
  const [first] = members
  const names = members.slice(0, 6).map((cache) => cache.name)
  return (
    <>
      {names.join(' · ')}
      {members.length > 6 ? ` ${t('plan.more', { count: members.length - 6 })}` : ''}{' '}
      <span className="text-muted">
        {t(`cacheKind.${first?.kind as CacheKind}`)}, {t(`tier.${first?.tier ?? 'edge'}`)}
      </span>
    </>
  )
}

/** Where a cache only knows a harder way, that is said before anything is submitted. */
function How({ members, lines, mode }: Group & Pick<Props, 'lines' | 'mode'>) {
  const t = useTranslations('plan')
  const isHarder =
    deviations(
      lines,
      mode,
      members.map((cache) => cache.kind),
    ).length > 0
  const tone = isHarder ? 'bg-wait-soft text-wait' : 'bg-accent-soft text-accent'
  return (
    <span className={`whitespace-nowrap rounded-full px-2 py-px text-xs ${tone}`}>
      {isHarder ? t('harder') : t('native')}
    </span>
  )
}

function Purges({
  members,
  behindShield,
  lines,
  mode,
  forbidden,
}: Group & { behindShield: boolean } & Pick<Props, 'lines' | 'mode' | 'forbidden'>) {
  const t = useTranslations('plan')
  const [first] = members
  if (!first) return null
  const { raceSafe, inFlightMs } = capabilities[first.kind as CacheKind]
  const [deviation] = deviations(lines, mode, [first.kind])
  const again =
    first.tier === 'edge' && behindShield
      ? t('afterShield')
      : raceSafe
        ? t('once')
        : t('again', { seconds: inFlightMs / 1000 })
  const isAll = deviation?.lines === lines.length
  return (
    <>
      {deviation ? (
        <span className="text-wait">
          {isAll ? t('onlyHard') : t('someHard', { count: deviation.lines })}{' '}
        </span>
      ) : null}
      {isAll || mode === 'hard' ? t('removed') : t('kept')} {again}
      {forbidden ? ` ${t('twiceHard')}` : ''}
    </>
  )
}

function Fetches({
  members,
  behindShield,
  shieldsOnly,
}: Group & { behindShield: boolean } & Pick<Props, 'shieldsOnly'>) {
  const t = useTranslations('plan')
  if (members[0]?.tier === 'shield') return <>{t('fetchFirst')}</>
  if (behindShield && shieldsOnly) return <span className="text-muted">{t('fetchNot')}</span>
  return <>{behindShield ? t('fetchFromShield') : t('fetchFromOrigin')}</>
}

function Waiting({ members }: Group) {
  const t = useTranslations('plan')
  const waiting = members.filter((cache) => cache.status === 'waiting' || cache.status === 'paused')
  if (waiting.length === 0) return null
  return (
    <span className="text-wait">
      {' '}
      {t('waits', { names: waiting.map((cache) => cache.name).join(', '), count: waiting.length })}
    </span>
  )
}
