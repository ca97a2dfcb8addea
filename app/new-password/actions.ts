'use server'

import { redirect } from 'next/navigation'
import { refusals } from '#app/action.ts'
import { signedIn } from '#app/session.ts'
import { ownPath } from '#app/sign-in/own-path.ts'
import type { FormState } from '#components/form-state.ts'
import { changePassword } from '#lib/operations/own-sign-in.ts'

/** Changes the password of whoever has to, and goes on to where they wanted to be. */
export async function newPasswordAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const next = String(form.get('next') ?? '')
  const caller = await signedIn()
  if (!caller) redirect(`/sign-in?next=${encodeURIComponent(next)}`)
  const given = { present: String(form.get('present') ?? ''), password: String(form.get('password') ?? '') }
  const state = await refusals(() => changePassword(caller, given))
  if (state.is === 'done') redirect(ownPath(next))
  return state
}
