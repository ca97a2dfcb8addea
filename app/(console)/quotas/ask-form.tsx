'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { panel } from '#components/ui/classes.ts'
import { Field, Select } from '#components/ui/field.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import type { Limits, Pool, PoolState } from '#lib/core/quota.ts'
import { askAction } from './actions.ts'
import { useBandwidth } from './words.ts'

/** Asks the admins of the account for more of a pool. */
export function AskForm({
  pools,
  considerFromMbps,
  chosen,
  asked,
}: {
  pools: PoolState[]
  considerFromMbps: Limits['considerFromMbps']
  /** The pool that the form begins with, where it names one. */
  chosen: string
  /** Pools that the reader has asked for already. */
  asked: Pool[]
}) {
  const t = useTranslations()
  const bandwidth = useBandwidth()
  const open = pools.filter((one) => !asked.includes(one.pool))
  const [pool, setPool] = useState<Pool | undefined>(
    (open.find((one) => one.pool === chosen) ?? open[0])?.pool,
  )
  const now = open.find((one) => one.pool === pool)
  if (!now) return <p className={`${panel} mb-4 p-4`}>{t('quotaPage.askAll')}</p>
  return (
    <SheetForm
      action={askAction}
      title={t('quotaPage.askTitle')}
      help={t('quotaPage.askHelp')}
      save={t('quotaPage.askSubmit')}
      back="/quotas"
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Select
          name="pool"
          label={t('quotaPage.askPool')}
          help={t('quotaPage.askNow', { limit: now.limit, left: now.left })}
          value={now.pool}
          onChange={(event) => setPool(event.target.value as Pool)}
          options={open.map((one) => ({ value: one.pool, text: t(`method.${one.pool}`) }))}
        />
        <Field
          name="wanted"
          label={t('quotaPage.askWanted')}
          type="number"
          min={1}
          max={10_000_000}
          required
          autoFocus
        />
        <Field name="until" label={t('quotaPage.askUntil')} help={t('quotaPage.askUntilHelp')} type="date" />
        <Field
          name="peakMbps"
          label={t('quotaPage.askPeak')}
          help={t('quotaPage.askPeakHelp', { bandwidth: bandwidth(considerFromMbps[now.pool]) })}
          type="number"
          min={0}
          max={100_000_000}
        />
        <div className="sm:col-span-2">
          <Field
            name="reason"
            label={t('quotaPage.askReason')}
            help={t('quotaPage.askReasonHelp')}
            maxLength={500}
            required
          />
        </div>
      </div>
    </SheetForm>
  )
}
