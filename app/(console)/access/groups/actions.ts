'use server'

import { runAndReturn } from '#app/action.ts'
import { textOf } from '#app/form-data.ts'
import type { FormState } from '#components/form-state.ts'
import { removeGroup, saveGroup } from '#lib/operations/save-group.ts'

const path = '/access/groups'

export async function saveGroupAction(
  _before: FormState<{ id: number }>,
  form: FormData,
): Promise<FormState<{ id: number }>> {
  const id = form.get('id')
  const given = { name: textOf(form, 'name'), userIds: form.getAll('user').map(Number) }
  return runAndReturn(path, (caller) => saveGroup(caller, id === null ? given : { ...given, id: Number(id) }))
}

export async function removeGroupAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runAndReturn(path, (caller) => removeGroup(caller, { id: Number(form.get('id')) }))
}
