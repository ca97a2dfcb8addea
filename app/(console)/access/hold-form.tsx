'use client'

import { useTranslations } from 'use-intl'
import { Choices } from '#components/ui/choices.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import { type SystemPolicy, systemPolicies } from '#lib/core/system-policies.ts'
import { holdAction } from './actions.ts'

type Props = {
  holder: { is: 'user' | 'group'; id: number; name: string }
  /** Names of the policies of the account, and of those that are held. */
  policies: string[]
  held: string[]
  back: string
}

/** Says which policies a user or a group holds. */
export function HoldForm({ holder: { is, id, name }, policies, held, back }: Props) {
  const t = useTranslations()
  const system = systemPolicies.map((policy: SystemPolicy) => ({
    value: policy,
    text: t(`policy.${policy}`),
    says: t(`policy.says.${policy}`),
  }))
  return (
    <SheetForm
      action={holdAction}
      title={t('access.changeTitle', { name })}
      help={t('access.changeHelp')}
      save={t('access.save')}
      back={back}
    >
      <input type="hidden" name="is" value={is} />
      <input type="hidden" name="id" value={id} />
      <Choices
        type="checkbox"
        name="policy"
        legend={t('access.may')}
        options={[...system, ...policies.map((policy) => ({ value: policy, text: policy }))]}
        chosen={held}
      />
    </SheetForm>
  )
}
