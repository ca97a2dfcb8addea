'use client'

import { useTranslations } from 'use-intl'
import { Field } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import { saveRetentionAction } from './actions.ts'

/** For how long records are kept. */
export function RetentionForm({ days }: { days: number }) {
  const t = useTranslations('records')
  return (
    <SheetForm
      action={saveRetentionAction}
      title={t('retentionTitle')}
      help={t('retentionHelp')}
      save={t('retentionSave')}
      back="/records"
    >
      <div className="max-w-[200px]">
        <Field
          name="days"
          label={t('retentionDays')}
          type="number"
          min={1}
          max={3650}
          defaultValue={days}
          required
          autoFocus
        />
      </div>
    </SheetForm>
  )
}
