'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Field, Select } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import { type CacheKind, cacheKinds, regions } from '#lib/core/capabilities.ts'
import type { CacheView } from '#lib/operations/list-caches.ts'
import { saveCacheAction } from './actions.ts'

type Cache = Pick<CacheView, 'id' | 'name' | 'kind' | 'address' | 'tier' | 'pop' | 'region'>

/** Adds a cache or changes one. */
export function CacheForm({ cache }: { cache: Cache | undefined }) {
  const t = useTranslations()
  const [kind, setKind] = useState<CacheKind>((cache?.kind as CacheKind | undefined) ?? 'edge')
  return (
    <SheetForm
      action={saveCacheAction}
      title={cache ? t('caches.changeTitle', { name: cache.name }) : t('caches.add')}
      save={t('caches.save')}
      back="/caches"
    >
      {cache ? <input type="hidden" name="id" value={cache.id} /> : null}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field name="name" label={t('caches.name')} defaultValue={cache?.name} required autoFocus />
        <Select
          name="kind"
          label={t('caches.kind')}
          value={kind}
          onChange={(event) => setKind(event.target.value as CacheKind)}
          options={cacheKinds.map((value) => ({ value, text: t(`cacheKind.${value}`) }))}
        />
        <Field
          name="address"
          label={t('caches.address')}
          help={t(`caches.addressHelp.${kind}`)}
          defaultValue={cache?.address}
          placeholder="http://10.0.0.5:6081"
          required
        />
        <Select
          name="tier"
          label={t('caches.tier')}
          help={t('caches.shieldHelp')}
          defaultValue={cache?.tier ?? 'edge'}
          options={(['edge', 'shield'] as const).map((value) => ({ value, text: t(`tier.${value}`) }))}
        />
        <Field name="pop" label={t('caches.pop')} help={t('caches.popHelp')} defaultValue={cache?.pop} />
        <Select
          name="region"
          label={t('caches.region')}
          help={t('caches.regionHelp')}
          defaultValue={cache?.region ?? ''}
          options={(['', ...regions] as const).map((value) => ({
            value,
            text: t(`caches.regions.${value || 'every'}`),
          }))}
        />
        <Field
          name="secret"
          label={t('caches.secret')}
          help={cache ? t('caches.secretKept') : t('caches.secretHelp')}
          type="password"
          autoComplete="off"
          required={!cache}
        />
      </div>
    </SheetForm>
  )
}
