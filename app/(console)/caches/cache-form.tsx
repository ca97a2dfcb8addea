'use client'

import Link from 'next/link'
import { useActionState, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Refusal, useRefusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { button, panel, primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { Select } from '#components/ui/select.tsx'
import { type CacheKind, cacheKinds } from '#lib/core/capabilities.ts'
import { saveCacheAction } from './actions.ts'

type Cache = { id: number; name: string; kind: string; address: string; tier: string; pop: string }

/** Adds a cache or changes one. */
export function CacheForm({ cache }: { cache: Cache | undefined }) {
  const t = useTranslations()
  const sentence = useRefusal()
  const [kind, setKind] = useState<CacheKind>((cache?.kind as CacheKind | undefined) ?? 'edge')
  const [state, submit, pending] = useActionState(saveCacheAction, { is: 'idle' })
  const refused = (name: string) =>
    state.is === 'refused' && state.details.field === name ? sentence(state) : undefined
  const elsewhere = state.is === 'refused' && typeof state.details.field !== 'string'
  return (
    <ActionForm action={submit} className={`${panel} mb-4 p-4`}>
      <h2 className="mb-3 font-semibold">
        {cache ? t('caches.changeTitle', { name: cache.name }) : t('caches.add')}
      </h2>
      {cache ? <input type="hidden" name="id" value={cache.id} /> : null}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          name="name"
          label={t('caches.name')}
          defaultValue={cache?.name}
          required
          autoFocus
          refused={refused('name')}
        />
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
          refused={refused('address')}
        />
        <Select
          name="tier"
          label={t('caches.tier')}
          help={t('caches.shieldHelp')}
          defaultValue={cache?.tier ?? 'edge'}
          options={(['edge', 'shield'] as const).map((value) => ({ value, text: t(`tier.${value}`) }))}
        />
        <Field
          name="pop"
          label={t('caches.pop')}
          help={t('caches.popHelp')}
          defaultValue={cache?.pop}
          refused={refused('pop')}
        />
        <Field
          name="secret"
          label={t('caches.secret')}
          help={cache ? t('caches.secretKept') : t('caches.secretHelp')}
          type="password"
          autoComplete="off"
          required={!cache}
          refused={refused('secret')}
        />
      </div>
      <div className="mt-3">
        <Refusal state={elsewhere ? state : { is: 'idle' }} />
      </div>
      <div className="mt-3 flex gap-2">
        <button type="submit" className={primaryButton} disabled={pending}>
          {t('caches.save')}
        </button>
        <Link href="/caches" className={button}>
          {t('caches.cancel')}
        </Link>
      </div>
    </ActionForm>
  )
}
