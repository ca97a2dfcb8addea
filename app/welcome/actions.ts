'use server'

import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { refusals } from '#app/action.ts'
import { originOf, signIn } from '#app/session.ts'
import type { FormState } from '#components/form-state.ts'
import { choosePassword } from '#lib/operations/save-user.ts'

/** Uses a link up, signs its user in and leads to a first purge. */
export async function welcomeAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const text = (name: string) => String(form.get(name) ?? '')
  const password = text('password')
  const state = await refusals(async () => {
    const name = await choosePassword({ token: text('token'), password }, originOf(await headers()))
    await signIn(name, password)
  })
  if (state.is === 'done') redirect('/purge')
  return state
}
