'use server'

import { redirect } from 'next/navigation'
import { refusals } from '#app/action.ts'
import { signIn, signOut } from '#app/session.ts'
import type { FormState } from '#components/form-state.ts'

/** Signs in and goes on to where the person wanted to be; only to a page of this console. */
export async function signInAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const next = String(form.get('next') ?? '')
  const state = await refusals(() =>
    signIn(String(form.get('name') ?? ''), String(form.get('password') ?? '')),
  )
  if (state.is === 'done') redirect(ownPath(next))
  return state
}

/** The path of an address of this console; any other leads to Overview. */
function ownPath(next: string): string {
  if (!URL.canParse(next, 'http://console')) return '/'
  const { origin, pathname, search } = new URL(next, 'http://console')
  // A path of two slashes would be a host to the browser.
  return origin === 'http://console' && !pathname.startsWith('//') ? pathname + search : '/'
}

export async function signOutAction(): Promise<void> {
  await signOut()
  redirect('/sign-in')
}
