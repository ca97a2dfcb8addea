'use server'

import { revalidatePath } from 'next/cache'
import { headers } from 'next/headers'
import { runAndReturn, runForForm } from '#app/action.ts'
import { backOf } from '#app/form-data.ts'
import type { FormState } from '#components/form-state.ts'
import type { Caller } from '#lib/core/caller.ts'
import { attachPolicies, grantAccess } from '#lib/operations/save-policy.ts'
import { addUser, disableUser, type Invitation, inviteAgain } from '#lib/operations/save-user.ts'
import { settings } from '#lib/settings.ts'

const path = '/access'

/** What is shown once, for somebody to send on. */
export type UserLink = { name: string; url: string; expiresAt: string }

const idOf = (form: FormData) => Number(form.get('id'))
const policyOf = (form: FormData) => String(form.get('policy') ?? '')

/** The address that this browser has of the console; the door believes proxies only where it may. */
async function consoleAddress(): Promise<string> {
  const sent = await headers()
  const scheme = sent.get('x-forwarded-proto')?.split(',')[0] ?? 'http'
  const host = sent.get('x-forwarded-host') ?? sent.get('host')
  return settings().publicUrl ?? `${scheme}://${host}`
}

async function makeLink(invite: (caller: Caller) => Promise<Invitation>): Promise<FormState<UserLink>> {
  const state = await runForForm(path, async (caller) => {
    const { name, token, expiresAt } = await invite(caller)
    return { name, url: `${await consoleAddress()}/welcome?token=${token}`, expiresAt }
  })
  if (state.is === 'done') revalidatePath(path)
  return state
}

export async function addUserAction(
  _before: FormState<UserLink>,
  form: FormData,
): Promise<FormState<UserLink>> {
  const given = { name: String(form.get('name') ?? ''), policy: policyOf(form) }
  return makeLink((caller) => addUser(caller, given))
}

export async function newLinkAction(
  _before: FormState<UserLink>,
  form: FormData,
): Promise<FormState<UserLink>> {
  return makeLink((caller) => inviteAgain(caller, { id: idOf(form) }))
}

const holderOf = (form: FormData) => {
  const is = form.get('is') === 'group' ? ('group' as const) : ('user' as const)
  return { holder: { is, id: idOf(form) }, back: backOf(form, is === 'group' ? `${path}/groups` : path) }
}

export async function holdAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const { holder, back } = holderOf(form)
  const policies = form.getAll('policy').map(String)
  return runAndReturn(back, (caller) => attachPolicies(caller, { holder, policies }))
}

export async function grantAction(
  _before: FormState<{ name: string }>,
  form: FormData,
): Promise<FormState<{ name: string }>> {
  const { holder, back } = holderOf(form)
  const [domains, can] = [form.getAll('domain').map(String), form.getAll('can').map(String) as 'see'[]]
  return runAndReturn(back, (caller) => grantAccess(caller, { holder, domains, can }))
}

export async function disableUserAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runAndReturn(backOf(form, path), (caller) => disableUser(caller, { id: idOf(form), disabled: true }))
}

export async function enableUserAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runAndReturn(backOf(form, path), (caller) =>
    disableUser(caller, { id: idOf(form), disabled: false }),
  )
}
