'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { refusals } from '#app/action.ts'
import { requireCaller } from '#app/session.ts'
import type { FormState } from '#components/form-state.ts'
import { changePassword, endOwnSession } from '#lib/operations/own-sign-in.ts'

const path = '/you'

export async function changePasswordAction(
  _before: FormState<void>,
  form: FormData,
): Promise<FormState<void>> {
  const caller = await requireCaller(path)
  const given = { present: String(form.get('present') ?? ''), password: String(form.get('password') ?? '') }
  const state = await refusals(() => changePassword(caller, given))
  if (state.is === 'done') revalidatePath(path)
  return state
}

/** Ends the session that the form names, or all others. */
export async function endOwnSessionAction(
  _before: FormState<void>,
  form: FormData,
): Promise<FormState<void>> {
  const caller = await requireCaller(path)
  const session = form.get('session')
  const state = await refusals(() => endOwnSession(caller, session ? { session: String(session) } : {}))
  if (state.is !== 'done') return state
  revalidatePath(path)
  redirect(path)
}
