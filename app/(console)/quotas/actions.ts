'use server'

import { runAndReturn } from '#app/action.ts'
import { numberOf, textOf } from '#app/form-data.ts'
import type { FormState } from '#components/form-state.ts'
import { methods } from '#lib/core/line.ts'
import { callNames, defaultLimits, type OwnLimits } from '#lib/core/quota.ts'
import { decideQuota, requestQuota, saveLimits, withdrawQuotaRequest } from '#lib/operations/request-quota.ts'

const path = '/quotas'

export async function askAction(
  _before: FormState<{ id: number }>,
  form: FormData,
): Promise<FormState<{ id: number }>> {
  return runAndReturn(path, (caller) =>
    requestQuota(caller, {
      pool: textOf(form, 'pool') as never,
      wanted: numberOf(form, 'wanted') ?? Number.NaN,
      until: textOf(form, 'until') || null,
      reason: textOf(form, 'reason'),
      peakMbps: numberOf(form, 'peakMbps'),
    }),
  )
}

export async function decideAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const granted = numberOf(form, 'granted')
  return runAndReturn(path, (caller) =>
    decideQuota(caller, {
      id: Number(form.get('id')),
      approve: form.has('approve'),
      note: textOf(form, 'note'),
      ...(granted === null ? {} : { granted }),
    }),
  )
}

export async function withdrawAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runAndReturn(path, (caller) => withdrawQuotaRequest(caller, { id: Number(form.get('id')) }))
}

/** Sets what was written and is not the vendor's number anyway. */
export async function saveLimitsAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const own: Record<string, unknown> = {}
  const manyOf = (kind: keyof OwnLimits, names: readonly string[]) => {
    const written = names.flatMap((name) => {
      const value = numberOf(form, `${kind}.${name}`)
      return value === null ? [] : [[name, value] as const]
    })
    if (written.length > 0) own[kind] = Object.fromEntries(written)
  }
  for (const kind of ['perDay', 'perSubmission', 'perCall', 'perMinute', 'considerFromMbps'] as const)
    manyOf(kind, methods)
  manyOf('callsPerSecond', callNames)
  const single = ['urgentPerMinute', 'queue', 'domainsPerCall', 'warnAtPercent', 'dayOffsetMinutes'] as const
  for (const kind of single) {
    const value = numberOf(form, kind)
    if (value !== null && value !== defaultLimits[kind]) own[kind] = value
  }
  return runAndReturn(path, (caller) => saveLimits(caller, own as OwnLimits))
}
