'use client'

import { useTranslations } from 'use-intl'
import { Field } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import type { UserView } from '#lib/operations/save-user.ts'
import { addUserAction, grantPolicyAction } from './actions.ts'
import { LinkPanel } from './link-panel.tsx'
import { PolicyChoice } from './policy-choice.tsx'

/** Adds a user, who then gets a link. */
export function AddForm() {
  const t = useTranslations('access')
  return (
    <SheetForm
      action={addUserAction}
      title={t('add')}
      save={t('addSubmit')}
      back="/access"
      done={(link) => <LinkPanel link={link} />}
    >
      <div className="max-w-[380px]">
        <Field
          name="name"
          label={t('name')}
          help={t('nameHelp')}
          required
          autoFocus
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <PolicyChoice chosen="FreshetPurgeAndPrefetchAccess" />
    </SheetForm>
  )
}

/** Changes what a user may do. */
export function PolicyForm({ user }: { user: UserView }) {
  const t = useTranslations('access')
  return (
    <SheetForm
      action={grantPolicyAction}
      title={t('changeTitle', { name: user.name })}
      help={t('changeHelp')}
      save={t('save')}
      back="/access"
    >
      <input type="hidden" name="id" value={user.id} />
      <PolicyChoice chosen={user.policies[0] ?? 'FreshetReadOnlyAccess'} />
    </SheetForm>
  )
}
