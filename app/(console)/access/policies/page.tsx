import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { Denied, denial, ifPermitted } from '#components/denied.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { grantDocument } from '#lib/core/policy-sentence.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { listPolicies, savePolicy } from '#lib/operations/save-policy.ts'
import { AccessHead } from '../access-head.tsx'
import { PolicyEditor } from './policy-editor.tsx'
import { PolicyTable } from './policy-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('access.policies.title') }
}

export default async function PoliciesPage({ searchParams }: { searchParams: Promise<{ add?: string }> }) {
  const caller = await requireCaller('/access/policies')
  const { add } = await searchParams
  const [t, policies] = await Promise.all([getTranslations(), listPolicies(caller, {}).catch(denial)])
  if (policies instanceof Fault) {
    const needs = t('policy.needs', { action: listPolicies.action })
    return <Denied title={t('access.policies.title')} sentence={t('access.policies.denied')} needs={needs} />
  }
  const maySave = mayAnywhere(caller, savePolicy.action)
  return (
    <>
      <AccessHead caller={caller} at="policies">
        {maySave ? (
          <Link href="/access/policies?add=1" className={primaryButton}>
            {t('access.policies.add')}
          </Link>
        ) : null}
      </AccessHead>
      {maySave && add !== undefined ? (
        <PolicyEditor
          policy={null}
          first={grantDocument({ can: ['see', 'purge'], domains: ['*'] }, caller.accountId)}
          author={{ ...caller, via: null }}
          domains={(await ifPermitted(listDomains(caller, {}), [])).map((domain) => domain.name)}
          caches={(await ifPermitted(listCaches(caller, {}), [])).map((cache) => cache.name)}
        />
      ) : null}
      <PolicyTable own={policies.own} system={policies.system} />
    </>
  )
}
