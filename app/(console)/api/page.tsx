import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { CopyButton } from '#components/copy-button.tsx'
import { ifPermitted } from '#components/denied.tsx'
import { PageTitle } from '#components/page-title.tsx'
import { panel, primaryButton } from '#components/ui/classes.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { createAccessKey, listAccessKeys } from '#lib/operations/access-keys.ts'
import { listCalls } from '#lib/operations/list-calls.ts'
import { startSettings } from '#lib/settings.ts'
import { CallTable } from './call-table.tsx'
import { Examples } from './examples.tsx'
import { OwnKeys } from './own-keys.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('api.title') }
}

export default async function ApiPage({ searchParams }: { searchParams: Promise<{ key?: string }> }) {
  const caller = await requireCaller('/api')
  const [t, asked] = await Promise.all([getTranslations(), searchParams])
  const { userId } = caller
  // Who may see none is not refused for looking at the page.
  const mayList = mayAnywhere(caller, listAccessKeys.action)
  const keys = mayList ? await ifPermitted(listAccessKeys(caller, { userId }), null) : null
  const latest = keys?.toSorted((a, b) => (b.lastUsedAt ?? '').localeCompare(a.lastUsedAt ?? ''))
  const chosen = keys?.find((key) => key.id === asked.key) ?? latest?.[0]
  const calls = chosen ? await ifPermitted(listCalls(caller, { keyId: chosen.id }), []) : []
  const { address } = startSettings()
  return (
    <>
      <PageTitle title={t('api.title')} intro={t('api.intro')}>
        {mayAnywhere(caller, createAccessKey.action) ? (
          <Link href={`/access/keys?create=${userId}`} className={primaryButton}>
            {t('api.create')}
          </Link>
        ) : null}
      </PageTitle>
      <Part title={t('api.endpoint')}>
        <div className={`${panel} flex flex-wrap items-center gap-2 px-3 py-2`}>
          <code className="mr-auto break-all font-mono text-sm">{address}</code>
          <CopyButton text={address} words={{ copy: t('api.copy'), copied: t('api.copied') }} />
        </div>
        <p className="mt-2 text-muted">{t('api.signing')}</p>
      </Part>
      <Part title={t('api.keys')}>
        {keys && keys.length > 0 ? (
          <OwnKeys keys={keys} chosen={chosen?.id ?? ''} />
        ) : (
          <p className="text-muted">{t(keys ? 'api.noKeys' : 'api.keysDenied')}</p>
        )}
      </Part>
      {chosen ? (
        <Part title={t('api.calls', { id: chosen.id })}>
          {calls.length > 0 ? <CallTable calls={calls} /> : <p className="text-muted">{t('api.noCalls')}</p>}
        </Part>
      ) : null}
      <Part title={t('api.examples')}>
        <p className="mb-2 text-muted">{t('api.examplesSay')}</p>
        <Examples address={address} />
      </Part>
    </>
  )
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="mb-6">
      <h2 className="mb-2 font-semibold">{title}</h2>
      {children}
    </div>
  )
}
