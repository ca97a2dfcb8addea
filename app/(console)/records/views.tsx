'use client'

import Link from 'next/link'
import { useActionState, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { ActForm } from '#components/act-form.tsx'
import { Refusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { button, field, link } from '#components/ui/classes.ts'
import type { SavedView } from '#lib/operations/saved-views.ts'
import { removeViewAction, saveViewAction } from './actions.ts'

/** Views that somebody gave a name. */
export function Views({
  views,
  query,
  mayRemove,
}: {
  views: SavedView[]
  query: string
  mayRemove: boolean
}) {
  const t = useTranslations('records')
  const current = views.find((view) => view.query === query)
  if (views.length === 0) return null
  return (
    <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1">
      <nav aria-label={t('views')} className="flex flex-wrap gap-x-3 gap-y-1">
        {views.map((view) => (
          <Link
            key={view.id}
            href={`/records?${view.query}`}
            title={t('viewBy', { name: view.madeBy })}
            aria-current={view === current ? 'page' : undefined}
            className="inline-flex min-h-[24px] items-center text-muted underline-offset-2 hover:underline aria-[current]:font-semibold aria-[current]:text-text"
          >
            {view.name}
          </Link>
        ))}
      </nav>
      {current && mayRemove ? (
        <ActForm
          action={removeViewAction}
          given={{ id: current.id }}
          text={t('removeView', { name: current.name })}
          look={link}
        />
      ) : null}
    </div>
  )
}

/** Gives the filters as they stand a name; opens without script, and before it has come. */
export function SaveView({ query }: { query: string }) {
  const t = useTranslations('records')
  const name = useRef<HTMLInputElement>(null)
  const [state, submit, pending] = useActionState(saveViewAction, { is: 'idle' })
  return (
    <details className="relative" onToggle={(event) => event.currentTarget.open && name.current?.focus()}>
      <summary className={`${link} cursor-pointer list-none`}>{t('saveView')}</summary>
      <ActionForm
        action={submit}
        className="absolute left-0 z-10 mt-1 w-[300px] rounded-md border border-line-strong bg-panel p-2"
      >
        <input type="hidden" name="query" value={query} />
        <div className="flex gap-2">
          <input
            ref={name}
            name="name"
            className={`${field} min-w-0 flex-1`}
            aria-label={t('viewName')}
            placeholder={t('viewName')}
            maxLength={60}
            required
          />
          <button type="submit" className={button} disabled={pending}>
            {t('saveView')}
          </button>
        </div>
        <Refusal state={state} />
      </ActionForm>
    </details>
  )
}
