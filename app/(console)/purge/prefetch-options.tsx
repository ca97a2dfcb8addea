'use client'

import { startTransition, useActionState, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { findObstacle, type Obstacle, Obstructed } from '#components/obstacle.tsx'
import { Refusal, useRule } from '#components/refusal.tsx'
import { button, field, panel } from '#components/ui/classes.ts'
import { parseHeaderSets } from '#lib/core/header-sets.ts'
import { sitemapAction } from './sitemap-action.ts'

/** Own fields for the requests, and URLs from a sitemap. */
export function PrefetchOptions({
  headers,
  allowCredentials,
  onHeaders,
  onLines,
}: {
  headers: string
  allowCredentials: boolean
  onHeaders: (headers: string) => void
  onLines: (text: string) => void
}) {
  const t = useTranslations()
  const rule = useRule()
  const sets = parseHeaderSets(headers, allowCredentials)
  const problem = 'rule' in sets ? sets : undefined
  return (
    <div className="mt-3 grid gap-3 md:grid-cols-2">
      <details className={`${panel} p-3`} open={headers !== ''}>
        <summary className="font-medium">{t('prefetch.headers')}</summary>
        <label htmlFor="headers" className="mt-2 mb-1 block text-muted">
          {t('prefetch.headersHelp')}
        </label>
        <textarea
          id="headers"
          name="headers"
          rows={4}
          spellCheck={false}
          className={`${field} font-mono text-sm`}
          placeholder={
            'Accept-Encoding: gzip\nAccept-Language: de\n\nAccept-Encoding: gzip\nAccept-Language: en'
          }
          value={headers}
          aria-invalid={problem ? true : undefined}
          aria-describedby="headers-state"
          onChange={(event) => onHeaders(event.target.value)}
        />
        <p
          id="headers-state"
          className={`mt-1 text-xs ${problem ? 'text-fail' : 'text-muted'}`}
          aria-live="polite"
        >
          {problem
            ? t('prefetch.headersProblem', {
                line: problem.line,
                given: problem.given,
                rule: rule(`headers-${problem.rule}`),
              })
            : t('prefetch.variants', { count: 'rule' in sets ? 0 : sets.length })}
        </p>
      </details>
      <Sitemap onLines={onLines} />
    </div>
  )
}

/** Reads a sitemap through a cache of its domain and puts its URLs into the box. */
function Sitemap({ onLines }: { onLines: (text: string) => void }) {
  const t = useTranslations('prefetch')
  const [state, read, pending] = useActionState(sitemapAction, { is: 'idle' })
  const [obstacle, setObstacle] = useState<Obstacle | null>(null)
  const [place, setPlace] = useState({ sitemap: '', since: '' })
  useEffect(() => {
    if (state.is === 'done' && state.answer.urls.length > 0) onLines(state.answer.urls.join('\n'))
  }, [state, onLines])
  const ask = async () => {
    const data = new FormData()
    data.set('sitemap', place.sitemap)
    data.set('since', place.since)
    const found = await findObstacle(data)
    setObstacle(found)
    if (!found) startTransition(() => read(data))
  }
  return (
    <details className={`${panel} p-3`}>
      <summary className="font-medium">{t('sitemap')}</summary>
      <div className="mt-2 grid gap-2">
        <label htmlFor="sitemap" className="text-muted">
          {t('sitemapHelp')}
        </label>
        <input
          id="sitemap"
          className={`${field} font-mono text-sm`}
          placeholder="https://www.example.com/sitemap.xml"
          spellCheck={false}
          value={place.sitemap}
          onChange={(event) => setPlace({ ...place, sitemap: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            // The whole form is not meant.
            event.preventDefault()
            void ask()
          }}
        />
        <label htmlFor="since" className="text-muted">
          {t('since')}
        </label>
        <div className="flex flex-wrap gap-2">
          <input
            id="since"
            type="date"
            className={`${field} max-w-[180px]`}
            value={place.since}
            onChange={(event) => setPlace({ ...place, since: event.target.value })}
          />
          <button type="button" className={button} disabled={pending} onClick={() => void ask()}>
            {pending ? t('reading') : t('read')}
          </button>
        </div>
        <div role="status">
          {state.is === 'done' ? (
            <p className={state.answer.problem ? 'text-fail' : 'text-muted'}>
              {state.answer.problem
                ? t(`sitemapProblem.${state.answer.problem}`, { detail: state.answer.detail })
                : t('sitemapRead', { count: state.answer.urls.length, all: state.answer.found })}
            </p>
          ) : null}
        </div>
        <Refusal state={state} />
        <Obstructed by={obstacle} />
      </div>
    </details>
  )
}
