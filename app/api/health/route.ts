import { isSetUpOpen } from '#lib/operations/set-up.ts'

/** Whether this console can serve: it reaches its database. */
export async function GET(): Promise<Response> {
  try {
    await isSetUpOpen()
    return Response.json({ ok: true })
  } catch {
    return Response.json({ ok: false, problem: 'The database cannot be reached.' }, { status: 503 })
  }
}
