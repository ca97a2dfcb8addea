'use client'

import type { ComponentProps } from 'react'
import { useTranslations } from 'use-intl'
import { ListForm } from '#components/list-form.tsx'
import { saveDomainsAction } from './actions.ts'
import { CacheChoice } from './cache-choice.tsx'

const example = 'www.example.com, https://origin.example.com\nstatic.example.com, https://origin.example.com'

/** Adds many domains from a pasted list, all with the same caches. */
export function DomainList({ caches }: { caches: ComponentProps<typeof CacheChoice>['caches'] }) {
  const t = useTranslations('domains')
  return (
    <ListForm
      action={saveDomainsAction}
      title={t('addMany')}
      label={t('listLabel')}
      help={t('listHelp')}
      example={example}
      save={t('listSave')}
      added={(count) => t('listAdded', { count })}
      back="/domains"
    >
      <CacheChoice caches={caches} chosen={[]} />
    </ListForm>
  )
}
