'use server'

import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { refusals } from '#app/action.ts'
import { originOf, signIn } from '#app/session.ts'
import type { FormState } from '#components/form-state.ts'
import { setUp } from '#lib/operations/set-up.ts'
import { settings, setupToken } from '#lib/settings.ts'

/** Makes the account and its owner, signs the owner in and leads to a first purge. */
export async function setUpAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const text = (name: string) => String(form.get(name) ?? '')
  const given = {
    token: text('token'),
    account: text('account'),
    owner: text('owner'),
    password: text('password'),
  }
  const state = await refusals(async () => {
    await setUp(given, setupToken(), settings().demo, originOf(await headers()))
    await signIn(given.owner, given.password)
  })
  if (state.is === 'done') redirect('/purge')
  return state
}
