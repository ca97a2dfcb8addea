'use client'

import { useTranslations } from 'use-intl'
import { Field } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import type { AccessRequestView } from '#lib/operations/access-requests.ts'
import { askAccessAction, decideAccessAction } from './actions.ts'
import { useWishSentence, type Wish, WishFields } from './wish-fields.tsx'

/** Asks the admins for a right. */
export function AskForm({ wish }: { wish: Wish }) {
  const t = useTranslations('access.requests')
  return (
    <SheetForm
      action={askAccessAction}
      title={t('ask')}
      help={t('askHelp')}
      save={t('askYes')}
      back="/access/requests"
    >
      <WishFields wish={wish} />
      <Field name="reason" label={t('reason')} maxLength={500} />
    </SheetForm>
  )
}

/** Grants what was asked for, as it was or as who decides changes it, or refuses it. */
export function DecideForm({ request, isGrant }: { request: AccessRequestView; isGrant: boolean }) {
  const t = useTranslations('access.requests')
  const sentence = useWishSentence()
  const { id, userName: name, asked, reason } = request
  return (
    <SheetForm
      action={decideAccessAction}
      title={isGrant ? t('grantTitle', { name }) : t('refuseTitle', { name })}
      help={
        <>
          <p className="text-text">{sentence(asked)}</p>
          {reason ? <p className="break-words">{reason}</p> : null}
        </>
      }
      save={isGrant ? t('grantYes') : t('refuseYes')}
      back="/access/requests"
    >
      <input type="hidden" name="id" value={id} />
      {isGrant ? (
        <>
          <input type="hidden" name="grant" value="1" />
          <WishFields wish={asked} />
        </>
      ) : null}
      <Field name="note" label={t('note')} maxLength={500} />
    </SheetForm>
  )
}
