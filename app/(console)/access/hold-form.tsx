'use client'

import { useTranslations } from 'use-intl'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import { holdAction } from './actions.ts'
import { PolicyChoices } from './policy-choices.tsx'

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
      <PolicyChoices type="checkbox" policies={policies} chosen={held} />
    </SheetForm>
  )
}
