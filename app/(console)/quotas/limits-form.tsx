'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { useTranslations } from 'use-intl'
import { Refusal, useRefusal } from '#components/refusal.tsx'
import { ActionForm } from '#components/ui/action-form.tsx'
import { button, field, panel, primaryButton } from '#components/ui/classes.ts'
import { Field } from '#components/ui/field.tsx'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import { Select } from '#components/ui/select.tsx'
import { methods } from '#lib/core/line.ts'
import { defaultLimits, type Limits } from '#lib/core/quota.ts'
import { saveLimitsAction } from './actions.ts'
import { offsetName } from './words.ts'

const kinds = ['perDay', 'perSubmission', 'perMinute', 'considerFrom'] as const
type Kind = (typeof kinds)[number]

/** Where clocks of the world stand, minutes east of UTC. */
const offsets = [
  -720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -120, -60, 0, 60, 120, 180, 210,
  240, 270, 300, 330, 345, 360, 390, 420, 480, 525, 540, 570, 600, 630, 660, 720, 765, 780, 840,
]

/** The limits of the account; what is left empty is as at the vendor. */
export function LimitsForm({ limits }: { limits: Limits }) {
  const t = useTranslations('quotaPage')
  const sentence = useRefusal()
  const [state, submit, pending] = useActionState(saveLimitsAction, { is: 'idle' })
  const refused = (name: string) =>
    state.is === 'refused' && state.details.field === name ? sentence(state) : undefined
  const single = (name: 'urgentPerMinute' | 'queue' | 'warnAtPercent') => ({
    name,
    type: 'number',
    defaultValue: own(limits[name], defaultLimits[name]),
    placeholder: String(defaultLimits[name]),
    refused: refused(name),
  })
  return (
    <ActionForm action={submit} className={`${panel} mb-4 p-4`}>
      <h2 className="font-semibold">{t('limitsTitle')}</h2>
      <p className="mb-3 text-muted">{t('limitsHelp')}</p>
      <PoolLimits limits={limits} isRefused={(name) => refused(name) !== undefined} />
      <div className="mt-4 grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <Field {...single('urgentPerMinute')} label={t('urgentLabel')} min={0} max={10_000_000} />
        <Field {...single('queue')} label={t('queueLabel')} min={0} max={10_000_000} />
        <Field {...single('warnAtPercent')} label={t('warnLabel')} min={1} max={100} />
        <DayChoice offset={limits.dayOffsetMinutes} />
      </div>
      <div className="mt-3">
        <Refusal state={state} />
      </div>
      <div className="mt-3 flex gap-2">
        <button type="submit" className={primaryButton} disabled={pending}>
          {t('limitsSave')}
        </button>
        <Link href="/quotas" className={button}>
          {t('cancel')}
        </Link>
      </div>
    </ActionForm>
  )
}

/** A number that differs from the vendor's; that one is the placeholder. */
const own = (value: number, vendor: number) => (value === vendor ? '' : value)

/** The numbers of a kind, as far as there are any. */
function numbersOf(
  limits: Limits,
  kind: Kind,
): { name: keyof Limits; numbers: Partial<Record<string, number>> } {
  if (kind === 'considerFrom') return { name: 'considerFromMbps', numbers: limits.considerFromMbps }
  return { name: kind, numbers: limits[kind] }
}

function PoolLimits({ limits, isRefused }: { limits: Limits; isRefused: (name: string) => boolean }) {
  const t = useTranslations()
  return (
    <ScrollTable label={t('quotaPage.limitsTitle')} width="min-w-[680px]">
      <thead>
        <tr className="border-line border-b text-left text-muted text-xs [&>th]:px-2 [&>th]:py-2 [&>th]:font-medium">
          <th className="w-[20%]">{t('quotaPage.what')}</th>
          {kinds.map((kind) => (
            <th key={kind}>{t(`quotaPage.${kind}`)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {methods.map((pool) => (
          <tr key={pool} className="border-line border-b last:border-b-0 [&>td]:px-2 [&>td]:py-1">
            <th scope="row" className="px-2 text-left font-normal">
              {t(`method.${pool}`)}
            </th>
            {kinds.map((kind) => {
              const { name, numbers } = numbersOf(limits, kind)
              const vendor = numbersOf(defaultLimits, kind).numbers[pool]
              const value = numbers[pool]
              return (
                <td key={kind}>
                  {vendor === undefined || value === undefined ? (
                    <span className="text-muted">{t('quotaPage.noLimit')}</span>
                  ) : (
                    <input
                      name={`${name}.${pool}`}
                      type="number"
                      min={0}
                      max={10_000_000}
                      aria-label={`${t(`method.${pool}`)}: ${t(`quotaPage.${kind}`)}`}
                      aria-invalid={isRefused(`${name}.${pool}`) ? true : undefined}
                      className={field}
                      defaultValue={own(value, vendor)}
                      placeholder={String(vendor)}
                    />
                  )}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}

function DayChoice({ offset }: { offset: number }) {
  const t = useTranslations('quotaPage')
  const vendor = defaultLimits.dayOffsetMinutes
  const known = [...new Set([...offsets, offset])].sort((a, b) => a - b)
  return (
    <Select
      name="dayOffsetMinutes"
      label={t('dayLabel')}
      defaultValue={offset}
      options={known.map((minutes) => ({
        value: String(minutes),
        text: minutes === vendor ? t('vendorDay', { offset: offsetName(minutes) }) : offsetName(minutes),
      }))}
    />
  )
}
