import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { ConfirmForm } from '#components/confirm-form.tsx'
import { Denied, denial, ifPermitted } from '#components/denied.tsx'
import { FirstSteps } from '#components/first-steps.tsx'
import { PageTitle } from '#components/page-title.tsx'
import { RefreshEvery } from '#components/refresh-every.tsx'
import { button, primaryButton } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { saveCache } from '#lib/operations/save-cache.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { removeCacheAction } from './actions.ts'
import { CacheForm } from './cache-form.tsx'
import { CacheList } from './cache-list.tsx'
import { CacheTable } from './cache-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('caches.title') }
}

type Props = { searchParams: Promise<{ add?: string; list?: string; change?: string; remove?: string }> }

export default async function CachesPage({ searchParams }: Props) {
  const caller = await requireCaller('/caches')
  const { add, list, change, remove } = await searchParams
  const [t, caches, domains] = await Promise.all([
    getTranslations(),
    listCaches(caller, {}).catch(denial),
    ifPermitted(listDomains(caller, {}), []),
  ])
  if (caches instanceof Fault) {
    const needs = t('policy.needs', { action: listCaches.action })
    return <Denied title={t('caches.title')} sentence={t('caches.denied')} needs={needs} />
  }
  const maySave = mayAnywhere(caller, saveCache.action)
  const chosen = caches.find((cache) => String(cache.id) === (change ?? remove))
  return (
    <>
      <PageTitle title={t('caches.title')} intro={t('caches.intro')}>
        {maySave ? (
          <>
            <Link href="/caches?list=1" className={button}>
              {t('caches.addMany')}
            </Link>
            <Link href="/caches?add=1" className={primaryButton}>
              {t('caches.add')}
            </Link>
          </>
        ) : null}
      </PageTitle>
      {maySave ? null : <p className="mb-4">{t('caches.onlyLooking')}</p>}
      {maySave && (add !== undefined || (change !== undefined && chosen)) ? (
        <CacheForm key={change ?? 'add'} cache={change ? chosen : undefined} />
      ) : null}
      {maySave && list !== undefined ? <CacheList /> : null}
      {maySave && remove !== undefined && chosen ? (
        <ConfirmForm
          isRemoval
          action={removeCacheAction}
          id={chosen.id}
          question={t('caches.removeConfirm', { name: chosen.name })}
          yes={t('caches.removeYes', { name: chosen.name })}
          back="/caches"
        />
      ) : null}
      {(caches.length === 0 || domains.length === 0) && add === undefined && list === undefined ? (
        <FirstSteps done={{ cache: caches.length > 0, domain: domains.length > 0, task: false }} />
      ) : null}
      {caches.length > 0 ? <CacheTable caches={caches} maySave={maySave} /> : null}
      <RefreshEvery seconds={5} />
    </>
  )
}
