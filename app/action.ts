import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'
import type { FormState } from '#components/form-state.ts'
import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { requireCaller } from './session.ts'

/**
 * Runs an operation for a form. A fault becomes form state, because one that is thrown would reach
 * the browser as a bare 500; anything else thrown is a bug and stays one.
 *
 * @param path where to return to after signing in, when the session has ended meanwhile
 */
export async function runForForm<Answer>(
  path: string,
  work: (caller: Caller) => Promise<Answer>,
): Promise<FormState<Answer>> {
  const caller = await requireCaller(path)
  return refusals(() => work(caller))
}

/** The same, and then back to the page as it is now. The rail counts what there is, so all is rendered anew. */
export async function runAndReturn<Answer>(
  path: string,
  work: (caller: Caller) => Promise<Answer>,
): Promise<FormState<Answer>> {
  const state = await runForForm(path, work)
  if (state.is !== 'done') return state
  revalidatePath('/', 'layout')
  redirect(path)
}

/** Runs without a caller, for signing in and for the first set-up. */
export async function refusals<Answer>(work: () => Promise<Answer>): Promise<FormState<Answer>> {
  try {
    return { is: 'done', answer: await work() }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { code, message, details } = error
    return { is: 'refused', code, message, details }
  }
}
