'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { isSystemPolicy } from '#lib/core/system-policies.ts'

type Named = { name: string; group?: string | null }

/** What is held, in words: system policies by what they allow, others by name; and through which group. */
export function PolicyNames({ policies }: { policies: readonly Named[] }) {
  const t = useTranslations()
  if (policies.length === 0) return <span className="text-muted">{t('policy.none')}</span>
  return policies.map(({ name, group }, at) => (
    <span key={`${name} ${group}`}>
      {at > 0 ? ', ' : ''}
      {isSystemPolicy(name) ? (
        t(`policy.${name}`)
      ) : (
        <Link
          href={`/access/policies/${name}`}
          prefetch={false}
          title={name}
          className="py-[3px] hover:underline"
        >
          {name}
        </Link>
      )}
      {group ? <span className="text-muted"> {t('access.through', { group })}</span> : null}
    </span>
  ))
}
