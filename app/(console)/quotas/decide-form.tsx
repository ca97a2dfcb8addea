'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { Refusal, useRefusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { button, panel, primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import type { QuotaRequestView } from '#lib/operations/describe-refresh-quota.ts'
import { decideAction } from './actions.ts'
import { useWish } from './words.ts'

/** Approves a request, with an amount that may differ, or rejects it. */
export function DecideForm({
  request,
  isApproval,
  limit,
}: {
  request: QuotaRequestView
  isApproval: boolean
  /** What the account has without raises. */
  limit: number
}) {
  const t = useTranslations('quotaPage')
  const sentence = useRefusal()
  const wish = useWish()
  const [state, submit, pending] = useActionState(decideAction, { is: 'idle' })
  const { id, wanted, reason, requestedBy: name } = request
  const refused = (field: string) =>
    state.is === 'refused' && state.details.field === field ? sentence(state) : undefined
  const elsewhere = !refused('granted') && !refused('note')
  return (
    <ActionForm action={submit} className={`${panel} mb-4 p-4`}>
      <input type="hidden" name="id" value={id} />
      {isApproval ? <input type="hidden" name="approve" value="1" /> : null}
      <h2 className="font-semibold">
        {isApproval ? t('approveTitle', { name }) : t('rejectTitle', { name })}
      </h2>
      <p>{t('asked', { wish: wish(request), limit })}</p>
      <p className="mb-3 break-words text-muted">{reason}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        {isApproval ? (
          <Field
            name="granted"
            label={t('granted')}
            help={t('grantedHelp', { limit })}
            type="number"
            min={limit + 1}
            max={10_000_000}
            defaultValue={wanted}
            required
            autoFocus
            refused={refused('granted')}
          />
        ) : null}
        <Field
          name="note"
          label={t('note')}
          help={t('noteHelp')}
          maxLength={500}
          autoFocus={!isApproval}
          refused={refused('note')}
        />
      </div>
      <div className="mt-3">
        <Refusal state={elsewhere ? state : { is: 'idle' }} />
      </div>
      <div className="mt-3 flex gap-2">
        <button type="submit" className={primaryButton} disabled={pending}>
          {isApproval ? t('approveYes') : t('rejectYes')}
        </button>
        <Link href="/quotas" className={button}>
          {t('cancel')}
        </Link>
      </div>
    </ActionForm>
  )
}
