import { answer } from '#app/answer.ts'
import { previewSubmission } from '#lib/operations/preview-submission.ts'

/** What is known of what a submission would reach. A question, though its text is too long for an address. */
export function POST(request: Request): Promise<Response> {
  return answer(async (caller) => {
    const given = await request.json().catch(() => undefined)
    if (given === undefined) return Response.json({ message: 'This is no JSON.' }, { status: 400 })
    return previewSubmission(caller, given)
  })
}
