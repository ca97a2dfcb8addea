'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { useDuration } from '#components/moment.tsx'
import { panel } from '#components/ui/classes.ts'
import { useAfterPause } from '#components/use-after-pause.ts'
import { useBytes } from '#components/use-bytes.ts'
import type { Method } from '#lib/core/line.ts'
import type { SubmissionLine } from '#lib/core/submission.ts'
import type { DomainPreview } from '#lib/operations/preview-submission.ts'

const mostLines = 100
/** Below this a purge is hardly worth it: copies expire before anybody could look. */
const shortTtlSeconds = 300

/** What is known of what the lines would reach: URLs, objects, and how long they would live by themselves. */
export function PreviewPanel({
  lines,
  method,
  tagDomain,
}: {
  lines: readonly SubmissionLine[]
  method: Method
  tagDomain: string
}) {
  const text = lines
    .slice(0, mostLines)
    .map((line) => line.text)
    .join('\n')
  const asked = useAfterPause(JSON.stringify({ text, method, ...(method === 'tag' ? { tagDomain } : {}) }))
  const isAsked = method !== 'prefetch' && lines.length > 0 && lines.length <= mostLines
  const { data, isError } = useQuery({
    queryKey: ['preview', asked],
    queryFn: ({ signal }) => fetchPreview(asked, signal),
    enabled: isAsked,
    placeholderData: keepPreviousData,
  })
  const t = useTranslations('preview')
  if (!isAsked) return null
  if (isError) return <p className="mt-3 text-muted">{t('failed')}</p>
  return (
    <div className="mt-3 space-y-3">
      {(data ?? []).map((preview) => (
        <DomainPart key={preview.domain} preview={preview} method={method} />
      ))}
    </div>
  )
}

async function fetchPreview(body: string, signal: AbortSignal): Promise<DomainPreview[]> {
  if (body === '') return []
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch('/api/preview', { method: 'POST', body, headers, signal })
  if (!answer.ok) throw new Error(String(answer.status))
  return answer.json()
}

function DomainPart({ preview, method }: { preview: DomainPreview; method: Method }) {
  const t = useTranslations('preview')
  const { domain, urls, held, silent, freshSeconds } = preview
  const duration = useDuration()
  const bytes = useBytes()
  const isShort = freshSeconds !== null && freshSeconds > 0 && freshSeconds < shortTtlSeconds
  return (
    <section aria-label={t('title', { domain })} className={`${panel} p-3`}>
      <p>
        {held
          ? t(held.isWhole ? 'held' : 'heldAtLeast', {
              objects: held.objects,
              bytes: bytes(held.bytes),
              caches: held.caches,
              domain,
            })
          : t('unknown', { domain })}{' '}
        {silent.length > 0 ? (
          <span className="text-muted">
            {t('silent', { names: silent.join(', '), count: silent.length })}
          </span>
        ) : null}
      </p>
      {isShort ? <p className="text-wait">{t('expires', { time: duration(freshSeconds * 1000) })}</p> : null}
      {method !== 'url' && urls.length > 0 ? (
        <details className="mt-1.5" open={urls.length <= 5}>
          <summary className="text-muted">{t('urls', { count: urls.length })}</summary>
          <ul className="mt-1 space-y-0.5 font-mono text-sm">
            {urls.map((url) => (
              <li key={url} className="truncate" title={url}>
                {url}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  )
}
