'use server'

import { redirect } from 'next/navigation'
import { runForForm } from '#app/action.ts'
import type { FormState } from '#components/form-state.ts'
import { countLines, maxLines, parseSubmission } from '#lib/core/submission.ts'
import { refreshObjectCaches } from '#lib/operations/refresh-object-caches.ts'
import { listDomains } from '#lib/operations/save-domain.ts'

/** `given` comes back so that a page without script can show the lines again, or those it kept. */
export type PurgeState = FormState<{ submissionId: string; kept: string }> & { given?: string }

/** Submits a purge. Without script, `keep` submits the lines that are ready and returns the others. */
export async function purgeAction(_before: PurgeState, form: FormData): Promise<PurgeState> {
  const text = String(form.get('text') ?? '')
  const state = await runForForm('/purge', async (caller) => {
    const { ready, kept } =
      form.has('keep') && countLines(text) <= maxLines
        ? await split(text, await listDomains(caller, {}))
        : { ready: text, kept: '' }
    const { submissionId } = await refreshObjectCaches(caller, {
      text: ready,
      kind: 'url',
      mode: 'hard',
      note: String(form.get('note') ?? ''),
      key: String(form.get('key') ?? ''),
    })
    return { submissionId, kept }
  })
  if (state.is === 'done' && !form.has('script') && state.answer.kept === '') {
    redirect(`/purge?submission=${state.answer.submissionId}`)
  }
  if (state.is === 'refused')
    return state.code === 'SingleRequest.OverLimit' ? state : { ...state, given: text }
  return state.is === 'done' ? { ...state, given: state.answer.kept } : state
}

async function split(text: string, domains: { name: string }[]): Promise<{ ready: string; kept: string }> {
  const { lines, problems } = parseSubmission(text, new Set(domains.map((domain) => domain.name)))
  return {
    ready: lines.map((line) => line.text).join('\n'),
    kept: problems.map((problem) => problem.given).join('\n'),
  }
}
