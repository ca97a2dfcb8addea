'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { ActForm } from '#components/act-form.tsx'
import { Moment, useZoneName } from '#components/moment.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { link, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { AccessRequestView } from '#lib/operations/access-requests.ts'
import { withdrawAccessAction } from './actions.ts'
import { useWishSentence } from './wish-fields.tsx'

type Props = { requests: AccessRequestView[]; ownId: number | null; mayDecide: boolean }

const looks = {
  pending: 'bg-wait-soft text-wait',
  granted: 'bg-accent-soft text-accent',
  refused: 'text-text ring-1 ring-line-strong ring-inset',
  withdrawn: 'text-muted ring-1 ring-line ring-inset',
}

/** What was asked for, and what became of it. */
export function RequestTable({ requests, ...may }: Props) {
  const t = useTranslations('access.requests')
  const zone = useZoneName()
  const sentence = useWishSentence()
  return (
    <ScrollTable label={t('title')} width="min-w-[960px]">
      <thead>
        <tr className={tableHead}>
          <th className="w-[180px]">{t('who')}</th>
          <th>{t('what')}</th>
          <th className="w-[280px]">{t('state')}</th>
          <th className="w-[130px] text-right">
            {t('when')} <span suppressHydrationWarning>{zone}</span>
          </th>
          <th className="w-[160px]">
            <span className="sr-only">{t('acts')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {requests.map((request) => (
          <tr
            key={request.id}
            className="h-9 border-line border-b align-top last:border-b-0 [&>td]:px-3 [&>td]:py-2"
          >
            <td className="truncate" title={request.userName}>
              {request.userName}
            </td>
            <td className="break-words">
              {sentence(request.asked)}
              {request.reason ? <span className="block text-muted">{request.reason}</span> : null}
            </td>
            <td className="break-words">
              <State of={request} />
            </td>
            <td className="whitespace-nowrap text-right text-muted">
              <Moment at={request.askedAt} />
            </td>
            <td>
              <Acts of={request} {...may} />
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}

function State({ of: { state, granted, decidedBy, note } }: { of: AccessRequestView }) {
  const t = useTranslations('access.requests')
  const sentence = useWishSentence()
  return (
    <>
      <Chip tone={looks[state]}>{t(`states.${state}`)}</Chip>{' '}
      {decidedBy && state !== 'withdrawn' ? (
        <span className="text-muted">{t('by', { name: decidedBy })}</span>
      ) : null}
      {granted ? <span className="block">{sentence(granted)}</span> : null}
      {note ? <span className="block text-muted">{note}</span> : null}
    </>
  )
}

function Acts({
  of: { id, userId, state },
  ownId,
  mayDecide,
}: { of: AccessRequestView } & Omit<Props, 'requests'>) {
  const t = useTranslations('access.requests')
  if (state !== 'pending') return null
  return (
    <div className="flex flex-wrap justify-end gap-x-3">
      {mayDecide && userId !== ownId ? (
        <>
          <Link href={`/access/requests?grant=${id}`} className={link}>
            {t('grant')}
          </Link>
          <Link href={`/access/requests?refuse=${id}`} className={link}>
            {t('refuse')}
          </Link>
        </>
      ) : null}
      {userId === ownId ? (
        <ActForm action={withdrawAccessAction} given={{ id }} text={t('withdraw')} look={link} />
      ) : null}
    </div>
  )
}
