'use client'

import { useTranslations } from 'use-intl'
import { Field } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import { addUserAction } from './actions.ts'
import { LinkPanel } from './link-panel.tsx'
import { PolicyChoices } from './policy-choices.tsx'

/** Adds a user, who then gets a link. @param policies names of those of the account */
export function AddForm({ policies }: { policies: string[] }) {
  const t = useTranslations()
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
      <PolicyChoices type="radio" policies={policies} chosen={['FreshetPurgeAndPrefetchAccess']} />
    </SheetForm>
  )
}
