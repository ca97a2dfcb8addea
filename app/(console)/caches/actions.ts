'use server'

import { revalidatePath } from 'next/cache'
import { runAndReturn, runForForm } from '#app/action.ts'
import { numberOf, textOf } from '#app/form-data.ts'
import type { FormState } from '#components/form-state.ts'
import { describeProbe, type ProbeAnswer, probeCache } from '#lib/operations/probe-cache.ts'
import { removeCache, saveCache, saveCaches } from '#lib/operations/save-cache.ts'

const path = '/caches'

export async function saveCacheAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const id = numberOf(form, 'id')
  return runAndReturn(path, async (caller) => {
    await saveCache(caller, {
      ...(id === null ? {} : { id }),
      name: textOf(form, 'name'),
      kind: textOf(form, 'kind') as never,
      address: textOf(form, 'address'),
      tier: textOf(form, 'tier') as never,
      pop: textOf(form, 'pop'),
      secret: String(form.get('secret') ?? ''),
    })
  })
}

export async function saveCachesAction(
  _before: FormState<number>,
  form: FormData,
): Promise<FormState<number>> {
  const state = await runForForm(path, (caller) =>
    saveCaches(caller, { text: String(form.get('text') ?? '') }),
  )
  if (state.is === 'done') revalidatePath('/', 'layout')
  return state
}

export async function removeCacheAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  return runAndReturn(path, (caller) => removeCache(caller, { id: Number(form.get('id')) }))
}

const waits = [100, 100, 200, 300, 500, 800, 1000, 1000, 1000, 1000]

/** Asks a worker to test a cache and waits up to six seconds for its answer; null is no answer. */
export async function testAction(
  _before: FormState<ProbeAnswer | null>,
  form: FormData,
): Promise<FormState<ProbeAnswer | null>> {
  return runForForm(path, async (caller) => {
    const { probeId } = await probeCache(caller, { id: Number(form.get('id')) })
    for (const ms of waits) {
      await new Promise((resolve) => setTimeout(resolve, ms))
      const answer = await describeProbe(caller, { probeId })
      if (answer) return answer
    }
    return null
  })
}
