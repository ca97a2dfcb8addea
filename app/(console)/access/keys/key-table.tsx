'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Moment, useZoneName } from '#components/moment.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { link, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { AccessKeyView } from '#lib/operations/access-keys.ts'

type May = {
  /** The address of this list. */
  back: string
  mayChange: boolean
  mayDelete: boolean
}

/** Access keys with where they may be used, and where they were used last. */
export function KeyTable({ keys, ...may }: { keys: AccessKeyView[] } & May) {
  const t = useTranslations('access.keys')
  const zone = useZoneName()
  return (
    <ScrollTable label={t('title')} width="min-w-[1100px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[232px]">{t('id')}</th>
          <th className="w-[190px]">{t('user')}</th>
          <th className="w-[150px]">{t('state')}</th>
          <th>{t('networks')}</th>
          <th className="w-[260px]">
            {t('lastUsed')} <span suppressHydrationWarning>{zone}</span>
          </th>
          <th className="w-[130px]">
            <span className="sr-only">{t('acts')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr
            key={key.id}
            className="h-9 border-line border-b last:border-b-0 hover:bg-sunk [&>td]:px-3 [&>td]:py-1.5"
          >
            <td className="font-mono text-sm">{key.id}</td>
            <td className="truncate" title={key.userName}>
              {key.userName}
            </td>
            <td>
              <State of={key} />
            </td>
            <td className="max-w-0 truncate font-mono text-sm" title={key.networks.join(', ')}>
              {key.networks.join(', ') || <span className="font-sans text-muted">{t('anywhere')}</span>}
            </td>
            <td className="truncate">
              <LastUse of={key} />
            </td>
            <td>
              <Acts of={key} {...may} />
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}

function State({ of: { enabled, expiresAt } }: { of: AccessKeyView }) {
  const t = useTranslations('access.keys')
  if (!enabled) return <Chip tone="text-muted ring-1 ring-line ring-inset">{t('disabled')}</Chip>
  return (
    <>
      <Chip tone="bg-accent-soft text-accent">{t('enabled')}</Chip>
      {expiresAt ? (
        <span className="ml-1.5 text-muted text-xs tabular-nums">
          {t('until', { day: expiresAt.slice(0, 10) })}
        </span>
      ) : null}
    </>
  )
}

function LastUse({ of: { lastUsedAt, lastUsedAction, lastUsedAddress } }: { of: AccessKeyView }) {
  const t = useTranslations('access.keys')
  if (lastUsedAt === null) return <span className="text-muted">{t('never')}</span>
  return (
    <span title={`${lastUsedAction} ${lastUsedAddress}`}>
      <Moment at={lastUsedAt} />{' '}
      <span className="text-muted">
        {lastUsedAction}, {lastUsedAddress}
      </span>
    </span>
  )
}

function Acts({ of: { id, enabled }, back, mayChange, mayDelete }: { of: AccessKeyView } & May) {
  const t = useTranslations('access.keys')
  const asking = (act: string) => `${back}${back.includes('?') ? '&' : '?'}${act}=${id}`
  return (
    <div className="flex justify-end gap-x-3 whitespace-nowrap">
      {mayChange ? (
        <Link href={asking('change')} className={link}>
          {t('change')}
        </Link>
      ) : null}
      {mayDelete ? (
        enabled ? (
          <span className="text-muted" title={t('deleteAfter')}>
            {t('delete')}
          </span>
        ) : (
          <Link href={asking('delete')} className={link}>
            {t('delete')}
          </Link>
        )
      ) : null}
    </div>
  )
}
