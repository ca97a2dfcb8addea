'use server'

import { redirect } from 'next/navigation'
import { refusals } from '#app/action.ts'
import { signIn, signOut } from '#app/session.ts'
import type { FormState } from '#components/form-state.ts'
import { ownPath } from './own-path.ts'

/** Signs in and goes on to where the person wanted to be; only to a page of this console. */
export async function signInAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const next = String(form.get('next') ?? '')
  const state = await refusals(() =>
    signIn(String(form.get('name') ?? ''), String(form.get('password') ?? '')),
  )
  if (state.is === 'done') redirect(ownPath(next))
  return state
}

export async function signOutAction(): Promise<void> {
  await signOut()
  redirect('/sign-in')
}
