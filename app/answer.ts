import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { currentCaller } from './session.ts'

/** Answers a read of a page: with a response or with JSON, with 401 without a session, with a fault's status. */
export async function answer(work: (caller: Caller) => Promise<unknown>): Promise<Response> {
  const response = await attempt(work)
  response.headers.set('cache-control', 'no-store, no-transform')
  return response
}

async function attempt(work: (caller: Caller) => Promise<unknown>): Promise<Response> {
  const caller = await currentCaller()
  if (!caller) return Response.json({ code: 'SignInFailed', message: 'Sign in again.' }, { status: 401 })
  try {
    const given = await work(caller)
    return given instanceof Response ? given : Response.json(given)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { code, message, details, status } = error
    return Response.json({ code, message, details }, { status })
  }
}
