'use server'

import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import { runForForm } from '#app/action.ts'
import type { FormState } from '#components/form-state.ts'
import { describeProbe, type ProbeAnswer, probeCache } from '#lib/operations/probe-cache.ts'
import { removeCache, saveCache, saveCaches } from '#lib/operations/save-cache.ts'

const path = '/caches'

/** Back to the list; the rail counts what there is, so it is rendered anew too. */
function leave(): never {
  revalidatePath('/', 'layout')
  redirect(path)
}

export async function saveCacheAction(_before: FormState<void>, form: FormData): Promise<FormState<void>> {
  const text = (name: string) => String(form.get(name) ?? '')
  const id = form.get('id')
  const state = await runForForm(path, async (caller) => {
    await saveCache(caller, {
      ...(id ? { id: Number(id) } : {}),
      name: text('name'),
      kind: text('kind') as never,
      address: text('address'),
      tier: text('tier') as never,
      pop: text('pop'),
      secret: text('secret'),
    })
  })
  if (state.is === 'done') leave()
  return state
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
  const state = await runForForm(path, (caller) => removeCache(caller, { id: Number(form.get('id')) }))
  if (state.is === 'done') leave()
  return state
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
