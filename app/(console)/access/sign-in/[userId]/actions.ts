'use server'

import { runAndReturn } from '#app/action.ts'
import type { FormState } from '#components/form-state.ts'
import { askNewPassword, endSession, setSignIn } from '#lib/operations/user-sign-in.ts'

const idOf = (form: FormData) => Number(form.get('id'))
const pathOf = (form: FormData) => `/access/sign-in/${idOf(form)}`

/** Ends the session that the form names, or all of the user's. */
export async function endSessionAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const session = form.get('session')
  const given = { id: idOf(form), ...(session ? { session: String(session) } : {}) }
  return runAndReturn(pathOf(form), (caller) => endSession(caller, given))
}

export async function setSignInAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const given = { id: idOf(form), signIn: form.get('signIn') === 'on' }
  return runAndReturn(pathOf(form), (caller) => setSignIn(caller, given))
}

export async function askNewPasswordAction(
  _before: FormState<void>,
  form: FormData,
): Promise<FormState<void>> {
  const given = { id: idOf(form), mustChange: form.get('mustChange') === 'yes' }
  return runAndReturn(pathOf(form), (caller) => askNewPassword(caller, given))
}
