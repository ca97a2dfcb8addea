'use client'

import { useTranslations } from 'use-intl'
import { Choices } from '#components/ui/choices.tsx'
import { systemPolicies } from '#lib/core/system-policies.ts'

type Props = {
  type: 'radio' | 'checkbox'
  /** Names of the policies of the account. */
  policies: string[]
  chosen: string[]
}

/** The policies of the system, each with what it lets one do, and those of the account. */
export function PolicyChoices({ type, policies, chosen }: Props) {
  const t = useTranslations()
  const system = systemPolicies.map((policy) => ({
    value: policy as string,
    text: t(`policy.${policy}`),
    says: t(`policy.says.${policy}`),
  }))
  const own = policies.map((policy) => ({ value: policy, text: policy }))
  return (
    <Choices
      type={type}
      name="policy"
      legend={t('access.may')}
      options={[...system, ...own]}
      chosen={chosen}
    />
  )
}
