import { answer } from '#app/answer.ts'
import { describeRefreshTasks, listLines } from '#lib/operations/describe-refresh-tasks.ts'
import { recentLines } from '#lib/operations/recent-lines.ts'

/**
 * Reads that a page repeats: tasks (`ids`; `submission`), lines of one (`lines` with `from`, `contains`), or
 * recent lines of some domains (`recent`).
 */
export function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  const text = (name: string) => query.get(name) ?? undefined
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined)
  return answer(async (caller) => {
    const lines = text('lines')
    if (lines !== undefined) {
      const page = { taskId: lines, from: number('from'), limit: number('limit'), contains: text('contains') }
      return listLines(caller, page)
    }
    const recent = text('recent')
    if (recent !== undefined) return recentLines(caller, { domains: recent.split(' ') })
    const submissionId = text('submission')
    if (submissionId !== undefined) return describeRefreshTasks(caller, { submissionId })
    return describeRefreshTasks(caller, { ids: (text('ids') ?? '').split(',').filter(Boolean) })
  })
}
