'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { runForForm } from '#app/action.ts'
import type { FormState } from '#components/form-state.ts'
import { methods } from '#lib/core/line.ts'
import { defaultLimits, type OwnLimits } from '#lib/core/quota.ts'
import { decideQuota, requestQuota, saveLimits, withdrawQuotaRequest } from '#lib/operations/request-quota.ts'

const path = '/quotas'

const text = (form: FormData, name: string) => String(form.get(name) ?? '').trim()

/** The number in a field, or undefined where it is empty; what is no number is refused by the operation. */
function number(form: FormData, name: string): number | undefined {
  const given = text(form, name)
  return given === '' ? undefined : Number(given)
}

/** Once it is done, back to the page as it is now. */
function leave(state: FormState<unknown>): void {
  if (state.is !== 'done') return
  revalidatePath(path)
  redirect(path)
}

export async function askAction(
  _before: FormState<{ id: number }>,
  form: FormData,
): Promise<FormState<{ id: number }>> {
  const state = await runForForm(path, (caller) =>
    requestQuota(caller, {
      pool: text(form, 'pool') as never,
      wanted: number(form, 'wanted') ?? Number.NaN,
      until: text(form, 'until') || null,
      reason: text(form, 'reason'),
      peakMbps: number(form, 'peakMbps') ?? null,
    }),
  )
  leave(state)
  return state
}

export async function decideAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const granted = number(form, 'granted')
  const state = await runForForm(path, (caller) =>
    decideQuota(caller, {
      id: Number(form.get('id')),
      approve: form.has('approve'),
      note: text(form, 'note'),
      ...(granted === undefined ? {} : { granted }),
    }),
  )
  leave(state)
  return state
}

export async function withdrawAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const state = await runForForm(path, (caller) =>
    withdrawQuotaRequest(caller, { id: Number(form.get('id')) }),
  )
  leave(state)
  return state
}

/** Sets what was written and is not the vendor's number anyway. */
export async function saveLimitsAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const own: Record<string, unknown> = {}
  for (const kind of ['perDay', 'perSubmission', 'perMinute', 'considerFromMbps'] as const) {
    const written = methods.flatMap((pool) => {
      const value = number(form, `${kind}.${pool}`)
      return value === undefined ? [] : [[pool, value] as const]
    })
    if (written.length > 0) own[kind] = Object.fromEntries(written)
  }
  for (const kind of ['urgentPerMinute', 'queue', 'warnAtPercent', 'dayOffsetMinutes'] as const) {
    const value = number(form, kind)
    if (value !== undefined && value !== defaultLimits[kind]) own[kind] = value
  }
  const state = await runForForm(path, (caller) => saveLimits(caller, own as OwnLimits))
  leave(state)
  return state
}
