'use server'

import { runAndReturn } from '#app/action.ts'
import { textOf } from '#app/form-data.ts'
import type { FormState } from '#components/form-state.ts'
import { removePolicy, savePolicy } from '#lib/operations/save-policy.ts'

const path = '/access/policies'

export async function savePolicyAction(
  _before: FormState<{ name: string }>,
  form: FormData,
): Promise<FormState<{ name: string }>> {
  const after = form.get('after')
  const given = {
    name: textOf(form, 'name'),
    text: String(form.get('text') ?? form.get('plain') ?? ''),
    reason: textOf(form, 'reason'),
  }
  const changed = after === null || after === '' ? given : { ...given, after: Number(after) }
  return runAndReturn(`${path}/${given.name}`, (caller) => savePolicy(caller, changed))
}

export async function removePolicyAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runAndReturn(path, (caller) => removePolicy(caller, { name: textOf(form, 'id') }))
}
