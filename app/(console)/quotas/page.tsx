import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { Denied, denial } from '#components/denied.tsx'
import { PageTitle } from '#components/page-title.tsx'
import { RefreshEvery } from '#components/refresh-every.tsx'
import { button, primaryButton } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { dayOf } from '#lib/core/quota.ts'
import { describeRefreshQuota, listQuotaRequests } from '#lib/operations/describe-refresh-quota.ts'
import { decideQuota, requestQuota, saveLimits } from '#lib/operations/request-quota.ts'
import { AskForm } from './ask-form.tsx'
import { DecideForm } from './decide-form.tsx'
import { LimitsForm } from './limits-form.tsx'
import { OtherLimits } from './other-limits.tsx'
import { PoolTable } from './pool-table.tsx'
import { History, Waiting } from './request-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('quotaPage.title') }
}

type Props = { searchParams: Promise<{ ask?: string; limits?: string; approve?: string; reject?: string }> }

export default async function QuotasPage({ searchParams }: Props) {
  const caller = await requireCaller('/quotas')
  const { ask, limits: change, approve, reject } = await searchParams
  const [t, read] = await Promise.all([
    getTranslations(),
    Promise.all([describeRefreshQuota(caller, {}), listQuotaRequests(caller, {})]).catch(denial),
  ])
  if (read instanceof Fault) {
    return (
      <Denied
        title={t('quotaPage.title')}
        sentence={t('quotaPage.denied')}
        needs={t('policy.needs', { action: describeRefreshQuota.action })}
      />
    )
  }
  const [{ pools, limits, raises, queued, resetsAtMs }, requests] = read
  const mayAsk = mayAnywhere(caller, requestQuota.action)
  const mayDecide = mayAnywhere(caller, decideQuota.action)
  const mayLimit = mayAnywhere(caller, saveLimits.action)
  const waiting = requests.filter((request) => request.state === 'pending')
  const asked = waiting.filter((request) => request.requesterId === caller.userId)
  const decided = waiting.find((request) => String(request.id) === (approve ?? reject))
  return (
    <>
      <PageTitle title={t('quotaPage.title')} intro={t('quotaPage.intro')}>
        {mayLimit ? (
          <Link href="/quotas?limits=1" className={button}>
            {t('quotaPage.limits')}
          </Link>
        ) : null}
        {mayAsk ? (
          <Link href="/quotas?ask=1" className={primaryButton}>
            {t('quotaPage.ask')}
          </Link>
        ) : null}
      </PageTitle>
      {mayAsk ? null : <p className="mb-4">{t('quotaPage.onlyLooking')}</p>}
      {mayAsk && ask !== undefined ? (
        <AskForm
          key={ask}
          pools={pools}
          considerFromMbps={limits.considerFromMbps}
          chosen={ask}
          asked={asked.map((request) => request.pool)}
        />
      ) : null}
      {mayLimit && change !== undefined ? <LimitsForm limits={limits} /> : null}
      {mayDecide && decided ? (
        <DecideForm
          key={`${decided.id} ${approve ? 'approve' : 'reject'}`}
          request={decided}
          isApproval={approve !== undefined}
          limit={limits.perDay[decided.pool]}
        />
      ) : null}
      <Waiting
        requests={waiting}
        limits={limits}
        today={dayOf(Date.now(), limits.dayOffsetMinutes)}
        ownId={caller.userId}
        mayAsk={mayAsk}
        mayDecide={mayDecide}
      />
      <PoolTable
        pools={pools}
        raises={raises}
        queue={{ queued, limit: limits.queue, warnAtPercent: limits.warnAtPercent }}
        resetsAt={new Date(resetsAtMs).toISOString()}
        mayAsk={mayAsk}
      />
      <OtherLimits limits={limits} />
      <History requests={requests.filter((request) => request.state !== 'pending')} />
      <RefreshEvery seconds={15} />
    </>
  )
}
