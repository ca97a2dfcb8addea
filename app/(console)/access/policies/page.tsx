import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { Denied, denial, ifPermitted } from '#components/denied.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { rowsOfPage } from '#lib/core/list-part.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { firstDocument } from '#lib/core/policy-sentence.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { listPolicies, savePolicy } from '#lib/operations/save-policy.ts'
import { AccessHead } from '../access-head.tsx'
import { type AskedPart, PartOfList, partOf } from '../list-part.tsx'
import { PolicyEditor } from './policy-editor.tsx'
import { PolicyTable } from './policy-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('access.policies.title') }
}

export default async function PoliciesPage({
  searchParams,
}: {
  searchParams: Promise<AskedPart & { add?: string }>
}) {
  const caller = await requireCaller('/access/policies')
  const { add, ...place } = await searchParams
  const part = partOf(place)
  const [t, policies] = await Promise.all([getTranslations(), listPolicies(caller, part).catch(denial)])
  if (policies instanceof Fault) {
    const needs = t('policy.needs', { action: listPolicies.action })
    return <Denied title={t('access.policies.title')} sentence={t('access.policies.denied')} needs={needs} />
  }
  const own = policies.own.slice(0, rowsOfPage)
  // They stand at the end, and whoever searches means those of the account.
  const system = own.length < policies.own.length || part.search !== '' ? [] : policies.system
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
          first={firstDocument(caller.accountId)}
          author={{ ...caller, via: null }}
          domains={(await ifPermitted(listDomains(caller, {}), [])).map((domain) => domain.name)}
          caches={(await ifPermitted(listCaches(caller, {}), [])).map((cache) => cache.name)}
        />
      ) : null}
      <PartOfList path="/access/policies" part={part} count={policies.own.length}>
        <PolicyTable own={own} system={system} />
      </PartOfList>
    </>
  )
}
