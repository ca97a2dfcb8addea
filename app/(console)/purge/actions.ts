'use server'

import { redirect } from 'next/navigation'
import { runForForm } from '#app/action.ts'
import type { FormState } from '#components/form-state.ts'
import { type Mode, modes } from '#lib/core/command.ts'
import { type Method, methods } from '#lib/core/line.ts'
import { tidyPasted } from '#lib/core/paste.ts'
import { defaultMode } from '#lib/core/plan.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { preloadObjectCaches } from '#lib/operations/preload-object-caches.ts'
import { readLinesOf } from '#lib/operations/read-lines.ts'
import { refreshObjectCaches } from '#lib/operations/refresh-object-caches.ts'

/** `given` comes back so that a page without script can show the lines again, or those it kept. */
export type PurgeState = FormState<{ submissionId: string; kept: string }> & { given?: string }

/** The most that a page without script is given back, characters. */
const mostGiven = 1_000_000

/** Submits a purge or a prefetch. Without script, `keep` submits the lines that are ready and returns the others. */
export async function submitAction(_before: PurgeState, form: FormData): Promise<PurgeState> {
  const isScripted = form.has('script')
  const written = String(form.get('text') ?? '')
  const method = methodOf(form)
  const tagDomain = String(form.get('tagDomain') ?? '') || undefined
  let text = written
  const state = await runForForm('/purge', async (caller) => {
    // Not before: nobody who may not submit has megabytes read.
    const action = method === 'prefetch' ? preloadObjectCaches.action : refreshObjectCaches.action
    if (!isScripted && method !== 'tag' && mayAnywhere(caller, action)) text = tidyPasted(written)
    const { ready, kept } = form.has('keep')
      ? await readLinesOf(caller, { text, method, tagDomain })
      : { ready: text, kept: '' }
    const common = { text: ready, note: String(form.get('note') ?? ''), key: String(form.get('key') ?? '') }
    if (method === 'prefetch') {
      const headers = String(form.get('headers') ?? '')
      const { submissionId } = await preloadObjectCaches(caller, { ...common, headers })
      return { submissionId, kept }
    }
    const { submissionId } = await refreshObjectCaches(caller, {
      ...common,
      method,
      mode: modeOf(form, method),
      tagDomain,
      forbidden: form.has('forbidden'),
      thenPrefetch: form.has('thenPrefetch'),
      confirmed: form.getAll('confirmed').map((host) => String(host).trim().toLowerCase()),
    })
    return { submissionId, kept }
  })
  if (isScripted) return state
  if (state.is === 'done' && state.answer.kept === '')
    redirect(`/purge?submission=${state.answer.submissionId}`)
  const given = state.is === 'done' ? state.answer.kept : text
  // A page of megabytes would hold everybody up; the browser goes back to what was written.
  return given.length > mostGiven ? state : { ...state, given }
}

/** Without script the method of the other operation may still be marked. */
function methodOf(form: FormData): Method {
  const given = methods.find((one) => one === form.get('method')) ?? 'url'
  const operation = form.get('operation') ?? (given === 'prefetch' ? 'prefetch' : 'purge')
  if (operation === 'prefetch') return 'prefetch'
  return given === 'prefetch' ? 'url' : given
}

/** Without script a mode that was marked for another method says nothing about this one. */
function modeOf(form: FormData, method: Method): Mode {
  const given = modes.find((one) => one === form.get('mode'))
  const shown = methods.find((one) => one === form.get('shownMethod')) ?? method
  const wasLeftAlone = !form.has('script') && shown !== method && given === defaultMode(shown)
  return given === undefined || wasLeftAlone ? defaultMode(method) : given
}
