'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { link } from '#components/ui/classes.ts'
import type { Method } from '#lib/core/line.ts'
import type { Problem } from '#lib/core/submission.ts'

type Props = { problems: readonly Problem[]; method: Method; grantors: readonly string[] }

const mostDomains = 3

/** What is missing for lines that were refused, who can grant it, and a way to ask for exactly that. */
export function AskForRights({ problems, method, grantors }: Props) {
  const t = useTranslations()
  const refused = Map.groupBy(
    problems.filter((problem) => problem.code === 'not-permitted'),
    (problem) => problem.detail,
  )
  if (refused.size === 0) return null
  const can = method === 'prefetch' ? 'prefetch' : 'purge'
  return (
    <div className="mt-3 rounded-md bg-wait-soft px-3 py-2">
      <ul className="space-y-1">
        {[...refused].slice(0, mostDomains).map(([domain, lines]) => (
          <li key={domain}>
            {t(`purge.rights.missing.${can}`, { count: lines.length, domain, method: t(`method.${method}`) })}{' '}
            <Link href={addressOf(can, domain, method, lines[0]?.given ?? '')} className={link}>
              {t('purge.rights.ask')}
            </Link>
          </li>
        ))}
      </ul>
      <p className="text-muted text-sm">
        {t('purge.rights.grantors', { names: grantors.join(', ') || t('purge.rights.admin') })}
      </p>
    </div>
  )
}

/** The form to ask, filled in with what the first of these lines would need. */
function addressOf(can: string, domain: string, method: Method, line: string): string {
  const path = /^(?:https?:\/\/)?[^/?#]*([^?#]*)/i.exec(line)?.[1] ?? ''
  const isWide = method === 'directory' || method === 'regex'
  // What a pattern reaches begins as it does, up to its first construct.
  const begin = method === 'regex' ? path.replace(/(\[|\.\*).*$/, '') : path
  const query = new URLSearchParams({ ask: can, domain })
  if (method !== 'prefetch') query.set('method', method)
  if (method !== 'tag' && begin !== '') query.set('path', isWide ? `${begin}*` : begin)
  return `/access/requests?${query}`
}
