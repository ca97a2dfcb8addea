'use client'

import Link from 'next/link'
import { type ComponentProps, useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { Refusal, useRefusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { button, field, panel, primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { saveDomainAction } from './actions.ts'
import { CacheChoice } from './cache-choice.tsx'
import { DomainSettingsFields, type SettledDomain } from './domain-settings.tsx'

type Domain = SettledDomain & { name: string; origin: string; caches: number[] }

/** Adds a domain or changes one. */
export function DomainForm({
  domain,
  others,
  caches,
}: {
  domain: Domain | undefined
  others: { id: number; name: string }[]
  caches: ComponentProps<typeof CacheChoice>['caches']
}) {
  const t = useTranslations('domains')
  const sentence = useRefusal()
  const [state, submit, pending] = useActionState(saveDomainAction, { is: 'idle' })
  const refused = (...names: string[]) => {
    const field = state.is === 'refused' ? state.details.field : undefined
    // `settings.query.names` speaks of the field of `settings.query`.
    const isMeant = names.some((name) => field === name || String(field).startsWith(`${name}.`))
    return state.is === 'refused' && isMeant ? sentence(state) : undefined
  }
  const elsewhere = state.is === 'refused' && typeof state.details.field !== 'string'
  return (
    <ActionForm action={submit} className={`${panel} mb-4 space-y-4 p-4`}>
      <h2 className="font-semibold">{domain ? t('changeTitle', { name: domain.name }) : t('add')}</h2>
      {domain ? <input type="hidden" name="id" value={domain.id} /> : null}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          name="name"
          label={t('name')}
          help={t('nameHelp')}
          defaultValue={domain?.name}
          readOnly={domain !== undefined}
          className={domain ? `${field} border-line bg-sunk text-muted` : field}
          required
          autoFocus={!domain}
          refused={refused('name')}
        />
        <Field
          name="origin"
          label={t('origin')}
          help={t('originHelp')}
          defaultValue={domain?.origin}
          autoFocus={domain !== undefined}
          refused={refused('origin')}
        />
      </div>
      <CacheChoice caches={caches} chosen={domain?.caches ?? []} />
      <DomainSettingsFields domain={domain} others={others} refused={refused} />
      <Refusal state={elsewhere ? state : { is: 'idle' }} />
      <div className="flex gap-2">
        <button type="submit" className={primaryButton} disabled={pending}>
          {t('save')}
        </button>
        <Link href="/domains" className={button}>
          {t('cancel')}
        </Link>
      </div>
    </ActionForm>
  )
}
