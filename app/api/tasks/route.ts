import { currentCaller } from '#app/session.ts'
import { Fault } from '#lib/core/fault.ts'
import { describeRefreshTasks, listLines } from '#lib/operations/describe-refresh-tasks.ts'

/**
 * Reads that a page repeats: tasks (`before`, `limit`; `ids`; `submission`), or the lines of one
 * (`lines` with `from`, `contains`).
 */
export async function GET(request: Request): Promise<Response> {
  const answer = await read(request)
  answer.headers.set('cache-control', 'no-store')
  return answer
}

async function read(request: Request): Promise<Response> {
  const caller = await currentCaller()
  if (!caller) return Response.json({ code: 'SignInFailed', message: 'Sign in again.' }, { status: 401 })
  const query = new URL(request.url).searchParams
  const text = (name: string) => query.get(name) ?? undefined
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined)
  try {
    const lines = text('lines')
    if (lines !== undefined) {
      const page = { taskId: lines, from: number('from'), limit: number('limit'), contains: text('contains') }
      return Response.json(await listLines(caller, page))
    }
    const submissionId = text('submission')
    if (submissionId !== undefined) return Response.json(await describeRefreshTasks(caller, { submissionId }))
    const ids = text('ids')
    if (ids !== undefined) return Response.json(await describeRefreshTasks(caller, { ids: ids.split(',') }))
    return Response.json(
      await describeRefreshTasks(caller, { before: text('before'), limit: number('limit') }),
    )
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { code, message, details, status } = error
    return Response.json({ code, message, details }, { status })
  }
}
