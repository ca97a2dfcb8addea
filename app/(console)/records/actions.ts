'use server'

import { runForForm } from '#app/action.ts'
import type { FormState } from '#components/form-state.ts'
import { tryCache } from '#lib/operations/save-cache.ts'

/** Makes a waiting cache be tried now. */
export async function tryNowAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runForForm('/records', (caller) => tryCache(caller, { id: Number(form.get('cacheId')) }))
}
