'use client'

import { useId } from 'react'
import { useTranslations } from 'use-intl'
import { type SystemPolicy, systemPolicies } from '#lib/core/policy.ts'

/** What a user may do, a sentence each. */
export function PolicyChoice({ chosen }: { chosen: SystemPolicy }) {
  const t = useTranslations()
  const id = useId()
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{t('access.may')}</legend>
      {systemPolicies.map((policy) => (
        <label key={policy} className="flex min-h-[28px] items-baseline gap-2 py-0.5">
          <input
            type="radio"
            name="policy"
            value={policy}
            defaultChecked={policy === chosen}
            aria-labelledby={`${id}-${policy}`}
            aria-describedby={`${id}-${policy}-says`}
            className="size-4 shrink-0 translate-y-[3px] accent-accent"
          />
          <span>
            <span id={`${id}-${policy}`}>{t(`policy.${policy}`)}</span>{' '}
            <span id={`${id}-${policy}-says`} className="text-muted">
              {t(`policy.says.${policy}`)}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
