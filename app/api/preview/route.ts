import { currentCaller } from '#app/session.ts'
import { Fault } from '#lib/core/fault.ts'
import { previewSubmission } from '#lib/operations/preview-submission.ts'

/** What is known of what a submission would reach. A question, though its text is too long for an address. */
export async function POST(request: Request): Promise<Response> {
  const caller = await currentCaller()
  if (!caller) return Response.json({ code: 'SignInFailed', message: 'Sign in again.' }, { status: 401 })
  try {
    return Response.json(await previewSubmission(caller, await request.json()))
  } catch (error) {
    if (error instanceof SyntaxError) return Response.json({ message: 'This is no JSON.' }, { status: 400 })
    if (!(error instanceof Fault)) throw error
    const { code, message, details, status } = error
    return Response.json({ code, message, details }, { status })
  }
}
