'use client'

import { useTranslations } from 'use-intl'

type Cache = { id: number; name: string; tier: 'edge' | 'shield'; pop: string }

/** Which caches serve a domain. */
export function CacheChoice({ caches, chosen }: { caches: Cache[]; chosen: readonly number[] }) {
  const t = useTranslations()
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{t('domains.caches')}</legend>
      <p className="mb-1.5 text-muted text-xs">
        {caches.length === 0 ? t('domains.noCaches') : t('domains.cachesHelp')}
      </p>
      <div className="grid max-h-[240px] gap-x-4 gap-y-1 overflow-y-auto sm:grid-cols-3">
        {caches.map((cache) => (
          <label key={cache.id} className="flex min-h-[28px] items-center gap-2">
            <input
              type="checkbox"
              name="cache"
              value={cache.id}
              defaultChecked={chosen.includes(cache.id)}
              className="size-4 accent-accent"
            />
            <span className="truncate">
              {cache.name} <span className="text-muted">{t(`tier.${cache.tier}`)}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
