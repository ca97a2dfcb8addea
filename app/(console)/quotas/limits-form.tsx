'use client'

import { useTranslations } from 'use-intl'
import { useRefused } from '#components/refusal.tsx'
import { field, tableHead } from '#components/ui/classes.ts'
import { Field, Select } from '#components/ui/field.tsx'
import { ScrollTable } from '#components/ui/scroll-table.tsx'
import { SheetForm } from '#components/ui/sheet-form.tsx'
import { methods } from '#lib/core/line.ts'
import { callNames, defaultLimits, type Limits } from '#lib/core/quota.ts'
import { saveLimitsAction } from './actions.ts'
import { offsetName } from './words.ts'

const kinds = ['perDay', 'perSubmission', 'perCall', 'perMinute', 'considerFrom'] as const
type Kind = (typeof kinds)[number]

/** Where clocks of the world stand, minutes east of UTC. */
const offsets = [
  -720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -120, -60, 0, 60, 120, 180, 210,
  240, 270, 300, 330, 345, 360, 390, 420, 480, 525, 540, 570, 600, 630, 660, 720, 765, 780, 840,
]

/** The limits of the account; what is left empty is as at the vendor. */
export function LimitsForm({ limits }: { limits: Limits }) {
  const t = useTranslations('quotaPage')
  const single = (name: 'urgentPerMinute' | 'queue' | 'domainsPerCall' | 'warnAtPercent') => ({
    name,
    type: 'number',
    defaultValue: own(limits[name], defaultLimits[name]),
    placeholder: String(defaultLimits[name]),
  })
  return (
    <SheetForm
      action={saveLimitsAction}
      title={t('limitsTitle')}
      help={t('limitsHelp')}
      save={t('limitsSave')}
      back="/quotas"
    >
      <PoolLimits limits={limits} />
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <Field {...single('urgentPerMinute')} label={t('urgentLabel')} min={0} max={10_000_000} />
        <Field {...single('queue')} label={t('queueLabel')} min={0} max={10_000_000} />
        <Field {...single('warnAtPercent')} label={t('warnLabel')} min={1} max={100} />
        <DayChoice offset={limits.dayOffsetMinutes} />
        <Field {...single('domainsPerCall')} label={t('domainsPerCallLabel')} min={0} max={10_000_000} />
      </div>
      <CallRates limits={limits} />
    </SheetForm>
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

function PoolLimits({ limits }: { limits: Limits }) {
  const t = useTranslations()
  return (
    <ScrollTable label={t('quotaPage.limitsTitle')} width="min-w-[780px]">
      <thead>
        <tr className={tableHead}>
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
                    <LimitInput
                      name={`${name}.${pool}`}
                      label={`${t(`method.${pool}`)}: ${t(`quotaPage.${kind}`)}`}
                      value={value}
                      vendor={vendor}
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

function CallRates({ limits }: { limits: Limits }) {
  const t = useTranslations('quotaPage')
  return (
    <ScrollTable label={t('ratesTitle')} width="min-w-0">
      <thead>
        <tr className={tableHead}>
          <th>{t('apiCall')}</th>
          <th className="w-[40%]">{t('perSecond')}</th>
        </tr>
      </thead>
      <tbody>
        {callNames.map((call) => (
          <tr key={call} className="border-line border-b last:border-b-0 [&>td]:px-2 [&>td]:py-1">
            <th scope="row" className="break-all px-2 text-left font-normal">
              {call}
            </th>
            <td>
              <LimitInput
                name={`callsPerSecond.${call}`}
                label={`${call}: ${t('perSecond')}`}
                value={limits.callsPerSecond[call]}
                vendor={defaultLimits.callsPerSecond[call]}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  )
}

function LimitInput({
  name,
  label,
  value,
  vendor,
}: {
  name: string
  label: string
  value: number
  vendor: number
}) {
  return (
    <input
      name={name}
      type="number"
      min={0}
      max={10_000_000}
      aria-label={label}
      aria-invalid={useRefused(name) ? true : undefined}
      className={field}
      defaultValue={own(value, vendor)}
      placeholder={String(vendor)}
    />
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
