'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Moment } from '#components/moment.tsx'
import { link, panel } from '#components/ui/classes.ts'
import type { PolicyVersion } from '#lib/operations/save-policy.ts'

type Props = { name: string; versions: PolicyVersion[]; shown: number }

/** What a policy was before, each version to be shown in the editor and saved anew. */
export function VersionList({ name, versions, shown }: Props) {
  const t = useTranslations('access.policies')
  return (
    <section className={`${panel} mt-4`} aria-labelledby="versions">
      <h2 id="versions" className="border-line border-b px-4 py-2.5 font-semibold">
        {t('versions')}
      </h2>
      <ol>
        {versions.map(({ version, reason, madeBy, madeAt }, at) => (
          <li
            key={version}
            className="flex flex-wrap items-baseline gap-x-3 border-line border-b px-4 py-2 last:border-b-0"
          >
            <span className="w-8 tabular-nums">{version}</span>
            <span className="text-muted">
              <Moment at={madeAt} />
            </span>
            <span>{madeBy}</span>
            <span className="min-w-0 flex-1 truncate text-muted" title={reason}>
              {reason}
            </span>
            {version === shown ? (
              <span className="text-muted">{t('shown')}</span>
            ) : (
              <Link
                href={at === 0 ? `/access/policies/${name}` : `/access/policies/${name}?version=${version}`}
                className={link}
              >
                {t('show')}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
