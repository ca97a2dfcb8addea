'use server'

import { runAndReturn } from '#app/action.ts'
import { textOf } from '#app/form-data.ts'
import type { FormState } from '#components/form-state.ts'
import { decideAccess, requestAccess, withdrawAccess } from '#lib/operations/access-requests.ts'

const path = '/access/requests'

function wishOf(form: FormData) {
  return {
    can: textOf(form, 'can') as 'purge',
    domain: textOf(form, 'domain'),
    methods: form.getAll('method').map(String) as 'url'[],
    paths: textOf(form, 'paths').split(/\s+/).filter(Boolean),
  }
}

export async function askAccessAction(
  _before: FormState<{ id: number }>,
  form: FormData,
): Promise<FormState<{ id: number }>> {
  return runAndReturn(path, (caller) =>
    requestAccess(caller, { ...wishOf(form), reason: textOf(form, 'reason') }),
  )
}

export async function decideAccessAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const granted = form.get('grant') === '1' ? wishOf(form) : null
  const given = { id: Number(form.get('id')), granted, note: textOf(form, 'note') }
  return runAndReturn(path, (caller) => decideAccess(caller, given))
}

export async function withdrawAccessAction(
  _before: FormState<void>,
  form: FormData,
): Promise<FormState<void>> {
  return runAndReturn(path, (caller) => withdrawAccess(caller, { id: Number(form.get('id')) }))
}
