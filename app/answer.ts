import type { Caller } from '#lib/core/caller.ts'
import { Fault } from '#lib/core/fault.ts'
import { currentCaller, signedIn } from './session.ts'

/** Answers a read of a page: with a response or with JSON, with 401 without a session, with a fault's status. */
export async function answer(work: (caller: Caller) => Promise<unknown>): Promise<Response> {
  const response = await attempt(work)
  response.headers.set('cache-control', 'no-store, no-transform')
  return response
}

/** Who is calling, or the refusal of everybody else: 401 without a session, 403 until a new password is chosen. */
export async function callerOrRefusal(): Promise<Caller | Response> {
  const caller = await currentCaller()
  if (caller) return caller
  if (await signedIn()) return refuse(new Fault('PasswordChangeNeeded'))
  return Response.json({ code: 'SignInFailed', message: 'Sign in again.' }, { status: 401 })
}

const refuse = ({ code, message, details, status }: Fault) =>
  Response.json({ code, message, details }, { status })

async function attempt(work: (caller: Caller) => Promise<unknown>): Promise<Response> {
  const caller = await callerOrRefusal()
  if (caller instanceof Response) return caller
  try {
    const given = await work(caller)
    return given instanceof Response ? given : Response.json(given)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return refuse(error)
  }
}
