import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { ConfirmForm } from '#components/confirm-form.tsx'
import { Denied, denial, ifPermitted } from '#components/denied.tsx'
import { FirstSteps } from '#components/first-steps.tsx'
import { PageTitle } from '#components/page-title.tsx'
import { button, link, panel, primaryButton, tableHead } from '#components/ui/classes.ts'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { listDomains, saveDomain } from '#lib/operations/save-domain.ts'
import { removeDemoAction, removeDomainAction } from './actions.ts'
import { DomainForm } from './domain-form.tsx'
import { DomainList } from './domain-list.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('domains.title') }
}

type Props = { searchParams: Promise<{ add?: string; list?: string; change?: string; remove?: string }> }

export default async function DomainsPage({ searchParams }: Props) {
  const caller = await requireCaller('/domains')
  const { add, list, change, remove } = await searchParams
  const [t, domains, caches] = await Promise.all([
    getTranslations(),
    listDomains(caller, {}).catch(denial),
    ifPermitted(listCaches(caller, {}), []),
  ])
  if (domains instanceof Fault) {
    const needs = t('policy.needs', { action: listDomains.action })
    return <Denied title={t('domains.title')} sentence={t('domains.denied')} needs={needs} />
  }
  const chosen = domains.find((domain) => String(domain.id) === (change ?? remove))
  const maySave = mayAnywhere(caller, saveDomain.action)
  const nameOf = (id: number) => caches.find((cache) => cache.id === id)?.name ?? `#${id}`
  return (
    <>
      <PageTitle title={t('domains.title')} intro={t('domains.intro')}>
        {maySave ? (
          <>
            <Link href="/domains?list=1" className={button}>
              {t('domains.addMany')}
            </Link>
            <Link href="/domains?add=1" className={primaryButton}>
              {t('domains.add')}
            </Link>
          </>
        ) : null}
      </PageTitle>
      {maySave ? null : <p className="mb-4">{t('domains.onlyLooking')}</p>}
      {(maySave && add !== undefined) || (maySave && change !== undefined && chosen) ? (
        <DomainForm
          key={change ?? 'add'}
          domain={change ? chosen : undefined}
          others={domains.filter((domain) => domain !== chosen)}
          caches={caches}
        />
      ) : null}
      {maySave && list !== undefined ? <DomainList caches={caches} /> : null}
      {maySave && remove !== undefined && chosen ? (
        <ConfirmForm
          isRemoval
          action={removeDomainAction}
          id={chosen.id}
          question={t('domains.removeConfirm', { name: chosen.name })}
          yes={t('domains.removeYes', { name: chosen.name })}
          back="/domains"
        />
      ) : null}
      {domains.length === 0 ? (
        // A form that is open is the next act already.
        add === undefined &&
        list === undefined && <FirstSteps done={{ cache: caches.length > 0, domain: false, task: false }} />
      ) : (
        <ScrollTable label={t('domains.title')} width="min-w-[680px]">
          <thead>
            <tr className={tableHead}>
              <th className="w-[28%]">{t('domains.name')}</th>
              <th className="w-[26%]">{t('domains.origin')}</th>
              <th>{t('domains.caches')}</th>
              <th className="w-[140px]">
                <span className="sr-only">{t('domains.change')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {domains.map((domain) => (
              <tr key={domain.id} className="border-line border-b last:border-b-0 [&>td]:px-3 [&>td]:py-2">
                <td className="truncate" title={domain.name}>
                  {domain.name} {domain.demo ? <span className="text-muted">{t('domains.demo')}</span> : null}
                  {domain.shared.length > 0 ? (
                    <span className="text-muted">
                      {t('domains.sharedWith', { names: domain.shared.map((one) => one.name).join(', ') })}
                    </span>
                  ) : null}
                </td>
                <td className="truncate font-mono text-sm" title={domain.origin}>
                  {domain.origin || '–'}
                </td>
                <td className={domain.caches.length === 0 ? 'text-wait' : ''}>
                  {domain.caches.map(nameOf).join(', ') || t('domains.none')}
                </td>
                <td className="whitespace-nowrap text-right">
                  {maySave ? (
                    <>
                      <Link href={`/domains?change=${domain.id}`} className={`${link} mr-3`}>
                        {t('domains.change')}
                      </Link>
                      <Link href={`/domains?remove=${domain.id}`} className={link}>
                        {t('domains.remove')}
                      </Link>
                    </>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
      {maySave && (domains.some((domain) => domain.demo) || caches.some((cache) => cache.demo)) ? (
        <form action={removeDemoAction} className="mt-4 flex flex-wrap items-center gap-3">
          <button type="submit" className={button}>
            {t('domains.removeDemo')}
          </button>
          <p className="text-muted">{t('domains.removeDemoHelp')}</p>
        </form>
      ) : null}
    </>
  )
}
