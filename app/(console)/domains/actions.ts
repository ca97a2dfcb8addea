'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { runForForm } from '#app/action.ts'
import type { FormState } from '#components/form-state.ts'
import { removeDomain, saveDomain, saveDomains } from '#lib/operations/save-domain.ts'
import { removeDemo } from '#lib/operations/set-up.ts'

const path = '/domains'

/** Back to the list; the rail counts what there is, so it is rendered anew too. */
function leave(): never {
  revalidatePath('/', 'layout')
  redirect(path)
}

const cacheIds = (form: FormData) => form.getAll('cache').map(Number)

export async function saveDomainAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const text = (name: string) => String(form.get(name) ?? '')
  const id = form.get('id')
  const state = await runForForm(path, async (caller) => {
    const given = { name: text('name'), origin: text('origin'), cacheIds: cacheIds(form) }
    await saveDomain(caller, id ? { ...given, id: Number(id) } : given)
  })
  if (state.is === 'done') leave()
  return state
}

export async function saveDomainsAction(
  _before: FormState<number>,
  form: FormData,
): Promise<FormState<number>> {
  const given = { text: String(form.get('text') ?? ''), cacheIds: cacheIds(form) }
  const state = await runForForm(path, (caller) => saveDomains(caller, given))
  if (state.is === 'done') revalidatePath('/', 'layout')
  return state
}

export async function removeDomainAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const state = await runForForm(path, (caller) => removeDomain(caller, { id: Number(form.get('id')) }))
  if (state.is === 'done') leave()
  return state
}

/** Removes the demo's domain and its caches. */
export async function removeDemoAction(): Promise<void> {
  await runForForm(path, (caller) => removeDemo(caller, {}))
  leave()
}
