'use client'

import Link from 'next/link'
import { useActionState, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Refusal, useRefusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { button, panel, primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { Select } from '#components/ui/select.tsx'
import type { Limits, Pool, PoolState } from '#lib/core/quota.ts'
import { askAction } from './actions.ts'
import { useBandwidth } from './words.ts'

const fields = ['wanted', 'until', 'reason', 'peakMbps']

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
  const sentence = useRefusal()
  const bandwidth = useBandwidth()
  const open = pools.filter((one) => !asked.includes(one.pool))
  const [pool, setPool] = useState<Pool | undefined>(
    (open.find((one) => one.pool === chosen) ?? open[0])?.pool,
  )
  const [state, submit, pending] = useActionState(askAction, { is: 'idle' })
  const refused = (name: string) =>
    state.is === 'refused' && state.details.field === name ? sentence(state) : undefined
  const elsewhere = state.is === 'refused' && !fields.includes(String(state.details.field))
  const now = open.find((one) => one.pool === pool)
  if (!now) return <p className={`${panel} mb-4 p-4`}>{t('quotaPage.askAll')}</p>
  return (
    <ActionForm action={submit} className={`${panel} mb-4 p-4`}>
      <h2 className="font-semibold">{t('quotaPage.askTitle')}</h2>
      <p className="mb-3 text-muted">{t('quotaPage.askHelp')}</p>
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
          refused={refused('wanted')}
        />
        <Field
          name="until"
          label={t('quotaPage.askUntil')}
          help={t('quotaPage.askUntilHelp')}
          type="date"
          refused={refused('until')}
        />
        <Field
          name="peakMbps"
          label={t('quotaPage.askPeak')}
          help={t('quotaPage.askPeakHelp', { bandwidth: bandwidth(considerFromMbps[now.pool]) })}
          type="number"
          min={0}
          max={100_000_000}
          refused={refused('peakMbps')}
        />
        <div className="sm:col-span-2">
          <Field
            name="reason"
            label={t('quotaPage.askReason')}
            help={t('quotaPage.askReasonHelp')}
            maxLength={500}
            required
            refused={refused('reason')}
          />
        </div>
      </div>
      <div className="mt-3">
        <Refusal state={elsewhere ? state : { is: 'idle' }} />
      </div>
      <div className="mt-3 flex gap-2">
        <button type="submit" className={primaryButton} disabled={pending}>
          {t('quotaPage.askSubmit')}
        </button>
        <Link href="/quotas" className={button}>
          {t('quotaPage.cancel')}
        </Link>
      </div>
    </ActionForm>
  )
}
