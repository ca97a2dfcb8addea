import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { Denied, ifPermitted } from '#components/denied.tsx'
import { RefreshEvery } from '#components/refresh-every.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { methods } from '#lib/core/line.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import {
  type AccessRequestView,
  decideAccess,
  listAccessRequests,
  listOwnRequests,
  mostListed,
  requestAccess,
} from '#lib/operations/access-requests.ts'
import { AccessHead } from '../access-head.tsx'
import { AskForm, DecideForm } from './request-forms.tsx'
import { RequestTable } from './request-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('access.requests.title') }
}

type Asked = {
  ask?: string
  domain?: string
  method?: string
  path?: string
  grant?: string
  refuse?: string
}

/** What everybody asked for, for those who decide; for others what they asked for themselves. */
export default async function RequestsPage({ searchParams }: { searchParams: Promise<Asked> }) {
  const caller = await requireCaller('/access/requests')
  const { ask, domain = '', method, path, grant, refuse } = await searchParams
  const t = await getTranslations()
  const mayAsk = mayAnywhere(caller, requestAccess.action) && caller.role === 'user'
  const mayDecide = mayAnywhere(caller, decideAccess.action)
  const requests =
    mayAsk && !mayAnywhere(caller, listAccessRequests.action)
      ? await listOwnRequests(caller, {})
      : await ifPermitted<AccessRequestView[] | null>(listAccessRequests(caller, {}), null)
  if (requests === null) {
    const needs = t('policy.needs', { action: requestAccess.action })
    return <Denied title={t('access.requests.title')} sentence={t('access.requests.denied')} needs={needs} />
  }
  const decided = requests.find(
    (request) => request.state === 'pending' && String(request.id) === (grant ?? refuse),
  )
  return (
    <>
      <AccessHead caller={caller} at="requests">
        {mayAsk ? (
          <Link href="/access/requests?ask=purge" className={primaryButton}>
            {t('access.requests.ask')}
          </Link>
        ) : null}
      </AccessHead>
      {mayAsk && ask !== undefined ? (
        <AskForm
          key={`${ask} ${domain} ${method} ${path}`}
          wish={{
            can: ask === 'see' || ask === 'prefetch' ? [ask] : ['purge'],
            domains: domain ? [domain] : [],
            methods: methods.filter((one) => one === method && one !== 'prefetch'),
            paths: path ? [path] : [],
          }}
        />
      ) : null}
      {mayDecide && decided && decided.userId !== caller.userId ? (
        <DecideForm key={`${decided.id} ${grant}`} request={decided} isGrant={grant !== undefined} />
      ) : null}
      {requests.length === 0 ? (
        <p className="rounded-lg border border-line border-dashed px-4 py-10 text-center text-muted">
          {t('access.requests.none')}
        </p>
      ) : (
        <>
          <RequestTable requests={requests} ownId={caller.userId} mayDecide={mayDecide} />
          {requests.length < mostListed ? null : (
            <p className="mt-2 text-muted">{t('access.requests.more', { count: mostListed })}</p>
          )}
        </>
      )}
      <RefreshEvery seconds={15} />
    </>
  )
}
