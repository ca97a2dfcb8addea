'use client'

import { useTranslations } from 'use-intl'
import { Field } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
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
  const wish = useWish()
  const { id, wanted, reason, requestedBy: name } = request
  return (
    <SheetForm
      action={decideAction}
      title={isApproval ? t('approveTitle', { name }) : t('rejectTitle', { name })}
      help={
        <>
          <p className="text-text">{t('asked', { wish: wish(request), limit })}</p>
          <p className="break-words">{reason}</p>
        </>
      }
      save={isApproval ? t('approveYes') : t('rejectYes')}
      back="/quotas"
    >
      <input type="hidden" name="id" value={id} />
      {isApproval ? <input type="hidden" name="approve" value="1" /> : null}
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
          />
        ) : null}
        <Field name="note" label={t('note')} help={t('noteHelp')} maxLength={500} autoFocus={!isApproval} />
      </div>
    </SheetForm>
  )
}
