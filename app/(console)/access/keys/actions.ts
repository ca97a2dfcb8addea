'use server'

import { revalidatePath } from 'next/cache'
import { runAndReturn, runForForm } from '#app/action.ts'
import { backOf, textOf } from '#app/form-data.ts'
import type { FormState } from '#components/form-state.ts'
import {
  changeAccessKey,
  createAccessKey,
  deleteAccessKey,
  type NewAccessKey,
} from '#lib/operations/access-keys.ts'

const path = '/access/keys'

export async function createKeyAction(
  _before: FormState<NewAccessKey>,
  form: FormData,
): Promise<FormState<NewAccessKey>> {
  const state = await runForForm(path, (caller) =>
    createAccessKey(caller, { userId: Number(form.get('user')) }),
  )
  if (state.is === 'done') revalidatePath(path)
  return state
}

export async function changeKeyAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const day = textOf(form, 'expires')
  const given = {
    id: textOf(form, 'id'),
    enabled: form.get('enabled') === '1',
    networks: textOf(form, 'networks')
      .split(/[\s,]+/)
      .filter(Boolean),
    // The key works until the end of that day, in UTC.
    expiresAt: day === '' ? null : `${day}T23:59:59Z`,
  }
  return runAndReturn(backOf(form, path), (caller) => changeAccessKey(caller, given))
}

export async function deleteKeyAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runAndReturn(backOf(form, path), (caller) => deleteAccessKey(caller, { id: textOf(form, 'id') }))
}
