'use client'

import { useTranslations } from 'use-intl'
import { Choices } from '#components/ui/choices.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import { grantAction } from './actions.ts'

type Props = { holder: { is: 'user' | 'group'; id: number; name: string }; domains: string[]; back: string }

/** Lets somebody see, purge or prefetch domains; the policy for it is written by the server. */
export function GrantForm({ holder: { is, id, name }, domains, back }: Props) {
  const t = useTranslations('access.grant')
  return (
    <SheetForm
      action={grantAction}
      title={t('title', { name })}
      help={t('help')}
      save={t('save')}
      back={back}
    >
      <input type="hidden" name="is" value={is} />
      <input type="hidden" name="id" value={id} />
      <Choices
        type="checkbox"
        name="can"
        legend={t('can')}
        options={(['see', 'purge', 'prefetch'] as const).map((can) => ({
          value: can,
          text: t(can),
          says: t(`says.${can}`),
        }))}
        chosen={['see', 'purge', 'prefetch']}
      />
      <Choices
        type="checkbox"
        name="domain"
        legend={t('domains')}
        options={[
          { value: '*', text: t('all') },
          ...domains.map((domain) => ({ value: domain, text: domain })),
        ]}
        chosen={[]}
        columns
      />
    </SheetForm>
  )
}
