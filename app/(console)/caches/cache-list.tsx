'use client'

import { useTranslations } from 'use-intl'
import { ListForm } from '#components/list-form.tsx'
import { saveCachesAction } from './actions.ts'

const example =
  'fra1, edge, http://10.0.0.5:4104, edge, Frankfurt, a-secret-of-16-or-more\nams1, varnish, http://10.0.0.6:6081, shield, Amsterdam, a-secret-of-16-or-more'

/** Adds many caches from a pasted list. */
export function CacheList() {
  const t = useTranslations('caches')
  return (
    <ListForm
      action={saveCachesAction}
      title={t('addMany')}
      label={t('listLabel')}
      help={t('listHelp')}
      example={example}
      save={t('listSave')}
      added={(count) => t('listAdded', { count })}
      back="/caches"
    />
  )
}
