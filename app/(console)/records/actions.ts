'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { runAndReturn, runForForm } from '#app/action.ts'
import { numberOf, textOf } from '#app/form-data.ts'
import type { FormState } from '#components/form-state.ts'
import { retryLines } from '#lib/operations/retry-lines.ts'
import { tryCache } from '#lib/operations/save-cache.ts'
import { saveRetention } from '#lib/operations/save-retention.ts'
import { removeView, saveView } from '#lib/operations/saved-views.ts'

const path = '/records'

/** Makes a waiting cache be tried now. */
export async function tryNowAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runForForm(path, (caller) => tryCache(caller, { id: Number(form.get('cacheId')) }))
}

/** Submits what failed once more, and leads to the new submission. */
export async function retryAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const given = { taskId: textOf(form, 'taskId'), key: textOf(form, 'key') }
  const state = await runForForm(path, (caller) => retryLines(caller, given))
  if (state.is === 'done') redirect(`/purge?submission=${state.answer.submissionId}`)
  return state.is === 'refused' ? state : { is: 'idle' }
}

export async function saveViewAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const given = { name: textOf(form, 'name'), query: textOf(form, 'query') }
  const state = await runForForm(path, (caller) => saveView(caller, given))
  if (state.is === 'done') revalidatePath(path)
  return state
}

export async function removeViewAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const state = await runForForm(path, (caller) => removeView(caller, { id: Number(form.get('id')) }))
  if (state.is === 'done') revalidatePath(path)
  return state
}

export async function saveRetentionAction(
  _before: FormState<void>,
  form: FormData,
): Promise<FormState<void>> {
  const days = numberOf(form, 'days') ?? Number.NaN
  return runAndReturn(path, (caller) => saveRetention(caller, { days }))
}
