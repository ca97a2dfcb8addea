'use client'

import type { ComponentProps } from 'react'
import { useTranslations } from 'use-intl'
import { field } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
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
  return (
    <SheetForm
      action={saveDomainAction}
      title={domain ? t('changeTitle', { name: domain.name }) : t('add')}
      save={t('save')}
      back="/domains"
    >
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
        />
        <Field
          name="origin"
          label={t('origin')}
          help={t('originHelp')}
          defaultValue={domain?.origin}
          autoFocus={domain !== undefined}
        />
      </div>
      <CacheChoice caches={caches} chosen={domain?.caches ?? []} />
      <DomainSettingsFields domain={domain} others={others} />
    </SheetForm>
  )
}
