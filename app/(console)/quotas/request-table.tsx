'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { ActForm } from '#components/act-form.tsx'
import { Moment, useZoneName } from '#components/moment.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { link, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import type { Limits } from '#lib/core/quota.ts'
import type { QuotaRequestView } from '#lib/operations/describe-refresh-quota.ts'
import { withdrawAction } from './actions.ts'
import { useBandwidth, useWish } from './words.ts'

const row = 'h-9 border-line border-b align-top last:border-b-0 [&>td]:px-3 [&>td]:py-2'

/** Requests that wait, with what the reader may do with each. */
export function Waiting({
  requests,
  limits,
  today,
  ownId,
  mayAsk,
  mayDecide,
}: {
  requests: QuotaRequestView[]
  limits: Limits
  /** The day of the account, `yyyy-mm-dd`. */
  today: string
  ownId: number | null
  mayAsk: boolean
  mayDecide: boolean
}) {
  const t = useTranslations('quotaPage')
  const wish = useWish()
  const zone = useZoneName()
  const hasPassed = ({ until }: QuotaRequestView) => until !== null && until < today
  if (requests.length === 0) return null
  return (
    <section className="mb-6">
      <h2 className="mb-2 font-semibold">{t('waiting')}</h2>
      <ScrollTable label={t('waiting')} width="min-w-[880px]">
        <thead>
          <tr className={tableHead}>
            <th className="w-[104px] md:w-[14%]">{t('who')}</th>
            <th className="w-[240px] md:w-auto">{t('asks')}</th>
            <th className="w-[186px]">{t('peak')}</th>
            <th className="w-[130px] text-right">
              {t('when')} <span suppressHydrationWarning>{zone}</span>
            </th>
            <th className="w-[210px]">
              <span className="sr-only">{t('acts')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <tr key={request.id} className={row}>
              <td className="truncate" title={request.requestedBy}>
                {request.requestedBy}
              </td>
              <td>
                {wish(request)}{' '}
                <span className="text-muted">{t('now', { limit: limits.perDay[request.pool] })}</span>
                <Reason of={request} />
                {hasPassed(request) ? <span className="block text-wait">{t('passed')}</span> : null}
              </td>
              <td>
                <Peak request={request} considerFromMbps={limits.considerFromMbps[request.pool]} />
              </td>
              <td className="whitespace-nowrap text-right text-muted">
                <Moment at={request.requestedAt} />
              </td>
              <td>
                <Acts
                  id={request.id}
                  mayApprove={mayDecide && !hasPassed(request)}
                  mayReject={mayDecide}
                  mayWithdraw={mayAsk && request.requesterId === ownId}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </section>
  )
}

/** What was decided, newest first. */
export function History({ requests }: { requests: QuotaRequestView[] }) {
  const t = useTranslations('quotaPage')
  const wish = useWish()
  const zone = useZoneName()
  return (
    <section>
      <h2 className="mb-2 font-semibold">{t('history')}</h2>
      {requests.length === 0 ? (
        <p className="text-muted">{t('historyEmpty')}</p>
      ) : (
        <ScrollTable label={t('history')} width="min-w-[880px]">
          <thead>
            <tr className={tableHead}>
              <th className="w-[104px] md:w-[14%]">{t('who')}</th>
              <th className="w-[240px] md:w-[31%]">{t('asks')}</th>
              <th className="w-[210px]">{t('decision')}</th>
              <th>{t('noteHead')}</th>
              <th className="w-[130px] text-right">
                {t('decidedAt')} <span suppressHydrationWarning>{zone}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {requests.map((request) => (
              <tr key={request.id} className={row}>
                <td className="truncate" title={request.requestedBy}>
                  {request.requestedBy}
                </td>
                <td>
                  {wish(request)}
                  <Reason of={request} />
                </td>
                <td>
                  <Decision request={request} />
                </td>
                <td className="break-words">{request.decisionNote || '–'}</td>
                <td className="whitespace-nowrap text-right text-muted">
                  {request.decidedAt ? <Moment at={request.decidedAt} /> : '–'}
                </td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </section>
  )
}

function Reason({ of }: { of: QuotaRequestView }) {
  return <span className="block break-words text-muted">{of.reason}</span>
}

function Peak({
  request: { peakMbps },
  considerFromMbps,
}: {
  request: QuotaRequestView
  considerFromMbps: number
}) {
  const t = useTranslations('quotaPage')
  const bandwidth = useBandwidth()
  return (
    <>
      {peakMbps === null ? <span className="text-muted">{t('unknown')}</span> : bandwidth(peakMbps)}{' '}
      <span className="block text-muted text-xs">
        {t('peakFrom', { bandwidth: bandwidth(considerFromMbps) })}
      </span>
    </>
  )
}

const looks = {
  approved: 'bg-accent-soft text-accent',
  rejected: 'text-text ring-1 ring-line-strong ring-inset',
  withdrawn: 'text-muted ring-1 ring-line ring-inset',
}

/** What was decided, and by whom. */
function Decision({ request }: { request: QuotaRequestView }) {
  const t = useTranslations('quotaPage')
  const { state, granted, wanted, decidedBy } = request
  if (state === 'pending') return null
  const isOther = state === 'approved' && granted !== null && granted !== wanted
  return (
    <>
      <Chip tone={looks[state]}>{isOther ? t('approvedOther', { granted }) : t(state)}</Chip>{' '}
      {decidedBy && state !== 'withdrawn' ? (
        <span className="text-muted">{t('by', { name: decidedBy })}</span>
      ) : null}
    </>
  )
}

function Acts({
  id,
  mayApprove,
  mayReject,
  mayWithdraw,
}: {
  id: number
  mayApprove: boolean
  mayReject: boolean
  mayWithdraw: boolean
}) {
  const t = useTranslations('quotaPage')
  return (
    <div className="flex flex-wrap justify-end gap-x-3">
      {mayApprove ? (
        <Link href={`/quotas?approve=${id}`} className={link}>
          {t('approve')}
        </Link>
      ) : null}
      {mayReject ? (
        <Link href={`/quotas?reject=${id}`} className={link}>
          {t('reject')}
        </Link>
      ) : null}
      {mayWithdraw ? (
        <ActForm action={withdrawAction} given={{ id }} text={t('withdraw')} look={link} />
      ) : null}
    </div>
  )
}
