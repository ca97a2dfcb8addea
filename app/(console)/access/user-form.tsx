'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { Refusal, useRefusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { button, panel, primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import type { UserView } from '#lib/operations/save-user.ts'
import { addUserAction, grantPolicyAction } from './actions.ts'
import { LinkPanel } from './link-panel.tsx'
import { PolicyChoice } from './policy-choice.tsx'

/** Adds a user, or changes what one may do. */
export function UserForm({ user }: { user: UserView | undefined }) {
  return user ? <ChangeForm user={user} /> : <AddForm />
}

function AddForm() {
  const t = useTranslations('access')
  const sentence = useRefusal()
  const [state, submit, pending] = useActionState(addUserAction, { is: 'idle' })
  if (state.is === 'done') return <LinkPanel link={state.answer} />
  const isName = state.is === 'refused' && state.details.field === 'name'
  return (
    <ActionForm action={submit} className={`${panel} mb-4 space-y-4 p-4`}>
      <h2 className="font-semibold">{t('add')}</h2>
      <div className="max-w-[380px]">
        <Field
          name="name"
          label={t('name')}
          help={t('nameHelp')}
          required
          autoFocus
          autoComplete="off"
          spellCheck={false}
          refused={isName ? sentence(state) : undefined}
        />
      </div>
      <PolicyChoice chosen="FreshetPurgeAndPrefetchAccess" />
      <Refusal state={isName ? { is: 'idle' } : state} />
      <div className="flex gap-2">
        <button type="submit" className={primaryButton} disabled={pending}>
          {t('addSubmit')}
        </button>
        <Link href="/access" className={button}>
          {t('cancel')}
        </Link>
      </div>
    </ActionForm>
  )
}

function ChangeForm({ user }: { user: UserView }) {
  const t = useTranslations('access')
  const [state, submit, pending] = useActionState(grantPolicyAction, { is: 'idle' })
  return (
    <ActionForm action={submit} className={`${panel} mb-4 space-y-4 p-4`}>
      <div>
        <h2 className="font-semibold">{t('changeTitle', { name: user.name })}</h2>
        <p className="text-muted">{t('changeHelp')}</p>
      </div>
      <input type="hidden" name="id" value={user.id} />
      <PolicyChoice chosen={user.policies[0] ?? 'FreshetReadOnlyAccess'} />
      <Refusal state={state} />
      <div className="flex gap-2">
        <button type="submit" className={primaryButton} disabled={pending}>
          {t('save')}
        </button>
        <Link href="/access" className={button}>
          {t('cancel')}
        </Link>
      </div>
    </ActionForm>
  )
}
