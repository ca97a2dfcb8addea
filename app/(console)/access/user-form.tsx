'use client'

import { useTranslations } from 'use-intl'
import { Choices } from '#components/ui/choices.tsx'
import { Field } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import { systemPolicies } from '#lib/core/system-policies.ts'
import { addUserAction } from './actions.ts'
import { LinkPanel } from './link-panel.tsx'

/** Adds a user, who then gets a link. @param policies names of those of the account */
export function AddForm({ policies }: { policies: string[] }) {
  const t = useTranslations()
  const system = systemPolicies.map((policy) => ({
    value: policy as string,
    text: t(`policy.${policy}`),
    says: t(`policy.says.${policy}`),
  }))
  return (
    <SheetForm
      action={addUserAction}
      title={t('access.add')}
      save={t('access.addSubmit')}
      back="/access"
      done={(link) => <LinkPanel link={link} />}
    >
      <div className="max-w-[380px]">
        <Field
          name="name"
          label={t('access.name')}
          help={t('access.nameHelp')}
          required
          autoFocus
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <Choices
        type="radio"
        name="policy"
        legend={t('access.may')}
        options={[...system, ...policies.map((policy) => ({ value: policy, text: policy }))]}
        chosen={['FreshetPurgeAndPrefetchAccess']}
      />
    </SheetForm>
  )
}
