import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { ConfirmForm } from '#components/confirm-form.tsx'
import { Denied, denial, ifPermitted } from '#components/denied.tsx'
import { button } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { formatPolicy } from '#lib/core/policy-document.ts'
import { systemPolicy } from '#lib/core/system-policies.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { listPolicies, listPolicyVersions, removePolicy, savePolicy } from '#lib/operations/save-policy.ts'
import { AccessHead } from '../../access-head.tsx'
import { removePolicyAction } from '../actions.ts'
import { PolicyEditor } from '../policy-editor.tsx'
import { PolicyText } from '../policy-text.tsx'
import { VersionList } from '../version-list.tsx'

type Props = {
  params: Promise<{ name: string }>
  searchParams: Promise<{ version?: string; remove?: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).name }
}

export default async function PolicyPage({ params, searchParams }: Props) {
  const [{ name }, { version, remove }] = await Promise.all([params, searchParams])
  const caller = await requireCaller(`/access/policies/${name}`)
  const t = await getTranslations()
  const system = systemPolicy(name)
  const policy = system ? null : await listPolicyVersions(caller, { name }).catch(known)
  if (policy instanceof Fault && policy.code === 'EntityNotExist.Policy') notFound()
  if (policy instanceof Fault || !mayAnywhere(caller, listPolicies.action)) {
    const needs = t('policy.needs', { action: listPolicies.action })
    return <Denied title={name} sentence={t('access.policies.denied')} needs={needs} />
  }
  const maySave = mayAnywhere(caller, savePolicy.action)
  const mayRemove = mayAnywhere(caller, removePolicy.action)
  const chosen = policy?.versions.find((one) => String(one.version) === version)
  return (
    <>
      <AccessHead caller={caller} at="policies">
        {policy && mayRemove ? (
          <Link href={`/access/policies/${name}?remove=1`} className={button}>
            {t('access.policies.remove')}
          </Link>
        ) : null}
      </AccessHead>
      {policy && mayRemove && remove !== undefined ? (
        <ConfirmForm
          isRemoval
          action={removePolicyAction}
          id={name}
          question={t('access.policies.removeConfirm', {
            name,
            count: policy.users.length + policy.groups.length,
          })}
          yes={t('access.policies.removeYes', { name })}
          back={`/access/policies/${name}`}
        />
      ) : null}
      {policy && maySave ? (
        <PolicyEditor
          key={`${policy.version} ${version}`}
          policy={{ name, version: policy.version }}
          first={chosen?.document ?? policy.document}
          author={{ ...caller, via: null }}
          domains={(await ifPermitted(listDomains(caller, {}), [])).map((domain) => domain.name)}
          caches={(await ifPermitted(listCaches(caller, {}), [])).map((cache) => cache.name)}
        />
      ) : (
        <PolicyText
          name={name}
          says={system ? t('access.policies.systemSays') : ''}
          text={formatPolicy(policy?.document ?? system ?? { Version: '1', Statement: [] })}
        />
      )}
      {policy ? (
        <VersionList name={name} versions={policy.versions} shown={chosen?.version ?? policy.version} />
      ) : null}
    </>
  )
}

function known(error: unknown): Fault {
  if (error instanceof Fault && error.code === 'EntityNotExist.Policy') return error
  return denial(error)
}
