'use client'

import { useTranslations } from 'use-intl'
import { QuotaMeter } from '#components/quota-meter.tsx'
import { Segments } from '#components/ui/segments.tsx'
import { type Mode, modes } from '#lib/core/command.ts'
import { type Method, methods } from '#lib/core/line.ts'
import type { PoolState } from '#lib/core/quota.ts'

const purgeMethods = methods.filter((method) => method !== 'prefetch')

/** What is to be done with the lines, and how much of that is left today. */
export function MethodBar({
  method,
  mode,
  pools,
  resetsAt,
  denied,
  onMethod,
  onMode,
}: {
  method: Method
  mode: Mode
  pools: readonly PoolState[]
  resetsAt: string
  /** Why one of the two operations may not be chosen. */
  denied: { purge?: string | undefined; prefetch?: string | undefined }
  onMethod: (method: Method) => void
  onMode: (mode: Mode) => void
}) {
  const t = useTranslations()
  const operation = method === 'prefetch' ? 'prefetch' : 'purge'
  const pool = pools.find((one) => one.pool === method)
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Segments
        label={t('purge.operation')}
        name="operation"
        value={operation}
        options={(['purge', 'prefetch'] as const).map((value) => ({
          value,
          text: t(`operation.${value}`),
          disabled: denied[value],
        }))}
        onChange={(value) => onMethod(value === 'prefetch' ? 'prefetch' : 'url')}
      />
      {operation === 'purge' ? (
        <>
          <Segments
            label={t('purge.method')}
            name="method"
            value={method}
            options={purgeMethods.map((value) => ({ value, text: t(`method.${value}`) }))}
            onChange={onMethod}
          />
          <Segments
            label={t('purge.mode')}
            name="mode"
            value={mode}
            options={modes.map((value) => ({ value, text: t(`modeName.${value}`) }))}
            onChange={onMode}
          />
        </>
      ) : (
        <input type="hidden" name="method" value="prefetch" />
      )}
      <span className="ml-auto">{pool ? <QuotaMeter state={pool} resetsAt={resetsAt} /> : null}</span>
      <p className="w-full text-muted">
        {operation === 'prefetch' ? t('purge.does.prefetch') : t(`purge.does.${method as 'url'}.${mode}`)}
      </p>
    </div>
  )
}
